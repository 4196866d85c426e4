/**
 * The client's workflow over the trust documents: bytes from strangers in, believed documents out (spec/trust.md, T).
 * Twin of trust/documents.py.
 *
 * A value: every update returns another `TrustedDocuments`, and one that is refused changes nothing. It reads no clock:
 * expiry is a fact that the caller asks for, with its own idea of now.
 */
import type { Files } from './boot';
import type { Crypto } from './crypto';
import { HumaError, digestMismatch, malformed } from './errors';
import { type Event, parseEvent } from './event';
import { MAX_INTEGER, MAX_REMEMBERED, MAX_ROOT_ROTATIONS } from './limits';
import {
  DELEGATED, type DelegatedName, type FileInfo, type Head, type Role, type RoleName, type Root, type Snapshot, type Targets,
  type Timestamp, parseRoot, parseSnapshot, parseTargets, parseTimestamp, refuseSharedKeys, sameRole, verifyFile, verifySigned,
} from './metadata';
import { eventId, isEventId, sha256Hex } from './names';
import { parseRevoked, verifyRevocation } from './revocation';
import { type Steering, parseSteering } from './steering';
import { type Json, asMembers } from './strictjson';

export type { RoleName } from './metadata';

/** What is remembered over restarts: the highest versions ever believed. `versions` holds those that stand under root version `root`. */
export interface TrustState {
  readonly event: string;
  readonly root: number;
  readonly versions: Readonly<Record<string, number>>;
}

/** The highest version that was believed or listed, and its bytes' digest where that is known. */
interface Seen {
  readonly version: number;
  readonly digest: string | null;
}

type SeenVersions = ReadonlyMap<string, Seen>;

interface Held {
  readonly eventId: string;
  readonly crypto: Crypto;
  readonly roots: readonly Root[];
  readonly seen: SeenVersions;
  readonly seenRoot: number;
  readonly timestamp: Timestamp | null;
  readonly snapshot: Snapshot | null;
  readonly targets: Targets | null;
  readonly delegated: ReadonlyMap<DelegatedName, Targets>;
}

const ROOT_PATH = /^trust\/[1-9][0-9]{0,15}\.root\.json$/;
const PATH = /^trust\/(?:[1-9][0-9]{0,15}\.(snapshot|targets|roster|steering)|(timestamp))\.json$/;
const NO_OPINION: Steering = { weights: {}, withdrawn: [], hints: [] };

const behind = (message: string): HumaError => new HumaError('behind', message);
const notListed = (message: string): HumaError => new HumaError('not-listed', message);
const outOfOrder = (message: string): HumaError => new HumaError('bug', message);

/** What is believed so far. Begin with `start`; then offer what `wanted` names, or anything else, to `update`. */
export class TrustedDocuments {
  private constructor(private readonly held: Held) {}

  /** Begin from the pinned event id (T1), and from what is remembered of it (T9). */
  static async start(id: string, root1: Uint8Array, crypto: Crypto, state: TrustState | null = null): Promise<TrustedDocuments> {
    if ((await eventId(root1, crypto)) !== id) throw digestMismatch('1.root.json is of another event');
    const root = await parseRoot(root1, crypto);
    if (root.head.version !== 1) throw new HumaError('wrong-version', '1.root.json has another version');
    await verifySigned(root.head, root.roles.root, crypto);
    const known = state !== null && state.event === id ? state : { root: 1, versions: {} };
    const seen = new Map(Object.entries(known.versions).map(([name, version]) => [name, { version, digest: null }]));
    return new TrustedDocuments({ ...nothingBelow(), eventId: id, crypto, roots: [root], seen, seenRoot: known.root });
  }

  get eventId(): string {
    return this.held.eventId;
  }

  /** The newest root of the chain. */
  get root(): Root {
    return this.held.roots[this.held.roots.length - 1] as Root;
  }

  get rootVersion(): number {
    return this.root.head.version;
  }

  /** 0 before there is one. */
  get timestampVersion(): number {
    return this.held.timestamp?.head.version ?? 0;
  }

