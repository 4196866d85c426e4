/**
 * Brings the trust documents of an event from untrusted mirrors, and keeps them new (spec/trust.md, L).
 *
 * The first look is one fetch, `trust/boot.json`. Whatever it lacks or gets wrong is fetched singly, from any mirror that
 * gives what verifies: one liar costs a request. What is believed is replaced only by a whole newer set.
 */
import { parseBoot } from '../protocol/boot';
import type { Crypto } from '../protocol/crypto';
import { HumaError } from '../protocol/errors';
import type { Event } from '../protocol/event';
import {
  BOOT_MAX_BYTES, MAX_ROOT_ROTATIONS, REVOKED_MAX_BYTES, ROOT_MAX_BYTES, TARGET_MAX_BYTES, TRUST_SUSPECT_MS,
} from '../protocol/limits';
import { METADATA_LIMITS, TOP_LEVEL, metadataLimit } from '../protocol/metadata';
import { parseRoster } from '../protocol/roster';
import type { TrustEvent } from '../protocol/session/types';
import { type TrustState, TrustedDocuments } from '../protocol/trust';
import { type AskBounds, type Asked, type FetchFile, type Refusal, type Source, fromAnyMirror } from './anymirror';
import { fetchBounded } from './fetch';
import { Introductions } from './introductions';
import { sourcesOf } from './sources';
import { type Trust, trustEventOf } from './trustevent';

export type { Trust } from './trustevent';

export interface LoaderOptions {
  readonly eventId: string;
  /** URLs of mirrors from the link or the pin, in the order in which they are asked. */
  readonly hints: readonly string[];
  /** The exact bytes of 1.root.json, where the page carries them. */
  readonly root1?: Uint8Array;
  readonly state: TrustState | null;
  readonly crypto: Crypto;
  readonly wall: () => number;
  /** Whether this page can ask that URL at all (an https page cannot ask http). */
  readonly canAsk?: (url: string) => boolean;
  /** Whether volunteers' mirrors may be asked: the viewer can turn them off. */
  readonly volunteers?: () => boolean;
  readonly fetchFile?: FetchFile;
  readonly random?: () => number;
  /** Version counters to keep over a restart. */
  readonly onState?: (state: TrustState) => void;
  /** A mirror (its id; for a hint: its URL) has served this event's 1.root.json. Told once there is a roster; before, see `mirrorsSeen`. */
  readonly onRootSeen?: (mirror: string) => void;
  readonly onRefusal?: (refusal: Refusal) => void;
}

/** Verified bytes by path: what need not be fetched again. */
type Pot = ReadonlyMap<string, Uint8Array>;

/** Documents on their way to being whole, with the files in hand. */
interface Draft {
  readonly documents: TrustedDocuments;
  readonly pot: Pot;
}

/** A whole set, with the files that it was read from. */
interface Whole {
  readonly trust: Trust;
  readonly pot: Pot;
}

const POT_FILES = 32;
const SPOILT_MAX = 256;
const ROOT1_PATH = 'trust/1.root.json';
const BOOT_PATH = 'trust/boot.json';
const TIMESTAMP_PATH = 'trust/timestamp.json';

export class TrustLoader {
  private trust: Trust | null = null;
  private pot: Pot = new Map();
  private readonly introductions: Introductions;
  /** URLs that gave something wrong: a cache on the way may have kept it. */
  private readonly spoilt = new Set<string>();
  private readonly turn: number;
  private suspectedAt = -Infinity;
  private working: Promise<Trust> | null = null;

  constructor(private readonly options: LoaderOptions) {
    this.turn = (options.random ?? Math.random)();
    this.introductions = new Introductions(
      (mirror) => this.askForRoot1(mirror),
      (url) => this.trust !== null && options.onRootSeen?.(this.idOf(url)),
    );
  }

  /** What is in force, once `load` has found it. */
  get current(): Trust | null {
    return this.trust;
  }

  /** Ids (for hints: URLs) of the mirrors that have served this event's 1.root.json. */
  get mirrorsSeen(): readonly string[] {
    return [...new Set([...this.introductions.proven].map((url) => this.idOf(url)))];
  }

  /**
   * The first look.
   *
   * @throws {HumaError} `no-mirror` when no source gave a whole set. Calling again tries again.
   */
  load(): Promise<Trust> {
    return this.alone(async () => this.adopt(await this.firstLook()));
  }

