/**
 * Is this line too long or too thin for segments of one tick? Then the slow ladder carries better: a quarter of the round
 * trips, a narrow sound, and 20 to 30 seconds of buffer (PROTOCOL 4). A value, changed by what was measured.
 */
import type { Timing } from '../io/driver';

export interface Line {
  readonly slow: boolean;
  /** Bits a second while bytes flow; null before anything was measured. */
  readonly rate: number | null;
  /** Milliseconds to the first byte. */
  readonly delay: number | null;
  /** Since when the line has looked good enough to go back; null when it does not. */
  readonly goodSince: number | null;
  /** How long it must look good before the next return: doubles when a return was a mistake. */
  readonly patienceMs: number;
  readonly changedAt: number;
  /** How many delays were measured: the first may have opened a connection. */
  readonly samples: number;
}

/** What the two ladders ask of a line, in bits a second. */
export interface Needs {
  readonly fast: number;
}

const TOO_THIN = 1.35;
const WELL = 2.2;
const WIDE = 4;
const LONG_MS = 600;
const VERY_LONG_MS = 1_500;
const SHORT_MS = 400;
const PATIENCE_FIRST_MS = 15_000;
const PATIENCE_MAX_MS = 600_000;
/** A fall back this soon after a return means that the return was wrong. */
const SOON_MS = 60_000;
const WEIGHT = 0.4;
/** Below this a body says more about its round trip than about the rate. */
const TELLING_BYTES = 4_000;
/** Bodies that came at once say "very fast", not "endlessly". */
const LEAST_FLOW_MS = 4;

export const FRESH_LINE: Line = {
  slow: false,
  rate: null,
  delay: null,
  goodSince: null,
  patienceMs: PATIENCE_FIRST_MS,
  changedAt: 0,
  samples: 0,
};

const mixed = (old: number | null, fresh: number): number => (old === null ? fresh : old + WEIGHT * (fresh - old));

/** A body came: what it says of the line. */
export function measured(line: Line, bytes: number, timing: Timing): Line {
  if (timing.kept) return line;
  const delay = mixed(line.delay, Math.max(0, timing.first - timing.asked));
  const samples = line.samples + 1;
  const flowing = timing.last - timing.first;
  if (bytes < TELLING_BYTES) return { ...line, delay, samples };
  return { ...line, delay, samples, rate: mixed(line.rate, (bytes * 8000) / Math.max(flowing, LEAST_FLOW_MS)) };
}

/** A long way is no trouble where it is wide. The first request may have opened a connection: alone it tells little. */
function tooThin({ rate, delay, samples }: Line, { fast }: Needs): boolean {
  if (rate === null) return delay !== null && delay > (samples > 1 ? LONG_MS : VERY_LONG_MS);
  return rate < TOO_THIN * fast || (delay !== null && delay > LONG_MS && rate < WIDE * fast);
}

/** Whether one more measurement could change what the line is taken for. */
export const isClear = ({ rate, delay, samples }: Line): boolean =>
  rate !== null || samples !== 1 || (delay ?? 0) <= LONG_MS || (delay ?? 0) > VERY_LONG_MS;

const well = ({ rate, delay }: Line, { fast }: Needs): boolean =>
  rate !== null && rate > WELL * fast && (delay ?? 0) < SHORT_MS;

/** The line after looking at it: `starved` says that the smallest picture of the fast ladder did not keep up. */
export function judgedLine(line: Line, needs: Needs, { now, starved }: { now: number; starved: boolean }): Line {
  if (!line.slow) {
    if (!starved && !tooThin(line, needs)) return line;
    const soon = line.changedAt > 0 && now - line.changedAt < SOON_MS;
    const patienceMs = soon ? Math.min(PATIENCE_MAX_MS, 2 * line.patienceMs) : line.patienceMs;
    return { ...line, slow: true, goodSince: null, patienceMs, changedAt: now };
  }
  if (!well(line, needs)) return { ...line, goodSince: null };
  if (line.goodSince === null) return { ...line, goodSince: now };
  if (now - line.goodSince < line.patienceMs) return line;
  return { ...line, slow: false, goodSince: null, changedAt: now };
}

/** What the arrival of this page says; a page that was kept says nothing. */
export function lineOfPage(): Line {
  const [own] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (own === undefined || own.transferSize < TELLING_BYTES) return FRESH_LINE;
  return measured(FRESH_LINE, own.transferSize, { asked: own.requestStart, first: own.responseStart, last: own.responseEnd, kept: false });
}