  /** What to keep over a restart. */
  get state(): TrustState {
    const versions = Object.fromEntries([...this.held.seen].map(([name, { version }]) => [name, version]));
    return { event: this.eventId, root: Math.max(this.held.seenRoot, this.rootVersion), versions };
  }

  /** The paths that are needed next, most needed first. The next root is asked for apart, until it is missing. */
  get wanted(): readonly string[] {
    const { timestamp, snapshot, targets, delegated } = this.held;
    if (timestamp === null) return ['trust/timestamp.json'];
    if (snapshot === null) return [`trust/${timestamp.snapshot.version}.snapshot.json`];
    if (targets === null) return [`trust/${snapshot.meta.get('targets')?.version}.targets.json`];
    return DELEGATED.flatMap((name) => {
      const info = snapshot.meta.get(name);
      const missing = info !== undefined && targets.delegations.has(name) && !delegated.has(name);
      return missing ? [`trust/${info.version}.${name}.json`] : [];
    });
  }

  /** Where the next root stands, if there is one. */
  get nextRootPath(): string {
    return `trust/${this.rootVersion + 1}.root.json`;
  }

  /** Offer what stands at `path`. */
  async update(path: string, data: Uint8Array): Promise<TrustedDocuments> {
    if (ROOT_PATH.test(path)) return this.updateRoot(data);
    const found = PATH.exec(path);
    if (found === null) throw malformed('not a path of a trust document');
    const role = (found[1] ?? found[2]) as Exclude<RoleName, 'root'>;
    if (role === 'timestamp') return this.updateTimestamp(data);
    if (role === 'snapshot') return this.updateSnapshot(data);
    return role === 'targets' ? this.updateTargets(data) : this.updateDelegated(role, data);
  }

  /** Go as far as a bag of files by path leads (boot.json, or what is held already); what lies beside is left. */
  async take(files: Files): Promise<TrustedDocuments> {
    let documents: TrustedDocuments = this;
    for (let root = files.get(documents.nextRootPath); root !== undefined; root = files.get(documents.nextRootPath)) {
      documents = await documents.updateRoot(root);
    }
    const timestamp = files.get('trust/timestamp.json');
    if (timestamp !== undefined) documents = await documents.updateTimestamp(timestamp);
    for (;;) {
      const path = documents.wanted.find((wanted) => files.has(wanted));
      if (path === undefined) return documents;
      documents = await documents.update(path, files.get(path) as Uint8Array);
    }
  }

  /**
   * The next root, signed by the threshold of the old one and of itself (T2). What hangs below must be shown again.
   *
   * New keys for timestamp or snapshot forget the highest versions: they may have been run up by a thief (T8).
   */
  async updateRoot(data: Uint8Array): Promise<TrustedDocuments> {
    const { crypto, roots, seen, seenRoot } = this.held;
    if ((await sha256Hex(data, crypto)) === this.root.head.digest) return this;
    const root = await parseRoot(data, crypto);
    await verifySigned(root.head, this.root.roles.root, crypto);
    await verifySigned(root.head, root.roles.root, crypto);
    const { version } = root.head;
    if (version <= this.rootVersion) throw behind(`root ${version}, ${this.rootVersion} is believed`);
    if (version !== this.rootVersion + 1 || roots.length >= MAX_ROOT_ROTATIONS) {
      throw new HumaError('wrong-version', `root ${version} is not the next one`);
    }
    const rotated = (['timestamp', 'snapshot'] as const).some((name) => !sameRole(this.root.roles[name], root.roles[name]));
    return new TrustedDocuments({
      ...this.held,
      ...nothingBelow(),
      roots: [...roots, root],
      seen: rotated && version > seenRoot ? new Map() : seen,
      seenRoot: Math.max(seenRoot, version),
    });
  }

