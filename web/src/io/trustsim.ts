/** For tests: an event's repository that signs for real, and mirrors that can be told to lie. */
import { getPublicKey, hashes, sign } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { canonicalBytes } from '../protocol/canonical';
import { renderEventId, toHex } from '../protocol/names';
import { type Json, encodeUtf8 } from '../protocol/strictjson';
import { type FetchBounds, FetchFailed, type Fetched } from './fetch';

hashes.sha512 = sha512;

type Doc = Record<string, unknown>;

const digest = (data: Uint8Array): string => toHex(sha256(data));
const text = (value: unknown): Uint8Array => encodeUtf8(`${JSON.stringify(value)}\n`);
const secret = (name: string): Uint8Array => sha256(encodeUtf8(`huma page test ${name}`));
const publicHex = (name: string): string => toHex(getPublicKey(secret(name)));
const keyid = (name: string): string => digest(encodeUtf8(publicHex(name)));
const keyOf = (name: string): Doc => ({ keytype: 'ed25519', scheme: 'ed25519', keyval: { public: publicHex(name) } });
const keysOf = (names: readonly string[]): Doc => Object.fromEntries(names.map((name) => [keyid(name), keyOf(name)]));

export class TrustSim {
  /** Everything that an honest mirror has, by path. */
  readonly files = new Map<string, Uint8Array>();
  readonly versions: Record<string, number> = { timestamp: 1, snapshot: 1, targets: 1, roster: 1, steering: 1 };
  readonly keys: Record<string, string> = { timestamp: 'timestamp', snapshot: 'snapshot' };
  expires = '2027-11-23T18:00:00Z';
  mirrors: Doc[] = [];
  weights: Doc = {};
  private rootVersion = 0;
  private rootKey = 'root 1';

  constructor() {
    this.addRoot();
    this.files.set('live/revoked.json', text({ revoked: [] }));
  }

  get eventId(): string {
    return renderEventId(sha256(this.files.get('trust/1.root.json') as Uint8Array));
  }

  get root1(): Uint8Array {
    return this.files.get('trust/1.root.json') as Uint8Array;
  }

  /** The next root, with a new root key; change `keys` before to rotate those too. */
  addRoot(): void {
    const before = this.rootKey;
    this.rootVersion += 1;
    this.rootKey = `root ${this.rootVersion}`;
    const holders = { root: this.rootKey, timestamp: this.keys['timestamp'] as string, snapshot: this.keys['snapshot'] as string, targets: 'targets' };
    const roles = Object.fromEntries(Object.entries(holders).map(([role, name]) => [role, { keyids: [keyid(name)], threshold: 1 }]));
    this.put(
      `trust/${this.rootVersion}.root.json`,
      { _type: 'root', version: this.rootVersion, consistent_snapshot: true, keys: keysOf(Object.values(holders)), roles },
      ...new Set([before, this.rootKey]),
    );
  }

  addMirror(id: string, tier = 'trusted'): void {
    const url = `https://${id}.example/`;
    this.mirrors.push({ id, url, operator: `Operator ${id}`, class: 'server', tier, addresses: [], spki: [] });
  }

  /** Sign everything anew; raises the versions of timestamp, snapshot, and of what is named. */
  publish(...raised: string[]): void {
    for (const name of raised) this.versions[name] = (this.versions[name] as number) + 1;
    const contents: Record<string, Uint8Array> = {
      'event.json': text(EVENT),
      'roster.json': text({ v: 1, mirrors: this.mirrors }),
      'steering.json': text({ v: 1, weights: this.weights, withdrawn: [], hints: [] }),
    };
    for (const [name, data] of Object.entries(contents)) this.files.set(`targets/${digest(data)}.${name}`, data);
    const listed = (name: string): Doc => {
      const data = contents[name] as Uint8Array;
      return { [name]: { length: data.length, hashes: { sha256: digest(data) } } };
    };
    for (const name of ['roster', 'steering']) this.role(name, { _type: 'targets', targets: listed(`${name}.json`) });
    const delegations = {
      keys: keysOf(['roster', 'steering']),
      roles: ['roster', 'steering'].map((name) => ({
        name, keyids: [keyid(name)], threshold: 1, terminating: true, paths: [`${name}.json`],
      })),
    };
    this.role('targets', { _type: 'targets', targets: listed('event.json'), delegations });
    const meta = Object.fromEntries(['targets', 'roster', 'steering'].map((name) => [`${name}.json`, this.meta(name)]));
    this.role('snapshot', { _type: 'snapshot', meta }, this.keys['snapshot']);
    this.publishTimestamp();
  }

  publishTimestamp(...raised: string[]): void {
    for (const name of raised) this.versions[name] = (this.versions[name] as number) + 1;
    this.role('timestamp', { _type: 'timestamp', meta: { 'snapshot.json': this.meta('snapshot') } }, this.keys['timestamp']);
    this.files.set('trust/boot.json', text(this.boot()));
  }

  /** What a mirror that stops copying now would go on showing. */
  frozen(): Map<string, Uint8Array> {
    return new Map(this.files);
  }

