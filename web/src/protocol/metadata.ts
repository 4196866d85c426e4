/** The five kinds of TUF metadata as values, parsed strictly and verified against a role (spec/trust.md, T2 to T5). Twin of trust/metadata.py. */
import { canonicalBytes } from './canonical';
import { parseMs } from './clocktext';
import type { Crypto } from './crypto';
import { HumaError, badSignature, digestMismatch, malformed } from './errors';
import {
  MAX_INTEGER, MAX_LISTED_FILES, MAX_ROLE_KEYS, MAX_SIGNATURES, METADATA_MAX_BYTES, ROOT_MAX_BYTES, TIMESTAMP_MAX_BYTES,
} from './limits';
import { fromHex, isDigest, sha256Hex, toHex } from './names';
import { parsePublicKey } from './signature';
import { type Members, asMembers, parseMembers } from './strictjson';

export const TOP_LEVEL = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export const DELEGATED = ['roster', 'steering'] as const;
export type TopLevelName = (typeof TOP_LEVEL)[number];
export type DelegatedName = (typeof DELEGATED)[number];
export type RoleName = TopLevelName | DelegatedName;

export const METADATA_LIMITS: Readonly<Record<RoleName, number>> = {
  root: ROOT_MAX_BYTES,
  timestamp: TIMESTAMP_MAX_BYTES,
  snapshot: METADATA_MAX_BYTES,
  targets: METADATA_MAX_BYTES,
  roster: METADATA_MAX_BYTES,
  steering: METADATA_MAX_BYTES,
};

/** The most bytes that the document at this path may have. */
export const metadataLimit = (path: string): number => METADATA_LIMITS[/([a-z]+)\.json$/.exec(path)?.[1] as RoleName] ?? 0;

