/** Names: digests, event ids, key ids, and the paths that a mirror can carry (spec/documents.md, D1 to D9). Twin of names.py. */
import type { Crypto } from './crypto';
import { digestMismatch, malformed } from './errors';
import { MAX_INTEGER } from './limits';

export type MediaExt = 'm4s' | 'mp4' | 'vtt';

/** One media file, named by its digest; `path` is where it stands on every mirror. */
export interface MediaRef {
  readonly digest: string;
  readonly ext: MediaExt;
  readonly path: string;
}

export const TARGET_NAMES = [
  'event.json', 'roster.json', 'steering.json', 'index.m3u8', 'index-slow.m3u8', 'player.html',
] as const;

const NUMBER = '(?:0|[1-9][0-9]{0,15})';
const RENDITION = '[a-z0-9][a-z0-9-]{0,31}';
const DIGEST = '[0-9a-f]{64}';
const exactly = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);

const INTEGER_RE = exactly(NUMBER);
const DIGEST_RE = exactly(DIGEST);
const KEYID_RE = exactly('[0-9a-f]{16}');
const EVENT_ID_RE = exactly('[a-z2-7]{52}');
const RENDITION_RE = exactly(RENDITION);
const MEDIA_URI_RE = exactly(`((?:\\.\\./)*)media/(${DIGEST})\\.(m4s|mp4|vtt)`);
const PATH_RE = exactly(
  [
    `media/${DIGEST}\\.(?:m4s|mp4|vtt)`,
    `live/(?:${RENDITION}\\.m3u8|revoked\\.json)`,
    `archive/${RENDITION}/${NUMBER}-${NUMBER}\\.m3u8`,
    `archive/checkpoint-${NUMBER}\\.json`,
    `trust/(?:${NUMBER}\\.(?:root|snapshot|targets|roster|steering)|timestamp|boot)\\.json`,
    `targets/${DIGEST}\\.(?:${TARGET_NAMES.map((name) => name.replace('.', '\\.')).join('|')})`,
    'index(?:-slow)?\\.m3u8',
  ].join('|'),
);

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export const isDigest = (text: string): boolean => DIGEST_RE.test(text);
export const isKeyid = (text: string): boolean => KEYID_RE.test(text);
export const isRenditionName = (text: string): boolean => RENDITION_RE.test(text);

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** The bytes behind lower-case hexadecimal of any even length. */
export function fromHex(hex: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex)) throw malformed('not lower-case hexadecimal');
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export async function sha256Hex(data: Uint8Array, crypto: Crypto): Promise<string> {
  return toHex(await crypto.sha256(data));
}

/** Returns `data` unchanged, or throws if it is not the file named `digest`. */
export async function verifyDigest(data: Uint8Array, digest: string, crypto: Crypto): Promise<Uint8Array> {
  const found = await sha256Hex(data, crypto);
  if (found !== digest) throw digestMismatch(`want ${digest.slice(0, 12)}…, got ${data.length} bytes named ${found.slice(0, 12)}…`);
  return data;
}

/** A decimal integer from 0 to 2^53-1 without sign or leading zeros. */
export function parseInteger(text: string): number {
  const value = INTEGER_RE.test(text) ? BigInt(text) : -1n;
  if (value < 0n || value > BigInt(MAX_INTEGER)) throw malformed('not an integer below 2^53');
  return Number(value);
}

export function mediaRef(digest: string, ext: MediaExt): MediaRef {
  if (!isDigest(digest)) throw malformed('not a media name');
  return { digest, ext, path: `media/${mediaName(digest, ext)}` };
}

export const mediaName = (digest: string, ext: string): string => `${digest}.${ext}`;

/** The file that a playlist `up` folders below the root names, in the one accepted spelling. */
export function parseMediaUri(uri: string, up: number): MediaRef {
  const found = MEDIA_URI_RE.exec(uri);
  if (found === null || found[1] !== '../'.repeat(up)) throw malformed('not a media URI');
  return mediaRef(found[2] as string, found[3] as MediaExt);
}

/** The event id: SHA-256 of the exact bytes of 1.root.json, in lower-case base32. */
export async function eventId(root1: Uint8Array, crypto: Crypto): Promise<string> {
  return renderEventId(await crypto.sha256(root1));
}

export function renderEventId(digest: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffer = 0;
  for (const byte of digest) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[(buffer >> (bits - 5)) & 31];
  }
  return bits === 0 ? text : text + BASE32[(buffer << (5 - bits)) & 31];
}

/** The 32 bytes behind an event id; any other spelling of the same bytes is refused. */
export function parseEventId(text: string): Uint8Array {
  if (!EVENT_ID_RE.test(text)) throw malformed('not an event id');
  const digest = new Uint8Array(32);
  let at = 0;
  let bits = 0;
  let buffer = 0;
  for (const letter of text) {
    buffer = ((buffer << 5) | BASE32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      digest[at] = (buffer >> bits) & 0xff;
      at += 1;
    }
  }
  if (renderEventId(digest) !== text) throw malformed('not an event id in its one spelling');
  return digest;
}

export function isEventId(text: string): boolean {
  try {
    parseEventId(text);
    return true;
  } catch {
    return false;
  }
}

/** The id of a live key: the first 16 hexadecimal digits of SHA-256 over its 32 raw bytes. */
export async function keyid(publicKey: Uint8Array, crypto: Crypto): Promise<string> {
  return (await sha256Hex(publicKey, crypto)).slice(0, 16);
}

export const livePath = (rendition: string): string => `live/${rendition}.m3u8`;
export const chapterPath = (rendition: string, rank: number, n: number): string => `archive/${rendition}/${rank}-${n}.m3u8`;
export const checkpointPath = (rank: number): string => `archive/checkpoint-${rank}.json`;

/** Could any event have a file of this name? */
export const isValidPath = (path: string): boolean => PATH_RE.test(path);
