/** A text whose last line is a signature over every byte before it (spec/documents.md, D22 to D25). Twin of signedtext.py. */
import type { Crypto } from './crypto';
import { HumaError, malformed } from './errors';
import { type Event, liveKey } from './event';
import { type Header, parseHeader } from './header';
import { LINE_MAX_BYTES } from './limits';
import { sha256Hex } from './names';
import { type Purpose, parseSignature, signedBytes, verify } from './signature';
import { byteLength, decodeUtf8 } from './strictjson';

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;
const SIGNATURE_LINE = /^#EXT-X-HUMA-SIG:KEYID="([0-9a-f]{16})",ED25519="([A-Za-z0-9_-]{86})"$/;

/** A playlist taken apart. Nothing is believed yet. */
export interface SignedText {
  readonly body: Uint8Array;
  readonly header: Header;
  readonly lines: readonly string[];
  readonly signature: Uint8Array;
}

export interface Expected {
  readonly event: Event;
  readonly eventId: string;
  readonly rendition: string;
  readonly crypto: Crypto;
}

/** Take `data` apart; `lines` are those between the header and the signature. */
export function splitSigned(data: Uint8Array, maxBytes: number): SignedText {
  if (data.length > maxBytes) throw new HumaError('too-large', `${data.length} bytes, at most ${maxBytes} are allowed`);
  const text = decodeUtf8(data);
  if (!text.endsWith('\n') || CONTROL.test(text)) throw malformed('control characters, or no line feed at the end');
  const lines = text.slice(0, -1).split('\n');
  if (lines.some((line) => line === '' || byteLength(line) > LINE_MAX_BYTES)) {
    throw malformed(`an empty line, or one over ${LINE_MAX_BYTES} bytes`);
  }
  const [first, second] = lines;
  const last = lines[lines.length - 1] as string;
  if (lines.length < 3 || first !== '#EXTM3U') throw malformed('not a signed playlist');
  const header = parseHeader(second as string);
  const found = SIGNATURE_LINE.exec(last);
  if (found === null || found[1] !== header.text('KEYID')) {
    throw malformed('the last line is not the signature of the key in the header');
  }
  const body = data.subarray(0, data.length - last.length - 1);
  return { body, header, lines: lines.slice(2, -1), signature: parseSignature(found[2] as string) };
}

/** The digest of exactly what is signed. */
export function signedDigest(text: SignedText, purpose: Purpose, crypto: Crypto): Promise<string> {
  return sha256Hex(signedBytes(purpose, text.body), crypto);
}

/** Judge header and signature in the order of D24; gives the rank of the key. */
export async function verifySigned(text: SignedText, purpose: Purpose, expected: Expected): Promise<number> {
  const { header } = text;
  if (header.text('TYPE') !== purpose) throw new HumaError('wrong-type', `not of type ${purpose}`);
  if (header.text('EVENT') !== expected.eventId) throw new HumaError('wrong-event', 'signed for another event');
  if (header.text('RENDITION') !== expected.rendition) {
    throw new HumaError('wrong-rendition', `not the rendition ${expected.rendition}`);
  }
  const signed = { data: text.body, signature: text.signature, keyid: header.text('KEYID'), issued: () => header.moment('ISSUED') };
  return verifyByLiveKey(purpose, signed, expected);
}

export interface Signed {
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly keyid: string;
  /** In Unix milliseconds; read when the signature is good. */
  readonly issued: () => number;
}

/** Key, signature and window of D24, in this order; gives the rank of the key. */
export async function verifyByLiveKey(
  purpose: Purpose, { data, signature, keyid, issued }: Signed, { event, crypto }: Pick<Expected, 'event' | 'crypto'>,
): Promise<number> {
  const key = liveKey(event, keyid);
  if (key === null) throw new HumaError('unknown-key', 'signed by a key that the event does not list');
  await verify(purpose, data, signature, key.public, crypto);
  const at = issued();
  if (at < key.notBeforeMs || at > key.notAfterMs) throw new HumaError('key-window', 'signed outside the time of its key');
  return key.rank;
}
