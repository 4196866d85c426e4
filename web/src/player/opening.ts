/**
 * From a link to a session that runs: crypto by trial, what was remembered, the trust documents, the driver. It does not give
 * up: without a mirror it tries again, and says so meanwhile.
 */
import { chooseCrypto } from '../io/crypto';
import type { ChosenCrypto } from '../io/crypto';
import { SessionDriver } from '../io/driver';
import type { Judge, Timing } from '../io/driver';
import { fetchBounded } from '../io/fetch';
import type { Memory } from '../io/persist';
import { TrustLoader } from '../io/trustloader';
import type { Trust } from '../io/trustloader';
import type { FetchFile, Refusal as FetchRefusal } from '../io/anymirror';
import { type Checkpoint, verifyCheckpoint } from '../protocol/checkpoint';
import { HumaError } from '../protocol/errors';
import type { Event } from '../protocol/event';
import { CHECKPOINT_MAX_BYTES } from '../protocol/limits';
import { checkpointPath } from '../protocol/names';
import { looksLikeOurs, verifyLive } from '../protocol/playlist';
import { WatchSession } from '../protocol/session/session';
import type { NoteCommand } from '../protocol/session/types';
import type { Target } from './pin';
import { schemesOf } from './support';

export interface Opened {
  readonly crypto: ChosenCrypto;
  readonly loader: TrustLoader;
}

export interface OpeningPorts {
  readonly target: Target;
  readonly memory: Memory;
  /** Whether strangers' mirrors may be asked; the viewer may change that at any time. */
  readonly volunteers: () => boolean;
  readonly onTrust: (trust: Trust) => void;
  readonly onTrouble: (trouble: Trouble | null) => void;
  readonly onNote: (note: NoteCommand) => void;
  readonly onChange: () => void;
  /** This mirror has shown that it is one of this event's. */
  readonly onRootSeen: (mirror: string) => void;
  /** What the trust documents say of the line, before anything is played. */
  readonly onMeasured: (bytes: number, timing: Timing) => void;
}

/** Why it does not open yet. `noTrust` and `badEvent` are said as errors; the rest stands as a warning. */
export type Trouble = 'noMirror' | 'loginNetwork' | 'noTrust' | 'badEvent';

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 15_000;

const wall = (): number => Date.now();
const mono = (): number => Math.round(performance.now());
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function open(ports: OpeningPorts): Promise<Opened> {
  const crypto = await chooseCrypto();
  const { target, memory } = ports;
  const remembered = memory.recall(target.eventId);
  const schemes = schemesOf(location.protocol);
  const refusals: FetchRefusal[] = [];
  const loader = new TrustLoader({
    eventId: target.eventId,
    hints: target.hints,
    ...(target.root === null ? {} : { root1: new TextEncoder().encode(target.root) }),
    state: remembered.trust,
    crypto,
    wall,
    volunteers: ports.volunteers,
    random: () => seedOf(ports) / 2 ** 32,
    canAsk: (url) => schemes.some((scheme) => url.startsWith(`${scheme}:`)),
    onState: (state) => memory.saveTrust(state),
    onRootSeen: ports.onRootSeen,
    onRefusal: (refusal) => refusals.push(refusal),
    fetchFile: measuring(ports.onMeasured),
  });
  const trust = await insist(loader, refusals, ports.onTrouble);
  ports.onTrust(trust);
  return { crypto, loader };
}

/** A session over the documents in force. Another one is begun when the viewer turns volunteers off or on. */
export function drive({ crypto, loader }: Opened, ports: OpeningPorts): SessionDriver {
  const { target, memory } = ports;
  const restored = memory.recall(target.eventId).belief;
  const onion = location.hostname.endsWith('.onion');
  const session = new WatchSession(
    { restored, volunteers: ports.volunteers(), schemes: schemesOf(location.protocol), onion },
    seedOf(ports),
  );
  const driver = new SessionDriver({
    session,
    judge: judgeOf(loader, crypto, target.eventId, ports),
    crypto,
    fetch: fetchBounded,
    wall,
    mono,
    save: (state) => memory.saveBelief(state),
    onNote: ports.onNote,
    onMeasured: ports.onMeasured,
    onChange: ports.onChange,
  });
  driver.trust(loader.trustEvent());
  for (const mirror of loader.mirrorsSeen) driver.rootSeen(mirror);
  return driver;
}