/** Who may sign (raw public keys by TUF key id), and how many of them must. */
export interface Role {
  readonly threshold: number;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** What all metadata has. `payload` is the canonical form that is signed, `digest` names the exact bytes. */
export interface Head {
  readonly role: RoleName;
  readonly version: number;
  readonly expiresMs: number;
  readonly digest: string;
  readonly payload: Uint8Array;
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

/** What one document says about another. Length and digest may be missing for metadata, never for a target. */
export interface FileInfo {
  readonly version: number;
  readonly length: number | null;
  readonly digest: string | null;
}

export interface Root {
  readonly head: Head;
  readonly roles: Readonly<Record<TopLevelName, Role>>;
}

export interface Timestamp {
  readonly head: Head;
  readonly snapshot: FileInfo;
}

/** Names are without `.json`. */
export interface Snapshot {
  readonly head: Head;
  readonly meta: ReadonlyMap<string, FileInfo>;
}

/** The files that a role vouches for, and (the targets role only) the two roles that it delegates to. */
export interface Targets {
  readonly head: Head;
  readonly files: ReadonlyMap<string, FileInfo>;
  readonly delegations: ReadonlyMap<DelegatedName, Role>;
}

const EXPIRES = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const SPEC_VERSION = /^1\.[0-9]{1,9}(?:\.[0-9]{1,9})?$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const NAME_MAX_BYTES = 128;

const isDelegatedName = (name: string): name is DelegatedName => (DELEGATED as readonly string[]).includes(name);
const namesIn = (members: Members): string[] => Object.keys(members.members);
const has = (members: Members, name: string): boolean => Object.hasOwn(members.members, name);

/** A root document; one public key in two roles is refused. */
export async function parseRoot(data: Uint8Array, crypto: Crypto): Promise<Root> {
  const { head, signed } = await open(data, 'root', crypto);
  if (signed.get('consistent_snapshot') !== true) signed.refuse('consistent_snapshot', 'true');
  const keys = readKeys(signed.inner('keys'));
  const listed = signed.inner('roles');
  if (namesIn(listed).length !== TOP_LEVEL.length || !TOP_LEVEL.every((name) => has(listed, name))) {
    signed.refuse('roles', 'the four top-level roles');
  }
  const roles = {
    root: readRole(listed.inner('root'), keys),
    timestamp: readRole(listed.inner('timestamp'), keys),
    snapshot: readRole(listed.inner('snapshot'), keys),
    targets: readRole(listed.inner('targets'), keys),
  };
  refuseSharedKeys(Object.entries(roles));
  return { head, roles };
}

export async function parseTimestamp(data: Uint8Array, crypto: Crypto): Promise<Timestamp> {
  const { head, signed } = await open(data, 'timestamp', crypto);
  return { head, snapshot: readMetaFile(signed.inner('meta').inner('snapshot.json')) };
}

export async function parseSnapshot(data: Uint8Array, crypto: Crypto): Promise<Snapshot> {
  const { head, signed } = await open(data, 'snapshot', crypto);
  const listed = signed.inner('meta');
  if (!has(listed, 'targets.json') || !areListable(listed, '.json')) {
    signed.refuse('meta', 'a short list of documents with targets.json among them');
  }
  const meta = new Map(namesIn(listed).map((name) => [name.slice(0, -'.json'.length), readMetaFile(listed.inner(name))]));
  return { head, meta };
}

/** A targets document: that of the targets role, or of a role that it delegates to. */
export async function parseTargets(data: Uint8Array, role: 'targets' | DelegatedName, crypto: Crypto): Promise<Targets> {
  const { head, signed } = await open(data, role, crypto);
  const listed = signed.inner('targets');
  if (!areListable(listed, '')) signed.refuse('targets', 'a short list of files');
  const files = new Map(namesIn(listed).map((path) => [path, readTargetFile(listed.inner(path))]));
  const delegates = role === 'targets' && has(signed, 'delegations');
  return { head, files, delegations: delegates ? readDelegations(signed.inner('delegations')) : new Map() };
}

/** Throws unless the threshold of different keys of `role` signed. */
export async function verifySigned(head: Head, role: Role, crypto: Crypto): Promise<void> {
  const signers = new Set<string>();
  for (const [keyid, key] of role.keys) {
    const signature = head.signatures.get(keyid);
    if (signature === undefined || signers.has(toHex(key))) continue;
    if (await crypto.verifyEd25519(key, head.payload, signature)) signers.add(toHex(key));
  }
  if (signers.size < role.threshold) {
    throw badSignature(`${head.role} is signed by ${signers.size} of ${role.threshold} keys`);
  }
}

/** Returns `data` unchanged, or throws if it is not the file that `info` lists. */
export async function verifyFile(data: Uint8Array, info: FileInfo, what: string, crypto: Crypto): Promise<Uint8Array> {
  if (info.length !== null && data.length !== info.length) {
    throw digestMismatch(`${what} has ${data.length} bytes, listed are ${info.length}`);
  }
  if (info.digest !== null && (await sha256Hex(data, crypto)) !== info.digest) {
    throw digestMismatch(`${what} is another file than the one listed`);
  }
  return data;
}

/** Refuse one public key in two roles: whoever steals it would hold both. */
export function refuseSharedKeys(roles: Iterable<readonly [string, Role]>): void {
  const holders = new Map<string, string>();
  for (const [name, role] of roles) {
    for (const key of role.keys.values()) {
      const hex = toHex(key);
      const holder = holders.get(hex) ?? name;
      if (holder !== name) throw new HumaError('key-reused', `${holder} and ${name} share a key`);
      holders.set(hex, name);
    }
  }
}

/** Whether two roles have the same keys under the same ids, and the same threshold. */
export function sameRole(a: Role, b: Role): boolean {
  if (a.threshold !== b.threshold || a.keys.size !== b.keys.size) return false;
  return [...a.keys].every(([keyid, key]) => {
    const other = b.keys.get(keyid);
    return other !== undefined && toHex(other) === toHex(key);
  });
}

/** The parts that all metadata has, and the signed part for the rest. */
async function open(data: Uint8Array, role: RoleName, crypto: Crypto): Promise<{ head: Head; signed: Members }> {
  const document = parseMembers(data, METADATA_LIMITS[role], `${role}.json`);
  const signed = asMembers(document.get('signed'), `${role}.json`);
  if (signed.text('_type', 16) !== (isDelegatedName(role) ? 'targets' : role)) signed.refuse('_type', role);
  if (!SPEC_VERSION.test(signed.text('spec_version', 32))) signed.refuse('spec_version', '1.x');
  const head: Head = {
    role,
    version: signed.integer('version', 1, MAX_INTEGER),
    expiresMs: readExpires(signed),
    digest: await sha256Hex(data, crypto),
    payload: canonicalBytes(signed.members),
    signatures: readSignatures(document),
  };
  return { head, signed };
}

function readExpires(signed: Members): number {
  const text = signed.text('expires', 20);
  if (!EXPIRES.test(text)) signed.refuse('expires', 'a moment in whole seconds');
  return parseMs(`${text.slice(0, -1)}.000Z`);
}

/** Signatures by key id. One in another form may be of a kind that is yet to come: it counts for nothing. */
function readSignatures(document: Members): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const keyids = new Set<string>();
  for (const item of document.objects('signatures', MAX_SIGNATURES)) {
    const keyid = item.text('keyid', NAME_MAX_BYTES);
    const signature = item.get('sig');
    if (keyids.has(keyid) || typeof signature !== 'string') return document.refuse('signatures', 'a list with each key once');
    keyids.add(keyid);
    if (SIGNATURE.test(signature)) found.set(keyid, fromHex(signature));
  }
  return found;
}

/** The Ed25519 keys. One of another type may be of a kind that is yet to come: it counts for nothing. */
function readKeys(keys: Members): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  if (namesIn(keys).length > MAX_LISTED_FILES * 2) throw malformed(`${keys.what} lists too many keys`);
  for (const keyid of namesIn(keys)) {
    const key = keys.inner(keyid);
    const keytype = key.text('keytype', NAME_MAX_BYTES);
    const scheme = key.text('scheme', NAME_MAX_BYTES);
    if (!isDigest(keyid)) keys.refuse(keyid, 'named by 64 hexadecimal digits');
    if (keytype === 'ed25519' && scheme === 'ed25519') found.set(keyid, parsePublicKey(key.inner('keyval').text('public', 64)));
  }
  return found;
}

