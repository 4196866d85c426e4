/** An event id as people compare it: twelve words, or the same bits as digits (spec/documents.md, D4, D5). Twin of words.py. */
import { wordlist } from '@scure/bip39/wordlists/english.js';

import type { Crypto } from './crypto';
import { parseEventId } from './names';

const COMPARED_BYTES = 16;

const toNumber = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The first 128 bits of the event id as 12 words of BIP-39; the last word carries a checksum. */
export async function eventWords(eventId: string, crypto: Crypto): Promise<readonly string[]> {
  const compared = parseEventId(eventId).slice(0, COMPARED_BYTES);
  const checksum = ((await crypto.sha256(compared))[0] as number) >> 4;
  const bits = (toNumber(compared) << 4n) | BigInt(checksum);
  return Array.from({ length: 12 }, (_, i) => wordlist[Number((bits >> BigInt(11 * (11 - i))) & 2047n)] as string);
}

/** The same 128 bits as one decimal number of 39 digits, in 13 groups of 3. A page shows them in its own digits. */
export function eventDigits(eventId: string): readonly string[] {
  const digits = toNumber(parseEventId(eventId).slice(0, COMPARED_BYTES)).toString().padStart(39, '0');
  return Array.from({ length: 13 }, (_, i) => digits.slice(3 * i, 3 * i + 3));
}