  boot(): { v: number; files: Record<string, string> } {
    const paths = [...this.files.keys()].filter((path) => /^(?:trust\/(?!boot)|targets\/)/.test(path));
    return { v: 1, files: Object.fromEntries(paths.map((path) => [path, new TextDecoder().decode(this.files.get(path))])) };
  }

  /** revoked.json with one entry, signed by the root key of that version. */
  revoke(version: number, live = EVENT.live_keys[0]?.keyid ?? ''): Uint8Array {
    const message = encodeUtf8(`huma/1 revoke\0${this.eventId}\0${live}`);
    const sig = toHex(sign(message, secret(`root ${version}`)));
    return text({ revoked: [{ event: this.eventId, keyid: live, signatures: [{ keyid: keyid(`root ${version}`), sig }] }] });
  }

  private path(name: string): string {
    return name === 'timestamp' ? 'trust/timestamp.json' : `trust/${this.versions[name]}.${name}.json`;
  }

  private meta(name: string): Doc {
    const data = this.files.get(this.path(name)) as Uint8Array;
    return { version: this.versions[name], length: data.length, hashes: { sha256: digest(data) } };
  }

  private role(name: string, signed: Doc, key = name): void {
    this.put(this.path(name), { ...signed, version: this.versions[name] }, key);
  }

  private put(path: string, members: Doc, ...signers: string[]): void {
    const signed = { spec_version: '1.0.31', expires: this.expires, ...members };
    const payload = canonicalBytes(signed as Json);
    const signatures = signers.map((name) => ({ keyid: keyid(name), sig: toHex(sign(payload, secret(name))) }));
    this.files.set(path, encodeUtf8(JSON.stringify({ signatures, signed })));
  }
}

const live = (name: string, rank: number): { keyid: string } & Doc => ({
  keyid: digest(getPublicKey(secret(name))).slice(0, 16),
  public: publicHex(name),
  rank,
  not_before: '2026-11-22T18:00:00.000Z',
  not_after: '2027-12-24T18:00:00.000Z',
});

const EVENT = {
  v: 1,
  title: { en: 'A rally' },
  schedule: [],
  start: '2026-11-23T18:00:00.000Z',
  end: '2026-11-24T18:00:00.000Z',
  tick: [16, 15],
  epoch: '2026-11-23T17:59:00.000Z',
  copy: false,
  languages: [{ code: 'en', name: 'English' }],
  renditions: [
    {
      name: 'a-en', kind: 'audio', ticks_per_segment: 1, max_bytes: 65536, codecs: 'mp4a.40.2', bandwidth: 100000,
      language: 'en', channels: 2, sample_rate: 48000,
    },
  ],
  live_keys: [live('live-a', 1), live('live-b', 2)],
};

/** How a mirror answers: its files, or a deed. A map stands for "these files, honestly". */
export type Conduct =
  | ReadonlyMap<string, Uint8Array>
  | 'dead'
  | 'hung'
  | 'missing'
  | 'forbidden'
  | ((path: string) => Uint8Array | 'dead' | 'hung' | 'missing' | 'forbidden');

/** A network of mirrors, by URL, that notes what it was asked. */
export class SimNet {
  readonly asked: string[] = [];
  readonly caches = new Map<string, RequestCache | undefined>();
  readonly mirrors = new Map<string, Conduct>();
  hungUp = 0;

  readonly fetchFile = (url: string, bounds: FetchBounds): Promise<Fetched> => {
    const [base] = /^https:\/\/[^/]+\//.exec(url) ?? [''];
    const path = url.slice(base.length);
    this.asked.push(url);
    this.caches.set(url, bounds.cache);
    return this.answer(this.mirrors.get(base) ?? 'dead', path, bounds);
  };

  /** The paths that this mirror was asked for. */
  askedOf(url: string): string[] {
    return this.asked.filter((each) => each.startsWith(url)).map((each) => each.slice(url.length));
  }

  private async answer(conduct: Conduct, path: string, bounds: FetchBounds): Promise<Fetched> {
    const deed = typeof conduct === 'function' ? conduct(path) : typeof conduct === 'string' ? conduct : (conduct.get(path) ?? 'missing');
    if (deed === 'hung') return this.hang(bounds);
    if (deed === 'dead') throw new FetchFailed('network');
    if (deed === 'missing') throw new FetchFailed('status', 404);
    if (deed === 'forbidden') throw new FetchFailed('status', 403);
    if (deed.length > bounds.maxBytes) throw new FetchFailed('long');
    bounds.onFirstByte?.();
    bounds.onProgress?.(deed.length);
    return { status: 200, bytes: deed, etag: null };
  }

  private hang(bounds: FetchBounds): Promise<Fetched> {
    return new Promise((_, reject) => {
      const timer = setTimeout(() => reject(new FetchFailed('timeout')), bounds.firstByteMs);
      bounds.signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        this.hungUp += 1;
        reject(new FetchFailed('cancelled'));
      });
    });
  }
}
