/** Verifying signatures over bytes with a purpose in front (spec/documents.md, D14 to D17). Signing is Python's alone. */
import type { Crypto } from './crypto';
import { isSoundPublicKey, isSoundSignature } from './ed25519';
import { HumaError, badSignature, malformed } from './errors';
import { fromHex, isDigest } from './names';
import { encodeUtf8 } from './strictjson';

export type Purpose = 'live' | 'chapter' | 'checkpoint' | 'revoke' | 'packet';

/** A key that may sign live playlists and chapters, as event.json lists it. */
export interface LiveKey {
  readonly keyid: string;
  readonly public: Uint8Array;
  readonly rank: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** 32 bytes that every verifier judges alike, from 64 lower-case hexadecimal digits. */
export function parsePublicKey(hex: string): Uint8Array {
  const raw = isDigest(hex) ? fromHex(hex) : new Uint8Array(0);
  if (!isSoundPublicKey(raw)) throw new HumaError('bad-key', 'not an Ed25519 public key that we accept');
  return raw;
}

/** What is signed: the purpose, a zero byte, the data. */
export function signedBytes(purpose: Purpose, data: Uint8Array): Uint8Array {
  const front = encodeUtf8(`huma/1 ${purpose}\0`);
  const all = new Uint8Array(front.length + data.length);
  all.set(front);
  all.set(data, front.length);
  return all;
}

/** Returns `data` unchanged, or throws. */
export async function verify(
  purpose: Purpose, data: Uint8Array, signature: Uint8Array, publicKey: Uint8Array, crypto: Crypto,
): Promise<Uint8Array> {
  if (!isSoundSignature(signature)) throw badSignature('the signature is not in its one accepted form');
  if (!(await crypto.verifyEd25519(publicKey, signedBytes(purpose, data), signature))) {
    throw badSignature(`not signed for ${purpose} by that key`);
  }
  return data;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The 64 bytes behind 86 characters of base64url; any other spelling of the same bytes is refused. */
export function parseSignature(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]{85}[AQgw]$/.test(text)) throw malformed('a signature is 86 characters of base64url');
  const signature = new Uint8Array(64);
  let at = 0;
  let bits = 0;
  let buffer = 0;
  for (const letter of text) {
    buffer = ((buffer << 6) | BASE64URL.indexOf(letter)) & 0x3fff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      signature[at] = (buffer >> bits) & 0xff;
      at += 1;
    }
  }
  return signature;
}
