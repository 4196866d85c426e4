/** live/revoked.json: live keys that are worth nothing any more (spec/documents.md, D52 to D54). Twin of revocation.py. */
import type { Crypto } from './crypto';
import { isSoundSignature } from './ed25519';
import { HumaError, badSignature, malformed } from './errors';
import { MAX_ROLE_KEYS, REVOKED_MAX_BYTES } from './limits';
import { fromHex, isDigest, isEventId, isKeyid, toHex } from './names';
import { verify } from './signature';
import { type Json, asMembers, encodeUtf8, parseMembers } from './strictjson';

const SIGNATURE = /^[0-9a-f]{128}$/;

/** One root key's word; `keyid` is its TUF key id. */
export interface RootSignature {
  readonly keyid: string;
  readonly sig: Uint8Array;
}

/** The live key `keyid` of `event` is revoked. */
export interface Revocation {
  readonly event: string;
  readonly keyid: string;
  readonly signatures: readonly RootSignature[];
}

/** The root role of one root version: who may sign (raw public keys by TUF key id), and how many must. */
export interface RootRole {
  readonly threshold: number;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** The well-formed entries of revoked.json; malformed ones are skipped, since any mirror could add them. */
export function parseRevoked(data: Uint8Array): readonly Revocation[] {
  const members = parseMembers(data, REVOKED_MAX_BYTES, 'revoked.json');
  const found = new Map<string, Revocation>();
  for (const value of members.items('revoked', REVOKED_MAX_BYTES)) {
    try {
      const entry = readRevocation(value);
      const name = [entry.event, entry.keyid, ...entry.signatures.flatMap((each) => [each.keyid, toHex(each.sig)])].join();
      if (!found.has(name)) found.set(name, entry);
    } catch (error) {
      if (!(error instanceof HumaError)) throw error;
    }
  }
  return [...found.values()];
}

/** The union of entries that are all **verified**: the first for each event and key, sorted. It only grows. */
export function mergeRevoked(...lists: readonly (readonly Revocation[])[]): readonly Revocation[] {
  const merged = new Map<string, Revocation>();
  for (const entry of lists.flat()) {
    const name = `${entry.event} ${entry.keyid}`;
    if (!merged.has(name)) merged.set(name, entry);
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Returns `entry` if it is of this event, and the threshold of any root version of its verified chain signed it. */
export async function verifyRevocation(
  entry: Revocation, rootRoles: readonly RootRole[], eventId: string, crypto: Crypto,
): Promise<Revocation> {
  if (entry.event !== eventId) throw new HumaError('wrong-event', 'a revocation of another event');
  for (const role of rootRoles) if (await isSignedBy(entry, role, crypto)) return entry;
  throw badSignature('no root version of this event revoked that key');
}

async function isSignedBy(entry: Revocation, role: RootRole, crypto: Crypto): Promise<boolean> {
  const signed = new Set<string>();
  const payload = encodeUtf8(`${entry.event}\0${entry.keyid}`);
  for (const { keyid, sig } of entry.signatures) {
    const publicKey = role.keys.get(keyid);
    if (publicKey === undefined || signed.has(toHex(publicKey))) continue;
    try {
      await verify('revoke', payload, sig, publicKey, crypto);
    } catch (error) {
      if (error instanceof HumaError) continue;
      throw error;
    }
    signed.add(toHex(publicKey));
  }
  return role.threshold >= 1 && signed.size >= role.threshold;
}

function readRevocation(value: Json): Revocation {
  const members = asMembers(value, 'a revocation');
  const event = members.text('event', 52);
  const keyid = members.text('keyid', 16);
  const signatures = members
    .objects('signatures', MAX_ROLE_KEYS)
    .map((item) => readSignature(item.text('keyid', 64), item.text('sig', 128)));
  if (!isEventId(event) || !isKeyid(keyid)) throw malformed('a revocation names an event and a live key');
  return { event, keyid, signatures };
}

function readSignature(keyid: string, sig: string): RootSignature {
  const bytes = SIGNATURE.test(sig) ? fromHex(sig) : new Uint8Array(0);
  if (!isDigest(keyid) || !isSoundSignature(bytes)) {
    throw malformed('a root signature is a key id and 128 hexadecimal digits');
  }
  return { keyid, sig: bytes };
}
