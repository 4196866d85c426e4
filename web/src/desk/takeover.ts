/** Where a take-over stands, by what the places show: first the higher rank is everywhere, then the lower key goes. */
import { rankOnAir, showing } from './outside';
import type { DeskState, LiveKey } from './state';

export interface TakeOver {
  /** The rank that viewers follow now; null where nothing is seen. */
  readonly rank: number | null;
  /** `ready`: nobody has begun. `spreading`: some places show the lower rank yet. `spread`: the lower keys can go. */
  readonly stage: 'ready' | 'spreading' | 'spread';
  /** The key that takes over, or did; null where none is left above. */
  readonly next: LiveKey | null;
  /** Keys of lower ranks that viewers still believe. */
  readonly old: readonly LiveKey[];
  /** Places that show the rank of `next`, of all that show any. */
  readonly showing: number;
  readonly of: number;
}

export function takeOverOf({ seen, live_keys }: Pick<DeskState, 'seen' | 'live_keys'>): TakeOver {
  const rank = rankOnAir(seen);
  const places = showing(seen);
  const usable = live_keys.filter(({ revoked }) => !revoked).toSorted((one, other) => one.rank - other.rank);
  const lower = rank === null ? [] : usable.filter((key) => key.rank < rank);
  if (lower.length === 0) {
    const next = usable.find((key) => key.rank > (rank ?? 0) && (rank !== null || key !== usable[0])) ?? null;
    return { rank, stage: 'ready', next, old: usable.filter((key) => key.rank === rank), showing: 0, of: places.length };
  }
  const following = places.filter((each) => each.rank === rank).length;
  return {
    rank,
    stage: following === places.length ? 'spread' : 'spreading',
    next: usable.find((key) => key.rank === rank) ?? null,
    old: lower,
    showing: following,
    of: places.length,
  };
}
