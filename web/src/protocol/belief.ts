/** What a client believes of the signed playlists it is shown: a value, and one function (spec/client.md, B). Twin of belief.py. */
import type { Grid } from './grid';
import { BEHIND_MS, EVIDENCE_KEPT, FUTURE_MS, MAX_LIVE_KEYS, MAX_REVOKED, RISE_SLACK_TICKS } from './limits';
import type { OfferedPlaylist, SavedBelief } from './session/types';
import { NO_TRAIL, type Proof, type Trail, findProof, withOffered } from './trail';

export type Verdict =
  | 'advanced' | 'unchanged' | 'behind' | 'implausible' | 'revoked' | 'other-branch' | 'overlap' | 'unknown';

/** The verdict, and the proof of a stolen key if this playlist completed one. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly proof: Proof | null;
}

/** The playlist believed for one rendition, and when it was. */
export interface Held {
  readonly playlist: OfferedPlaylist;
  readonly advancedMono: number;
}

/** Evidence: an operator showed this tick, and it was not believed yet. */
interface Sighting {
  readonly operator: string;
  readonly rank: number;
  readonly tick: number;
  readonly mono: number;
  readonly signedDigest: string;
}

/** Two operators gave the same signed bytes; `mono` is when that tick first advanced here. */
export interface Confirmed {
  readonly mono: number;
  readonly issuedMs: number;
  readonly targetDuration: number;
}

type Floors = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** All that a client believes of the live playlists of one event. */
export interface Belief {
  readonly eventId: string;
  readonly grid: Grid;
  readonly ticksPerSegment: ReadonlyMap<string, number>;
  readonly floors: Floors;
  readonly revoked: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, Held>;
  readonly trails: ReadonlyMap<string, Trail>;
  /** A tick that was plausible by more than its rise, and when: rises are measured from here. */
  readonly anchor: { readonly tick: number; readonly mono: number; readonly wall: number } | null;
  readonly sightings: readonly Sighting[];
  readonly confirmed: Confirmed | null;
  readonly proofs: readonly Proof[];
}

/** B1: nothing is believed but what an earlier session of the same event kept. */
export function beginBelief(
  eventId: string,
  grid: Grid,
  ticksPerSegment: ReadonlyMap<string, number>,
  restored: SavedBelief | null = null,
): Belief {
  const kept = restored !== null && restored.eventId === eventId ? restored : { floors: {}, revoked: [] };
  const floors = new Map(
    Object.entries(kept.floors).map(([rank, ticks]) => [Number(rank), new Map(Object.entries(ticks))]),
  );
  return {
    eventId,
    grid,
    ticksPerSegment,
    floors,
    revoked: new Set(kept.revoked),
    held: new Map(),
    trails: new Map(),
    anchor: null,
    sightings: [],
    confirmed: null,
    proofs: [],
  };
}

/** The highest rank ever believed; 0 before the first. */
export const rankOf = (belief: Belief): number => Math.max(0, ...belief.floors.keys());

/** The held playlist of the highest tick. */
export function newestOf(belief: Belief): Held | null {
  let newest: Held | null = null;
  for (const held of belief.held.values()) {
    const ahead =
      newest === null ||
      held.playlist.tick > newest.playlist.tick ||
      (held.playlist.tick === newest.playlist.tick && held.advancedMono > newest.advancedMono);
    if (ahead) newest = held;
  }
  return newest;
}

/** B7: is the key in play proved to have signed two versions? */
export function hasTwoVersions(belief: Belief): boolean {
  const rank = rankOf(belief);
  return belief.proofs.some((proof) => proof.rank === rank);
}

