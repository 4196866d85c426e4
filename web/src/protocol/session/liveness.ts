/** Is this live? What may be shown, and never more (spec/client.md, B6). Twin of liveness.py. */
import { type Belief, newestOf } from '../belief';
import { CUT_OFF_MS, CUT_OFF_TICKS, FROZEN_TARGET_DURATIONS, LIVE_WINDOW_MS } from '../limits';
import type { Status } from './types';

/** `since` when mirrors are being asked without a pause; null while nobody asks. `segmentMs` of the newest. */
export interface Listening {
  readonly since: number | null;
  readonly segmentMs: number;
  readonly began: boolean;
  readonly wasCutOff: boolean;
}

export interface Clock {
  readonly wall: number;
  readonly mono: number;
}

/** When silence becomes "cut off", if no mirror shows an advance before. */
function cutOffAt(belief: Belief, { since, segmentMs }: Listening): number | null {
  const newest = newestOf(belief);
  if (newest === null || newest.playlist.ended || since === null) return null;
  return Math.max(newest.advancedMono, since) + Math.max(CUT_OFF_TICKS * segmentMs, CUT_OFF_MS);
}

/** B6: until when the voices of two operators count. */
function confirmedUntil({ confirmed }: Belief): number | null {
  return confirmed === null ? null : confirmed.mono + FROZEN_TARGET_DURATIONS * confirmed.targetDuration * 1000;
}

/** B6, in the order in which it binds. */
export function status(belief: Belief | null, listening: Listening, { wall, mono }: Clock): Status {
  const newest = belief === null ? null : newestOf(belief);
  if (belief === null || newest === null) return listening.began ? 'cut_off' : 'waiting';
  if (newest.playlist.ended) return 'ended';
  const silentAt = cutOffAt(belief, listening);
  if (silentAt === null ? listening.wasCutOff : mono >= silentAt) return 'cut_off';
  const byClock = Math.abs(wall - newest.playlist.issuedMs) <= LIVE_WINDOW_MS;
  const voicesUntil = confirmedUntil(belief);
  const byVoices = voicesUntil !== null && mono <= voicesUntil && wall >= newest.playlist.issuedMs;
  return byClock || byVoices ? 'live' : 'unconfirmed';
}

/** When the status may change by time alone. */
export function changesAt(belief: Belief, listening: Listening, { wall, mono }: Clock): number[] {
  const newest = newestOf(belief);
  if (newest === null || newest.playlist.ended) return [];
  const left = newest.playlist.issuedMs + LIVE_WINDOW_MS - wall;
  const ahead = newest.playlist.issuedMs - LIVE_WINDOW_MS - wall;
  const moments = [cutOffAt(belief, listening), confirmedUntil(belief), mono + left + 1, mono + ahead];
  return moments.flatMap((at) => (at !== null && at >= mono ? [at + 1] : []));
}