  /** A timestamp that is no older, and lists no older snapshot (T4). A new one drops what hangs below. */
  async updateTimestamp(data: Uint8Array): Promise<TrustedDocuments> {
    const { crypto, seenRoot } = this.held;
    const timestamp = await parseTimestamp(data, crypto);
    await verifySigned(timestamp.head, this.root.roles.timestamp, crypto);
    if (this.rootVersion < seenRoot) throw behind(`root ${this.rootVersion}, but ${seenRoot} was believed before`);
    const seen = see(seeHead(this.held.seen, timestamp.head), 'snapshot', timestamp.snapshot);
    if (this.held.timestamp?.head.digest === timestamp.head.digest) return this;
    return new TrustedDocuments({ ...this.held, ...nothingBelow(), seen, timestamp });
  }

  /** The snapshot that the timestamp lists (T5). It lists no document with a lower version, and forgets none. */
  async updateSnapshot(data: Uint8Array): Promise<TrustedDocuments> {
    const { crypto, timestamp } = this.held;
    if (timestamp === null) throw outOfOrder('a snapshot before its timestamp');
    await verifyFile(data, timestamp.snapshot, 'snapshot', crypto);
    const snapshot = await parseSnapshot(data, crypto);
    await verifySigned(snapshot.head, this.root.roles.snapshot, crypto);
    verifyVersion(snapshot.head, timestamp.snapshot);
    let seen = seeHead(this.held.seen, snapshot.head);
    for (const name of seen.keys()) {
      const listed = name === 'timestamp' || name === 'snapshot' || snapshot.meta.has(name);
      if (!listed) throw notListed(`the snapshot no longer lists ${name}`);
    }
    for (const [name, info] of snapshot.meta) seen = see(seen, name, info);
    if (this.held.snapshot?.head.digest === snapshot.head.digest) return this;
    return new TrustedDocuments({ ...this.held, ...nothingBelow(), seen, timestamp, snapshot });
  }

  /** The targets that the snapshot lists (T6). No key of theirs has a role in root. */
  async updateTargets(data: Uint8Array): Promise<TrustedDocuments> {
    const targets = await this.readTargets('targets', this.root.roles.targets, data);
    refuseSharedKeys([...Object.entries(this.root.roles), ...targets.delegations]);
    if (this.held.targets?.head.digest === targets.head.digest) return this;
    return new TrustedDocuments({ ...this.held, seen: seeHead(this.held.seen, targets.head), targets, delegated: new Map() });
  }

  /** Roster or steering, as the snapshot lists them and the targets delegate to them (T7). */
  async updateDelegated(name: DelegatedName, data: Uint8Array): Promise<TrustedDocuments> {
    if (this.held.targets === null) throw outOfOrder('a delegated role before the targets');
    const role = this.held.targets.delegations.get(name);
    if (role === undefined) throw notListed(`targets do not delegate to ${name}`);
    const targets = await this.readTargets(name, role, data);
    const delegated = new Map(this.held.delegated).set(name, targets);
    return new TrustedDocuments({ ...this.held, seen: seeHead(this.held.seen, targets.head), delegated });
  }

  /** Whether some believed document lists the target `name`. */
  lists(name: string): boolean {
    return this.findTarget(name) !== null;
  }

  /** Where the target `name` stands: `targets/<sha256>.<name>`. */
  targetPath(name: string): string {
    return `targets/${this.targetInfo(name).digest}.${name}`;
  }

  /** Returns `data` unchanged, or throws if it is not the target `name`. */
  async target(name: string, data: Uint8Array): Promise<Uint8Array> {
    return verifyFile(data, this.targetInfo(name), name, this.held.crypto);
  }

  /** The event in the target event.json. A live key that has another role, or stands twice, is refused (T10). */
  async event(data: Uint8Array): Promise<Event> {
    const event = await parseEvent(await this.target('event.json', data), this.held.crypto);
    const live = event.liveKeys.map(({ keyid, public: key }) => {
      const role: Role = { threshold: 1, keys: new Map([[keyid, key]]) };
      return [`live key ${keyid}`, role] as const;
    });
    refuseSharedKeys([...Object.entries(this.root.roles), ...(this.held.targets?.delegations ?? []), ...live]);
    return event;
  }

  /** The steering in force at `nowMs`. Missing or expired, it has no opinion: all weights are equal. */
  async steering(data: Uint8Array | null, nowMs: number): Promise<Steering> {
    if (data === null || this.expired(nowMs).includes('steering')) return NO_OPINION;
    return parseSteering(await this.target('steering.json', data));
  }