  /** Look for a next root and a newer timestamp, and follow them. What is in force stays so unless the newer set is whole. */
  refresh(): Promise<Trust> {
    return this.alone(async () => {
      if (this.trust === null) return this.adopt(await this.firstLook());
      const draft = await this.withNews({ documents: this.trust.documents, pot: this.pot });
      return this.adopt(await this.complete(draft));
    });
  }

  /** The live keys that this revoked.json revokes. */
  async revoked(bytes: Uint8Array): Promise<readonly string[]> {
    return this.inForce().documents.revoked(bytes);
  }

  /** `live/revoked.json` from two mirrors: the union of what verifies. One honest mirror suffices. */
  async revokedAtStart(): Promise<readonly string[]> {
    const bounds = { maxBytes: REVOKED_MAX_BYTES, enough: 2, cache: 'no-cache' } as const;
    const { answers } = await this.ask('live/revoked.json', bounds, (bytes) => this.revoked(bytes));
    return [...new Set(answers.flatMap(({ found }) => found))].sort();
  }

  /** A document that proves itself, from the first source that gives what `accept` verifies; null where none does. */
  async document<Found>(path: string, maxBytes: number, accept: (bytes: Uint8Array) => Promise<Found>): Promise<Found | null> {
    return (await this.ask(path, { maxBytes }, accept)).answers[0]?.found ?? null;
  }

  /**
   * Whether this timestamp says that there is something newer: then `refresh` is worth its while.
   *
   * An older one is no fault: mirrors lag. One that does not verify may be signed under a root that some mirror keeps
   * from us, so it counts now and then, whatever its version: a thief may have run ours up (T8).
   *
   * @throws {HumaError} for what is not a timestamp of this event.
   */
  async newerTimestamp(bytes: Uint8Array): Promise<boolean> {
    const { documents } = this.inForce();
    try {
      return (await documents.updateTimestamp(bytes)).timestampVersion > documents.timestampVersion;
    } catch (error) {
      const code = error instanceof HumaError ? error.code : '';
      if (code === 'behind' || code === 'conflict') return false;
      if (code === 'bad-signature' && this.maySuspect()) return true;
      throw error;
    }
  }

  /** Ask a mirror for this event's 1.root.json: no other mirror's word makes it one of ours. */
  introduce(mirror: Source): Promise<boolean> {
    return this.introductions.introduce(mirror);
  }

  /** What the session must know of the documents in force. */
  trustEvent(): TrustEvent {
    return trustEventOf(this.inForce(), this.options.hints);
  }

  /** By boot.json where that leads to a whole set that has not expired; else singly; else by what boot.json had. */
  private async firstLook(): Promise<Whole> {
    const boot = await this.fromBoot();
    try {
      if (boot !== null && !this.isExpired(boot.documents)) return await this.complete(boot);
    } catch (error) {
      onlyOurs(error);
    }
    try {
      return await this.complete(await this.withNews(boot ?? (await this.fromRoot1())));
    } catch (error) {
      if (boot === null) throw onlyOurs(error);
      return this.complete(boot);
    }
  }

  /** One fetch instead of ten. A set that has expired is kept in case nobody has a newer one. */
  private async fromBoot(): Promise<Draft | null> {
    let stale: Draft | null = null;
    const { answers } = await this.ask(BOOT_PATH, { maxBytes: BOOT_MAX_BYTES, cache: 'no-cache' }, async (bytes, source) => {
      const draft = await this.readBoot(bytes, source);
      if (!this.isExpired(draft.documents)) return draft;
      stale = newer(stale, draft);
      throw new HumaError('expired', 'the documents have expired: another mirror may have newer ones');
    });
    return answers[0]?.found ?? stale;
  }

  /** Every fault refuses the whole of it. A mirror whose boot.json holds 1.root.json has served that. */
  private async readBoot(bytes: Uint8Array, source: Source): Promise<Draft> {
    const pot = parseBoot(bytes);
    const root1 = pot.get(ROOT1_PATH);
    if (root1 === undefined) throw new HumaError('not-listed', 'boot.json without 1.root.json');
    const start = await this.start(root1);
    this.introductions.saw(source.url);
    const documents = await start.take(pot);
    if (documents.timestampVersion === 0) throw new HumaError('not-listed', 'boot.json without a timestamp');
    return { documents, pot };
  }