/** What the key of `rank` found when it took over, from any mirror that has a checkpoint that verifies; null where none has. */
export function checkpointOf({ crypto, loader }: Opened, eventId: string, rank: number): Promise<Checkpoint | null> {
  return loader.document(checkpointPath(rank), CHECKPOINT_MAX_BYTES, (bytes) =>
    verifyCheckpoint(bytes, { event: eventOf(loader), eventId, crypto, rank }),
  );
}

/** One seed for a viewer and an event: each visit asks the same few mirrors (spec/client.md, M2). */
const seedOf = ({ memory, target }: OpeningPorts): number =>
  memory.seedOf(target.eventId, () => globalThis.crypto.getRandomValues(new Uint32Array(1))[0] ?? 1);

/** Trust documents are text, and come gzipped: this much of them went over the line. */
const GZIPPED = 0.4;

const measuring =
  (onMeasured: OpeningPorts['onMeasured']): FetchFile =>
  async (url, bounds) => {
    const asked = performance.now();
    let first = 0;
    const fetched = await fetchBounded(url, {
      ...bounds,
      onFirstByte: () => {
        first = performance.now();
        bounds.onFirstByte?.();
      },
    });
    onMeasured(fetched.bytes.length * GZIPPED, { asked, first: first || performance.now(), last: performance.now(), kept: false });
    return fetched;
  };

/** Until the trust documents are there. */
async function insist(loader: TrustLoader, refusals: FetchRefusal[], onTrouble: OpeningPorts['onTrouble']): Promise<Trust> {
  for (let pause = RETRY_FIRST_MS; ; pause = Math.min(RETRY_MOST_MS, 2 * pause)) {
    refusals.length = 0;
    try {
      const trust = await loader.load();
      onTrouble(null);
      return trust;
    } catch (error) {
      if (!(error instanceof HumaError)) throw error;
      onTrouble(troubleOf(refusals));
    }
    await wait(pause * (0.75 + Math.random() / 2));
  }
}

const UNREACHED = new Set(['network', 'timeout', 'status', 'too-slow', 'cancelled', 'short', 'long']);

/** Nobody answered, something else answered for everybody, or what came does not belong to the key of the link. */
export function troubleOf(refusals: readonly FetchRefusal[]): Trouble {
  const answered = refusals.filter(({ code }) => !UNREACHED.has(code));
  if (answered.length === 0) return 'noMirror';
  if (answered.every(({ code }) => code === 'redirect' || code === 'malformed')) return 'loginNetwork';
  const eventRefused = answered.some(({ path, code }) => /\.event\.json$/.test(path) && code === 'malformed');
  return eventRefused ? 'badEvent' : 'noTrust';
}

/** The event as it stands now: keys are added while a page is open. */
function eventOf(loader: TrustLoader): Event {
  const event = loader.current?.event;
  if (event === undefined) throw new HumaError('bug', 'no event');
  return event;
}

/** Judges by the trust documents that are in force when it is asked. */
function judgeOf(loader: TrustLoader, crypto: ChosenCrypto, eventId: string, ports: OpeningPorts): Judge {
  return {
    playlist: (bytes, rendition) => verifyLive(bytes, { event: eventOf(loader), eventId, rendition, crypto }),
    looksLikeOurs: (bytes) => looksLikeOurs(bytes, eventId),
    revoked: (bytes) => loader.revoked(bytes),
    newerTimestamp: (bytes) => loader.newerTimestamp(bytes),
    refresh: async () => {
      ports.onTrust(await loader.refresh());
      return loader.trustEvent();
    },
    introduce: (mirror, url) => {
      const listed = loader.current?.roster.mirrors.find(({ id }) => id === mirror);
      void loader.introduce({ id: mirror, url, operator: listed?.operator ?? url });
    },
  };
}