  /** The live keys that `live/revoked.json` revokes, each entry judged by itself under any root of the chain (T11). */
  async revoked(data: Uint8Array): Promise<readonly string[]> {
    const roles = this.held.roots.map((root) => root.roles.root);
    const found = new Set<string>();
    for (const entry of parseRevoked(data)) {
      try {
        found.add((await verifyRevocation(entry, roles, this.eventId, this.held.crypto)).keyid);
      } catch (error) {
        if (!(error instanceof HumaError)) throw error;
      }
    }
    return [...found].sort();
  }

  /** The roles whose documents have expired at `nowMs`. It is a fact, not the end: the caller says what follows. */
  expired(nowMs: number): readonly RoleName[] {
    const { timestamp, snapshot, targets, delegated } = this.held;
    const documents = [this.root, timestamp, snapshot, targets, ...DELEGATED.map((name) => delegated.get(name) ?? null)];
    return documents.flatMap((held) => (held !== null && held.head.expiresMs <= nowMs ? [held.head.role] : []));
  }

  private async readTargets(name: 'targets' | DelegatedName, role: Role, data: Uint8Array): Promise<Targets> {
    const { crypto, snapshot } = this.held;
    if (snapshot === null) throw outOfOrder(`${name} before the snapshot`);
    const info = snapshot.meta.get(name);
    if (info === undefined) throw notListed(`the snapshot does not list ${name}`);
    await verifyFile(data, info, name, crypto);
    const targets = await parseTargets(data, name, crypto);
    await verifySigned(targets.head, role, crypto);
    verifyVersion(targets.head, info);
    return targets;
  }

  private targetInfo(name: string): FileInfo {
    const found = this.findTarget(name);
    if (found === null) throw notListed('no believed document lists that target');
    return found;
  }

  /** The targets role speaks first; a delegated role speaks for its own file alone. */
  private findTarget(name: string): FileInfo | null {
    const own = this.held.targets?.files.get(name);
    const role = DELEGATED.find((delegated) => name === `${delegated}.json`);
    const other = role === undefined ? undefined : this.held.delegated.get(role)?.files.get(name);
    return own ?? other ?? null;
  }
}

/** The state in a JSON value that was stored; one that was tampered with or cut off is refused. */
export function parseTrustState(value: Json): TrustState {
  const members = asMembers(value, 'stored state');
  const versions = members.inner('versions');
  const names = Object.keys(versions.members);
  const event = members.text('event', 52);
  if (names.length > MAX_REMEMBERED || !isEventId(event)) throw malformed('stored state is of no event, or too long');
  return {
    event,
    root: members.integer('root', 1, MAX_INTEGER),
    versions: Object.fromEntries(names.map((name) => [name, versions.integer(name, 1, MAX_INTEGER)])),
  };
}

const nothingBelow = (): Pick<Held, 'timestamp' | 'snapshot' | 'targets' | 'delegated'> => ({
  timestamp: null,
  snapshot: null,
  targets: null,
  delegated: new Map(),
});

const seeHead = (seen: SeenVersions, head: Head): SeenVersions =>
  see(seen, head.role, { version: head.version, length: null, digest: head.digest });

/** Never a lower version, and never other bytes under one version (T4). */
function see(seen: SeenVersions, name: string, { version, digest }: FileInfo): SeenVersions {
  const before = seen.get(name);
  if (before === undefined || version > before.version) return new Map(seen).set(name, { version, digest });
  if (version < before.version) throw behind(`${name} ${version}, but ${before.version} was believed before`);
  if (before.digest !== null && digest !== null && before.digest !== digest) {
    throw new HumaError('conflict', `two different documents are both ${name} ${version}`);
  }
  return new Map(seen).set(name, { version, digest: digest ?? before.digest });
}

function verifyVersion(head: Head, info: FileInfo): void {
  if (head.version !== info.version) {
    throw new HumaError('wrong-version', `${head.role} ${head.version}, listed is ${info.version}`);
  }
}