  private async fromRoot1(): Promise<Draft> {
    const pinned = await this.pinned();
    if (pinned !== null) return { documents: pinned, pot: new Map() };
    const { answers, refusals } = await this.ask(ROOT1_PATH, { maxBytes: ROOT_MAX_BYTES }, async (bytes, source) => {
      const documents = await this.start(bytes);
      this.introductions.saw(source.url);
      return documents;
    });
    const documents = answers[0]?.found;
    if (documents === undefined) throw noMirror(ROOT1_PATH, refusals);
    return { documents, pot: new Map() };
  }

  /** The page's own 1.root.json; one that is not this event's is left aside. */
  private async pinned(): Promise<TrustedDocuments | null> {
    try {
      return this.options.root1 === undefined ? null : await this.start(this.options.root1);
    } catch (error) {
      onlyOurs(error);
      return null;
    }
  }

  private start(root1: Uint8Array): Promise<TrustedDocuments> {
    return TrustedDocuments.start(this.options.eventId, root1, this.options.crypto, this.options.state);
  }

  /** Roots one by one until two mirrors say that there is no next; then the newest timestamp that two of them show. */
  private async withNews(draft: Draft): Promise<Draft> {
    const documents = await this.withRoots(draft.documents);
    const bounds = { maxBytes: METADATA_LIMITS.timestamp, enough: 2, cache: 'no-cache' } as const;
    const { answers, refusals } = await this.ask(TIMESTAMP_PATH, bounds, (bytes) => documents.updateTimestamp(bytes));
    const [first, ...others] = answers.map(({ found }) => found);
    if (first === undefined) throw noMirror(TIMESTAMP_PATH, refusals);
    const newest = others.reduce((best, next) => (next.timestampVersion > best.timestampVersion ? next : best), first);
    return { documents: newest, pot: draft.pot };
  }

  private async withRoots(documents: TrustedDocuments): Promise<TrustedDocuments> {
    let newest = documents;
    for (let step = 0; step < MAX_ROOT_ROTATIONS; step += 1) {
      const before = newest;
      const bounds = { maxBytes: ROOT_MAX_BYTES, enoughDenials: 2, cache: 'no-cache' } as const;
      const { answers } = await this.ask(before.nextRootPath, bounds, (bytes) => before.updateRoot(bytes));
      const next = answers[0]?.found;
      if (next === undefined) return newest;
      this.options.onState?.(next.state);
      newest = next;
    }
    return newest;
  }

  /** Fetch what the documents still want, each file from any mirror. Without roster or steering the rest is still whole. */
  private async complete(draft: Draft): Promise<Whole> {
    const pot = new Map(draft.pot);
    let { documents } = draft;
    const given = new Set<string>();
    for (;;) {
      const path = documents.wanted.find((wanted) => !given.has(wanted));
      if (path === undefined) break;
      given.add(path);
      const before = documents;
      const next = await this.file(pot, path, metadataLimit(path), (bytes) => before.update(path, bytes));
      if (next !== null) documents = next;
    }
    const event = await this.target(documents, pot, 'event.json', (bytes) => documents.event(bytes));
    if (event === null) throw noMirror('event.json', []);
    return { trust: await this.assemble(documents, pot, event), pot };
  }

  private async assemble(documents: TrustedDocuments, pot: Map<string, Uint8Array>, event: Event): Promise<Trust> {
    const now = this.options.wall();
    const roster = await this.target(documents, pot, 'roster.json', async (bytes) =>
      parseRoster(await documents.target('roster.json', bytes)),
    );
    const steering = await this.target(documents, pot, 'steering.json', async (bytes) =>
      documents.steering(await documents.target('steering.json', bytes), now),
    );
    return {
      documents,
      event,
      roster: roster ?? this.trust?.roster ?? { mirrors: [] },
      steering: steering ?? (await documents.steering(null, now)),
      expired: documents.expired(now),
    };
  }

  private target<Found>(
    documents: TrustedDocuments, pot: Map<string, Uint8Array>, name: string, accept: (bytes: Uint8Array) => Promise<Found>,
  ): Promise<Found | null> {
    return documents.lists(name) ? this.file(pot, documents.targetPath(name), TARGET_MAX_BYTES, accept) : Promise.resolve(null);
  }

