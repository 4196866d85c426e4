/** What is seen from outside, counted and laid beside what the roster lists. */
import type { DeskState, Mirror, Seen, Verdict } from './state';

/** `looking`: no place has been looked at yet, so that nobody is told of an event that is off. */
export type Standing = Verdict | 'looking';

export function standingOf({ on_air, seen }: Pick<DeskState, 'on_air' | 'seen'>): Standing {
  return on_air === 'off' && seen.length > 0 && seen.every(({ state }) => state === 'unseen') ? 'looking' : on_air;
}

export interface Count {
  readonly showing: number;
  readonly of: number;
}

/** How many places of a kind say what the verdict says; with `off`, none does. A withdrawn mirror has no viewers and does not count. */
export function countOf(kind: Seen['kind'], { on_air, seen, mirrors }: Pick<DeskState, 'on_air' | 'seen' | 'mirrors'>): Count {
  const withdrawn = new Set(mirrors.filter((mirror) => mirror.withdrawn).map(({ id }) => id));
  const places = seen.filter((each) => each.kind === kind && (kind === 'store' || !withdrawn.has(each.name)));
  return { showing: places.filter(({ state }) => state === on_air).length, of: places.length };
}

export interface MirrorSeen {
  readonly mirror: Mirror;
  /** Null where nobody looks: not signed yet, or an onion, which needs a Tor of its own. */
  readonly seen: Seen | null;
}

export function mirrorsSeen({ mirrors, seen }: Pick<DeskState, 'mirrors' | 'seen'>): readonly MirrorSeen[] {
  return mirrors.map((mirror) => ({ mirror, seen: seen.find(({ kind, name }) => kind === 'mirror' && name === mirror.id) ?? null }));
}

export const storesSeen = ({ seen }: Pick<DeskState, 'seen'>): readonly Seen[] => seen.filter(({ kind }) => kind === 'store');

/** Places that show a stream now, of whatever rank. */
export const showing = (seen: readonly Seen[]): readonly (Seen & { readonly rank: number })[] =>
  seen.filter((each): each is Seen & { rank: number } => each.rank !== null && (each.state === 'on' || each.state === 'late'));

/** The rank that viewers follow: the highest that any place shows. */
export function rankOnAir(seen: readonly Seen[]): number | null {
  const ranks = showing(seen).map(({ rank }) => rank);
  return ranks.length === 0 ? null : Math.max(...ranks);
}