function readRole(role: Members, keys: ReadonlyMap<string, Uint8Array>): Role {
  const keyids = role.texts('keyids', MAX_ROLE_KEYS, NAME_MAX_BYTES);
  if (new Set(keyids).size !== keyids.length) role.refuse('keyids', 'a list with each key once');
  const held = new Map<string, Uint8Array>();
  for (const keyid of keyids) {
    const key = keys.get(keyid);
    if (key !== undefined) held.set(keyid, key);
  }
  return { threshold: role.integer('threshold', 1, MAX_ROLE_KEYS), keys: held };
}

/** Roster and steering, each for exactly its own file; other delegations are not ours to follow. */
function readDelegations(delegations: Members): Map<DelegatedName, Role> {
  const keys = readKeys(delegations.inner('keys'));
  const found = new Map<DelegatedName, Role>();
  const names = new Set<string>(TOP_LEVEL);
  for (const role of delegations.objects('roles', MAX_LISTED_FILES)) {
    const name = role.text('name', NAME_MAX_BYTES);
    if (names.has(name)) delegations.refuse('roles', 'a list with each role once');
    names.add(name);
    if (!isDelegatedName(name)) continue;
    const paths = role.get('paths');
    const exact = Array.isArray(paths) && paths.length === 1 && paths[0] === `${name}.json`;
    if (!role.flag('terminating') || !exact) role.refuse('paths', `${name}.json alone, terminating`);
    found.set(name, readRole(role, keys));
  }
  return found;
}

function readMetaFile(info: Members): FileInfo {
  return {
    length: has(info, 'length') ? info.integer('length', 0, METADATA_MAX_BYTES) : null,
    digest: has(info, 'hashes') ? readSha256(info) : null,
    version: info.integer('version', 1, MAX_INTEGER),
  };
}

const readTargetFile = (info: Members): FileInfo => ({
  version: 0,
  length: info.integer('length', 0, MAX_INTEGER),
  digest: readSha256(info),
});

/** SHA-256 is the only hash: a second one would be a second thing to get wrong. */
function readSha256(info: Members): string {
  const hashes = info.inner('hashes');
  const digest = has(hashes, 'sha256') ? hashes.get('sha256') : null;
  if (namesIn(hashes).length !== 1 || typeof digest !== 'string' || !isDigest(digest)) {
    return info.refuse('hashes', 'one SHA-256');
  }
  return digest;
}

/** Few and short names, all with the same ending. */
const areListable = (files: Members, ending: string): boolean =>
  namesIn(files).length <= MAX_LISTED_FILES &&
  namesIn(files).every((name) => name.length > ending.length && name.length <= NAME_MAX_BYTES && name.endsWith(ending));
