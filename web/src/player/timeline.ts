/**
 * What this page knows to be signed of one rendition, as one line of segments: the live windows that it has seen, or
 * chapters. hls.js is given a playlist made of it, so that a pause, a step back and a slow line have room behind the
 * live window of six segments. Every entry comes from a verified playlist or chapter; nothing is made up.
 */
import { preceded } from '../protocol/recording';
import type { SegmentEntry } from '../protocol/segments';

/** One segment at its place. `n` is its number, `cc` the count of discontinuities up to and with it. */
export interface Piece {
  readonly n: number;
  readonly path: string;
  readonly digest: string;
  readonly size: number;
  readonly seconds: number;
  readonly startMs: number;
  readonly discontinuity: boolean;
  readonly cc: number;
  readonly init: { readonly path: string; readonly digest: string; readonly size: number };
}

export interface Timeline {
  readonly pieces: readonly Piece[];
  readonly ended: boolean;
}

/** What live playlists and chapters have in common. */
export interface Listing {
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly entries: readonly SegmentEntry[];
  readonly ended: boolean;
}

export const EMPTY: Timeline = { pieces: [], ended: false };

/** The pieces of one signed listing. */
export function piecesOf(listing: Listing): Piece[] {
  const pieces: Piece[] = [];
  let n = listing.mediaSequence;
  let cc = listing.discontinuitySequence;
  let startMs = 0;
  for (const entry of listing.entries) {
    n += entry.skip;
    if (entry.discontinuity) cc += 1;
    if (entry.pdtMs !== null) startMs = entry.pdtMs;
    const { ref, init, size, initSize, durationUs, discontinuity } = entry;
    pieces.push({
      n,
      path: ref.path,
      digest: ref.digest,
      size,
      seconds: durationUs / 1_000_000,
      startMs,
      discontinuity,
      cc,
      init: { path: init.path, digest: init.digest, size: initSize },
    });
    startMs += durationUs / 1000;
    n += 1;
  }
  return pieces;
}

/**
 * `timeline` with a newer listing at its end. What both hold is taken from the newer one (a standby may have made its own
 * segments); a gap between them ends the older part, since a playlist cannot leave numbers out.
 */
export function extended(timeline: Timeline, listing: Listing, keepFromMs: number): Timeline {
  const newer = piecesOf(listing);
  const first = newer[0];
  if (first === undefined) return timeline;
  const shared = timeline.pieces.find((piece) => piece.n === first.n);
  const follows = shared !== undefined || timeline.pieces.at(-1)?.n === first.n - 1;
  const shift = shared === undefined ? 0 : first.cc - shared.cc;
  const older = follows ? timeline.pieces.filter((piece) => piece.n < first.n && endMs(piece) > keepFromMs) : [];
  const moved = shift === 0 ? older : older.map((piece) => ({ ...piece, cc: piece.cc + shift }));
  return { pieces: [...unbroken(moved), ...newer], ended: listing.ended };
}

/** The part of consecutive numbers that reaches the end. */
function unbroken(pieces: readonly Piece[]): readonly Piece[] {
  let from = pieces.length - 1;
  while (from > 0 && pieces[from - 1]?.n === (pieces[from] as Piece).n - 1) from -= 1;
  return pieces.slice(Math.max(0, from));
}

/**
 * Chapters one after the other, numbered afresh from 0, since a gap of the programme leaves numbers out. Where two list the
 * same, what the newer says stands (spec/client.md, B10).
 */
export function joined(listings: readonly Listing[]): Timeline {
  const signed = listings.map(piecesOf).reduceRight<readonly Piece[]>((newer, older) => preceded(newer, older), []);
  const pieces: Piece[] = [];
  let cc = 0;
  for (const piece of signed) {
    const before = pieces.at(-1);
    const broken = piece.discontinuity || (before !== undefined && Math.abs(piece.startMs - endMs(before)) > 50);
    if (broken && before !== undefined) cc += 1;
    pieces.push({ ...piece, n: pieces.length, discontinuity: broken && before !== undefined, cc });
  }
  return { pieces, ended: listings.at(-1)?.ended ?? false };
}

export const endMs = (piece: Piece): number => piece.startMs + piece.seconds * 1000;

const dateText = (ms: number): string => new Date(Math.round(ms)).toISOString();

/** The playlist for hls.js. Paths are relative to the made-up origin's `live/`. */
export function rendered(timeline: Timeline, { closed }: { readonly closed: boolean }): string {
  const [first] = timeline.pieces;
  const target = Math.max(1, ...timeline.pieces.map(({ seconds }) => Math.round(seconds)));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.n ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${(first?.cc ?? 0) - (first?.discontinuity === true ? 1 : 0)}`,
  ];
  let init = '';
  for (const piece of timeline.pieces) {
    if (piece.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (piece.init.path !== init) lines.push(`#EXT-X-MAP:URI="../${piece.init.path}"`);
    if (piece.discontinuity || init === '') lines.push(`#EXT-X-PROGRAM-DATE-TIME:${dateText(piece.startMs)}`);
    lines.push(`#EXTINF:${piece.seconds.toFixed(6)},`, `../${piece.path}`);
    init = piece.init.path;
  }
  if (closed) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}