/** B4: no tick below this is believed for `rendition`. */
export function floorOf(belief: Belief, rendition: string, rank: number): number {
  const ticks = belief.floors.get(rank);
  if (ticks === undefined || ticks.size === 0) return 0;
  const [seconds, parts] = belief.grid.tick;
  const lag = Math.ceil((BEHIND_MS * parts) / (1000 * seconds));
  const across = Math.max(...ticks.values()) - lag - ((belief.ticksPerSegment.get(rendition) ?? 1) - 1);
  return Math.max(ticks.get(rendition) ?? 0, across, 0);
}

/** B9: the union only grows; what a revoked key signed is no longer held. */
export function revoke(belief: Belief, keyids: Iterable<string>): Belief {
  const revoked = new Set([...belief.revoked, ...keyids]);
  const held = new Map([...belief.held].filter(([, { playlist }]) => !revoked.has(playlist.keyid)));
  return { ...belief, revoked, held };
}

/** B3: when cut off, the next playlist is bound by the floor alone. */
export const unanchored = (belief: Belief): Belief => ({ ...belief, anchor: null, sightings: [] });

/** B3: after a suspension, in which `mono` may have stood still, the wall clock may say what went by. */
export function woken(belief: Belief, wall: number, mono: number): Belief {
  const { anchor } = belief;
  if (anchor === null) return { ...belief, sightings: [] };
  const slept = Math.max(0, wall - anchor.wall - (mono - anchor.mono));
  return { ...belief, anchor: { ...anchor, mono: anchor.mono - slept }, sightings: [] };
}

/** B8: what is kept over restarts. */
export function savedOf(belief: Belief): SavedBelief {
  const floors: Record<string, Record<string, number>> = {};
  for (const [rank, ticks] of belief.floors) floors[rank] = Object.fromEntries(ticks);
  return boundedSaved({ v: 1, eventId: belief.eventId, floors, revoked: [...belief.revoked] });
}

/** No more than is read back: of more ranks the highest, of more keys the first. */
export function boundedSaved({ eventId, floors, revoked }: SavedBelief): SavedBelief {
  const ranks = Object.entries(floors).sort(([a], [b]) => Number(a) - Number(b)).slice(-MAX_LIVE_KEYS);
  return { v: 1, eventId, floors: Object.fromEntries(ranks), revoked: [...revoked].sort().slice(0, MAX_REVOKED) };
}

export interface Circumstances {
  readonly operator: string;
  readonly wall: number;
  readonly mono: number;
}

/** Judge one verified playlist that an operator showed. A refused one changes nothing but the evidence. */
export function believe(before: Belief, offered: OfferedPlaylist, seen: Circumstances): [Belief, Outcome] {
  let belief = before;
  if (!belief.ticksPerSegment.has(offered.rendition)) return [belief, { verdict: 'unknown', proof: null }];
  if (belief.revoked.has(offered.keyid)) return [belief, { verdict: 'revoked', proof: null }];
  const trail = belief.trails.get(trailKey(offered)) ?? NO_TRAIL;
  const { proof: found, contradictsBelief } = findProof(trail, offered);
  const proof = found !== null && belief.proofs.some((known) => isSameProof(known, found)) ? null : found;
  if (proof !== null) belief = { ...belief, proofs: [...belief.proofs, proof].slice(-EVIDENCE_KEPT) };
  if (contradictsBelief) return [belief, { verdict: 'other-branch', proof }];
  const [after, verdict] = place(belief, offered, seen);
  return [after, { verdict, proof }];
}

const trailKey = ({ keyid, rendition }: OfferedPlaylist): string => `${keyid}/${rendition}`;

const PROOF_MEMBERS = ['keyid', 'rank', 'rendition', 'kind', 'number', 'first', 'second'] as const;
const isSameProof = (a: Proof, b: Proof): boolean => PROOF_MEMBERS.every((member) => a[member] === b[member]);

