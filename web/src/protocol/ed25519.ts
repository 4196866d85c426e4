/**
 * Which Ed25519 encodings are ever handed to an implementation (spec/trust.md, T3).
 *
 * Implementations differ on the odd corners of the curve: keys of small order, y not below p, S not below L. Each of
 * them is refused here, by bytes alone, so that the answer is the same whatever stands behind `Crypto`.
 */

/** p = 2^255 - 19, L = 2^252 + 277423…493 (the order of the base point), both as 32 bytes, big end first. */
const P = '7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed';
const L = '1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed';

/** y of the eight points whose order divides 8, big end first, without the sign of x. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000001',
  '7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826',
  '7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7',
]);

const reversedHex = (bytes: Uint8Array): string => {
  let hex = '';
  for (let i = bytes.length - 1; i >= 0; i -= 1) hex += (bytes[i] as number).toString(16).padStart(2, '0');
  return hex;
};

/** 32 bytes, y below p, and not of small order. Hex of one length compares as the numbers do. */
function isSoundPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const y = bytes.slice();
  y[31] = (y[31] as number) & 0x7f;
  const hex = reversedHex(y);
  return hex < P && !SMALL_ORDER_Y.has(hex);
}

/** May these 32 bytes ever be believed as a public key? */
export const isSoundPublicKey = (key: Uint8Array): boolean => isSoundPoint(key);

/** Is this signature written in the one way that a signer writes it: 64 bytes, R sound, S below L? */
export const isSoundSignature = (signature: Uint8Array): boolean =>
  signature.length === 64 && isSoundPoint(signature.subarray(0, 32)) && reversedHex(signature.subarray(32)) < L;
