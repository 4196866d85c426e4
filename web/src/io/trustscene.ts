/** For tests: a loader among three mirrors, and what it has told. */
import { afterEach, beforeAll, beforeEach, vi } from 'vitest';
import type { Crypto } from '../protocol/crypto';
import { encodeUtf8 } from '../protocol/strictjson';
import type { TrustState } from '../protocol/trust';
import type { Refusal } from './anymirror';
import { nobleCrypto } from './crypto';
import { type LoaderOptions, TrustLoader } from './trustloader';
import { type Conduct, SimNet, TrustSim } from './trustsim';

const NOW = Date.parse('2026-11-23T19:00:00Z');
export const [A, B, C] = ['https://a.example/', 'https://b.example/', 'https://c.example/'] as const;
export const GARBAGE = encodeUtf8('<html>Access denied</html>');

let crypto: Crypto;
export let sim: TrustSim;
export let net: SimNet;
export let refusals: Refusal[];
export let states: TrustState[];
export let rootsSeen: string[];

/** Three mirrors of a fresh event before each test of the file, and a clock that the test moves. */
export const beforeEveryTest = (): void => {
  beforeAll(async () => {
    crypto = await nobleCrypto();
  });

  beforeEach(() => {
    vi.useFakeTimers();
    sim = new TrustSim();
    for (const id of ['a', 'b', 'c']) sim.addMirror(id);
    sim.weights = { a: 60, b: 40 };
    sim.publish();
    net = new SimNet();
    [refusals, states, rootsSeen] = [[], [], []];
  });

  afterEach(() => {
    vi.useRealTimers();
  });
};

export const loader = (more: Partial<LoaderOptions> = {}): TrustLoader =>
  new TrustLoader({
    eventId: sim.eventId,
    hints: [A, B],
    state: null,
    crypto,
    wall: () => NOW,
    fetchFile: net.fetchFile,
    random: () => 0,
    onRefusal: (refusal) => refusals.push(refusal),
    onState: (state) => states.push(state),
    onRootSeen: (mirror) => rootsSeen.push(mirror),
    ...more,
  });

export const mirrors = (conducts: Record<string, Conduct>): void => {
  for (const [url, conduct] of Object.entries(conducts)) net.mirrors.set(url, conduct);
};

/** An honest mirror that changes some files. */
export const but = (changes: Record<string, Uint8Array | 'missing' | 'hung' | 'dead' | 'forbidden'>): Conduct => (path) =>
  changes[path] ?? sim.files.get(path) ?? 'missing';

/** Run all timers until `doing` is done; how long it took on the clock. */
export const inTime = async <Found>(doing: Promise<Found>): Promise<[Found, number]> => {
  const start = performance.now();
  let done = false;
  const settled = doing.finally(() => {
    done = true;
  });
  settled.catch(() => undefined);
  while (!done && performance.now() - start < 120_000) await vi.advanceTimersByTimeAsync(100);
  return [await settled, performance.now() - start];
};
