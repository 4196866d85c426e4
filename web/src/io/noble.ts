/** The chunk that only old browsers and plain-http pages load: noble's curve and hashes. */
import { Point } from '@noble/ed25519';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';

const L = Point.CURVE().n;

function littleEndian(bytes: Uint8Array): bigint {
  let number = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) number = (number << 8n) | BigInt(bytes[i] as number);
  return number;
}

/**
 * The equation without the cofactor, R compared as bytes: what OpenSSL, BoringSSL and NSS compute.
 *
 * noble's own `verify` multiplies by the cofactor and so believes a few signatures (by a dishonest key) that WebCrypto
 * refuses; two viewers of one stream must never differ. Encodings were judged before (protocol/ed25519).
 */
export async function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const r = signature.subarray(0, 32);
  const challenge = sha512.create().update(r).update(publicKey).update(message).digest();
  const key = Point.fromBytes(publicKey);
  const sB = Point.BASE.multiply(littleEndian(signature.subarray(32)), false);
  const expected = sB.subtract(key.multiply(littleEndian(challenge) % L, false)).toBytes();
  return expected.every((byte, i) => byte === r[i]);
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return nobleSha256(bytes);
}