/** B2 to B5: where does it stand in the order? */
function place(belief: Belief, offered: OfferedPlaylist, seen: Circumstances): [Belief, Verdict] {
  if (offered.rank < rankOf(belief) || offered.tick < floorOf(belief, offered.rendition, offered.rank)) {
    return [record(belief, offered, seen, false), 'behind'];
  }
  const held = belief.held.get(offered.rendition)?.playlist;
  if (held !== undefined && held.rank === offered.rank && held.tick === offered.tick) {
    const same = held.signedDigest === offered.signedDigest;
    return [record(belief, offered, seen, same), same ? 'unchanged' : 'overlap'];
  }
  let byRiseAlone = false;
  if (belief.anchor !== null && !byClockOrVoice(belief, offered, seen)) {
    if (!byRise(belief, offered.tick, seen.mono)) return [keepSighting(belief, offered, seen), 'implausible'];
    byRiseAlone = true;
  }
  return [advance(belief, offered, seen, byRiseAlone), 'advanced'];
}

/** B3 a and c: not later than the wall clock + a minute; or another operator showed as much. */
function byClockOrVoice(belief: Belief, offered: OfferedPlaylist, { operator, wall, mono }: Circumstances): boolean {
  if (belief.grid.startMs(offered.tick) <= wall + FUTURE_MS) return true;
  return belief.sightings.some((sighting) => {
    const expected = sighting.tick + belief.grid.ticksWithin(mono - sighting.mono);
    const close = Math.abs(offered.tick - expected) <= RISE_SLACK_TICKS;
    return sighting.operator !== operator && sighting.rank === offered.rank && close;
  });
}

/** B3 b: it rose by no more than the time that went by, and a slack that is granted once. */
function byRise({ anchor, grid }: Belief, tick: number, mono: number): boolean {
  return anchor === null || tick <= anchor.tick + grid.ticksWithin(mono - anchor.mono) + RISE_SLACK_TICKS;
}

/** The newest of each operator is kept: a flood of evidence from one displaces only its own. */
function keepSighting(belief: Belief, offered: OfferedPlaylist, { operator, mono }: Circumstances): Belief {
  const others = belief.sightings.filter((sighting) => sighting.operator !== operator);
  const mine = { operator, rank: offered.rank, tick: offered.tick, mono, signedDigest: offered.signedDigest };
  return { ...belief, sightings: [...others, mine].slice(-EVIDENCE_KEPT) };
}

function advance(belief: Belief, offered: OfferedPlaylist, seen: Circumstances, byRiseAlone: boolean): Belief {
  const rose = offered.rank > rankOf(belief);
  const ticks = new Map(belief.floors.get(offered.rank)).set(offered.rendition, offered.tick);
  let { anchor } = belief;
  if (anchor === null || (!byRiseAlone && (rose || offered.tick >= anchor.tick))) {
    anchor = { tick: offered.tick, mono: seen.mono, wall: seen.wall };
  }
  const moved: Belief = {
    ...belief,
    floors: new Map(belief.floors).set(offered.rank, ticks),
    held: new Map(rose ? [] : belief.held).set(offered.rendition, { playlist: offered, advancedMono: seen.mono }),
    anchor,
    confirmed: rose ? null : belief.confirmed,
  };
  return record(moved, offered, seen, true, belief.held.has(offered.rendition));
}

/** Remember who showed what: for proofs (B7), and for the voice of a second operator (B6). */
function record(before: Belief, offered: OfferedPlaylist, by: Circumstances, believed: boolean, advance = false): Belief {
  const key = trailKey(offered);
  const { operator, mono } = by;
  const trail = withOffered(before.trails.get(key) ?? NO_TRAIL, offered, { operator, mono, believed, advance });
  const seen = trail.ticks.get(offered.tick);
  let { confirmed } = before;
  if (seen?.advance && seen.operators.size > 1 && offered.rank === rankOf(before)) {
    if (confirmed === null || seen.mono >= confirmed.mono) {
      confirmed = { mono: seen.mono, issuedMs: offered.issuedMs, targetDuration: offered.targetDuration };
    }
  }
  return { ...before, trails: new Map(before.trails).set(key, trail), confirmed };
}
