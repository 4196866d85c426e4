/** What one key was seen to sign for one rendition, and the proof that it signed two versions (spec/client.md, B7). Twin of trail.py. */
import { LIVE_MAX_SEGMENTS, TRAIL_TICKS } from './limits';
import type { OfferedPlaylist } from './session/types';

/** One key, one rendition, one tick or media sequence number, two versions. */
export interface Proof {
  readonly keyid: string;
  readonly rank: number;
  readonly rendition: string;
  readonly kind: 'tick' | 'sequence';
  readonly number: number;
  readonly first: string;
  readonly second: string;
}

/** The signed bytes of one tick: were they believed, since when, and who showed them. `advance` says that they took the place
 *  of an earlier tick while we watched. */
export interface Seen {
  readonly signedDigest: string;
  readonly believed: boolean;
  readonly mono: number;
  readonly operators: ReadonlySet<string>;
  readonly advance: boolean;
}

interface Named {
  readonly uri: string;
  readonly believed: boolean;
}

/** The last ticks and media sequence numbers of one key and rendition. */
export interface Trail {
  readonly ticks: ReadonlyMap<number, Seen>;
  readonly uris: ReadonlyMap<number, Named>;
}

export const NO_TRAIL: Trail = { ticks: new Map(), uris: new Map() };

export interface Showing {
  readonly operator: string;
  readonly mono: number;
  readonly believed: boolean;
  readonly advance: boolean;
}

/** The trail and one more playlist; what is believed displaces what is not, never the reverse. */
export function withOffered(trail: Trail, offered: OfferedPlaylist, { operator, mono, believed, advance }: Showing): Trail {
  const ticks = new Map(trail.ticks);
  const uris = new Map(trail.uris);
  const seen = ticks.get(offered.tick);
  if (seen === undefined || (believed && seen.signedDigest !== offered.signedDigest)) {
    ticks.set(offered.tick, { signedDigest: offered.signedDigest, believed, mono, operators: new Set([operator]), advance });
  } else if (seen.signedDigest === offered.signedDigest) {
    ticks.set(offered.tick, {
      signedDigest: seen.signedDigest,
      believed: seen.believed || believed,
      mono: believed && !seen.believed ? mono : seen.mono,
      operators: new Set([...seen.operators, operator]),
      advance: seen.advance || advance,
    });
  }
  offered.uris.forEach((uri, index) => {
    const number = offered.mediaSequence + index;
    const known = uris.get(number);
    if (known === undefined || (believed && !known.believed)) uris.set(number, { uri, believed });
  });
  return { ticks: highest(ticks, TRAIL_TICKS), uris: highest(uris, TRAIL_TICKS + LIVE_MAX_SEGMENTS) };
}

function highest<T>(numbered: Map<number, T>, most: number): Map<number, T> {
  return new Map([...numbered].sort(([a], [b]) => a - b).slice(-most));
}

/** The proof that `offered` makes with what was seen before, and whether it contradicts what was believed. */
export function findProof(trail: Trail, offered: OfferedPlaylist): { proof: Proof | null; contradictsBelief: boolean } {
  let found: Proof | null = null;
  for (const { believed, ...difference } of differences(trail, offered)) {
    const proof: Proof = { keyid: offered.keyid, rank: offered.rank, rendition: offered.rendition, ...difference };
    if (believed) return { proof, contradictsBelief: true };
    found ??= proof;
  }
  return { proof: found, contradictsBelief: false };
}

type Difference = Pick<Proof, 'kind' | 'number' | 'first' | 'second'> & { readonly believed: boolean };

function differences(trail: Trail, offered: OfferedPlaylist): Difference[] {
  const different: Difference[] = [];
  const named: [number, string][] = [[offered.tick, offered.signedDigest]];
  if (offered.prev !== null && offered.prevTick !== null) named.push([offered.prevTick, offered.prev]);
  for (const [number, second] of named) {
    const seen = trail.ticks.get(number);
    if (seen !== undefined && seen.signedDigest !== second) {
      different.push({ kind: 'tick', number, first: seen.signedDigest, second, believed: seen.believed });
    }
  }
  offered.uris.forEach((second, index) => {
    const number = offered.mediaSequence + index;
    const known = trail.uris.get(number);
    if (known !== undefined && known.uri !== second) {
      different.push({ kind: 'sequence', number, first: known.uri, second, believed: known.believed });
    }
  });
  return different;
}