  /** A file that is in the pot and verifies, or that any mirror has. */
  private async file<Found>(
    pot: Map<string, Uint8Array>, path: string, maxBytes: number, accept: (bytes: Uint8Array) => Promise<Found>,
  ): Promise<Found | null> {
    const acceptAndKeep = async (bytes: Uint8Array): Promise<Found> => {
      const found = await accept(bytes);
      pot.delete(path);
      pot.set(path, bytes);
      return found;
    };
    const held = pot.get(path);
    try {
      if (held !== undefined) return await acceptAndKeep(held);
    } catch (error) {
      onlyOurs(error);
    }
    const cache = path === TIMESTAMP_PATH ? 'no-cache' : 'default';
    const { answers } = await this.ask(path, { maxBytes, cache }, acceptAndKeep);
    return answers[0]?.found ?? null;
  }

  private adopt({ trust, pot }: Whole): Trust {
    this.trust = trust;
    this.pot = new Map([...pot].slice(-POT_FILES));
    this.options.onState?.(trust.documents.state);
    return trust;
  }

  private async ask<Found>(
    path: string, bounds: AskBounds, accept: (bytes: Uint8Array, source: Source) => Promise<Found>,
  ): Promise<Asked<Found>> {
    const asked = await fromAnyMirror(this.fetchFile, this.sources(), path, bounds, accept);
    for (const refusal of asked.refusals) this.note(refusal);
    return asked;
  }

  /** Where something wrong came from, it is asked for again past every cache. */
  private readonly fetchFile: FetchFile = (url, bounds) =>
    (this.options.fetchFile ?? fetchBounded)(url, this.spoilt.has(url) ? { ...bounds, cache: 'reload' } : bounds);

  private note(refusal: Refusal): void {
    if (this.spoilt.size >= SPOILT_MAX) this.spoilt.clear();
    if (refusal.bytes > 0) this.spoilt.add(refusal.source.url + refusal.path);
    this.options.onRefusal?.(refusal);
  }

  private sources(): readonly Source[] {
    return sourcesOf({
      hints: this.options.hints,
      mirrors: this.trust?.roster.mirrors ?? [],
      withdrawn: this.trust?.steering.withdrawn ?? [],
      proven: this.introductions.proven,
      volunteers: this.options.volunteers?.() ?? true,
      canAsk: this.options.canAsk ?? (() => true),
      turn: this.turn,
    });
  }

  private async askForRoot1(mirror: Source): Promise<boolean> {
    const { answers } = await fromAnyMirror(this.fetchFile, [mirror], ROOT1_PATH, { maxBytes: ROOT_MAX_BYTES }, async (bytes) => {
      await this.start(bytes);
      this.introductions.saw(mirror.url);
    });
    return answers.length > 0;
  }

  /** The roster's id, once the roster is known; else the URL. */
  private idOf(url: string): string {
    return this.trust?.roster.mirrors.find((mirror) => mirror.url === url)?.id ?? url;
  }

  /** One walk at a time; whoever asks meanwhile gets the same answer. */
  private alone(work: () => Promise<Trust>): Promise<Trust> {
    this.working ??= work().finally(() => {
      this.working = null;
    });
    return this.working;
  }

  private inForce(): Trust {
    if (this.trust === null) throw new HumaError('bug', 'the trust documents were not loaded');
    return this.trust;
  }

  private isExpired(documents: TrustedDocuments): boolean {
    const expired = documents.expired(this.options.wall());
    return TOP_LEVEL.some((role) => expired.includes(role));
  }

  private maySuspect(): boolean {
    const now = this.options.wall();
    if (Math.abs(now - this.suspectedAt) < TRUST_SUSPECT_MS) return false;
    this.suspectedAt = now;
    return true;
  }
}

const noMirror = (path: string, refusals: readonly Refusal[]): HumaError =>
  new HumaError('no-mirror', `no mirror gave ${path} (${refusals.map(({ code, status }) => status ?? code).join(', ') || 'none asked'})`);

const newer = (a: Draft | null, b: Draft): Draft =>
  a !== null && a.documents.timestampVersion >= b.documents.timestampVersion ? a : b;

/** Only our own errors are a mirror's doing; anything else is our mistake, and must be seen. */
function onlyOurs(error: unknown): HumaError {
  if (error instanceof HumaError) return error;
  throw error;
}
