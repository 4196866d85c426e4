import { describe, expect, it } from 'vitest';
import type { SegmentEntry } from '../protocol/segments';
import { EMPTY, endMs, extended, joined, piecesOf, rendered } from './timeline';
import type { Listing } from './timeline';

const TICK_US = 1_066_667;
const START = Date.UTC(2026, 6, 17, 15);

const hex = (n: number): string => n.toString(16).padStart(64, '0');
const ref = (n: number, ext: 'm4s' | 'mp4') => ({ digest: hex(n), ext, path: `media/${hex(n)}.${ext}` });

function entry(n: number, over: Partial<SegmentEntry> = {}): SegmentEntry {
  return {
    ref: ref(n, 'm4s'), size: 1000 + n, durationUs: TICK_US, onGrid: null, discontinuity: false, init: ref(999, 'mp4'), initSize: 700,
    pdtMs: null, skip: 0, ...over,
  };
}

/** Segments `from` to `to`, dated by their number. */
function listing(from: number, to: number, over: Partial<Listing> = {}): Listing {
  const entries = Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));
  entries[0] = entry(from, { pdtMs: START + Math.floor((from * TICK_US) / 1000) });
  return { mediaSequence: from, discontinuitySequence: 0, entries, ended: false, ...over };
}

const numbers = (timeline: { pieces: readonly { n: number }[] }): number[] => timeline.pieces.map(({ n }) => n);

describe('a timeline', () => {
  it('numbers and dates what a listing holds', () => {
    const pieces = piecesOf(listing(10, 12));
    expect(pieces.map(({ n, path }) => [n, path])).toEqual([10, 11, 12].map((n) => [n, `media/${hex(n)}.m4s`]));
    expect((pieces[1]?.startMs ?? 0) - (pieces[0]?.startMs ?? 0)).toBeCloseTo(1066.667, 2);
  });

  it('grows at its end, and forgets what nobody needs any more', () => {
    const first = extended(EMPTY, listing(0, 5), 0);
    const second = extended(first, listing(1, 6), 0);
    expect(numbers(second)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const keepFrom = endMs(second.pieces[2] as never);
    expect(numbers(extended(second, listing(2, 7), keepFrom))).toEqual([2, 3, 4, 5, 6, 7]);
    expect(numbers(extended(second, listing(4, 9), keepFrom))).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('begins anew after a gap: a playlist cannot leave numbers out', () => {
    const first = extended(EMPTY, listing(0, 5), 0);
    expect(numbers(extended(first, listing(9, 14), 0))).toEqual([9, 10, 11, 12, 13, 14]);
    expect(numbers(extended(first, listing(6, 9), 0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('takes what a standby made of the same numbers', () => {
    const first = extended(EMPTY, listing(0, 5), 0);
    const standby = listing(4, 7);
    const entries = [entry(400, { discontinuity: true, pdtMs: START + 4267 }), ...standby.entries.slice(1)];
    const second = extended(first, { ...standby, entries }, 0);
    expect(second.pieces[4]?.digest).toBe(hex(400));
    expect(numbers(second)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(rendered(second, { closed: false }).split('\n').filter((line) => line === '#EXT-X-DISCONTINUITY')).toHaveLength(1);
  });

  it('keeps the count of discontinuities when the first of them has gone', () => {
    const broken = listing(3, 8);
    const entries = broken.entries.map((each, i) => (i === 2 ? { ...each, discontinuity: true, pdtMs: START + 9000 } : each));
    const first = extended(EMPTY, { ...broken, entries }, 0);
    expect(rendered(first, { closed: false })).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:0');
    const later = extended(first, { ...listing(6, 11), discontinuitySequence: 1 }, START + 1e9);
    expect(numbers(later)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(rendered(later, { closed: false })).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:1');
  });

  it('is written as a playlist that names only verified files, with a target as short as the segments', () => {
    const text = rendered(extended(EMPTY, listing(7, 8), 0), { closed: true });
    expect(text).toContain('#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:7\n');
    expect(text.split('\n').filter((line) => line.startsWith('../'))).toEqual([7, 8].map((n) => `../media/${hex(n)}.m4s`));
    expect(text).toContain(`#EXT-X-MAP:URI="../media/${hex(999)}.mp4"`);
    expect(text.endsWith('#EXT-X-ENDLIST\n')).toBe(true);
  });
});

describe('chapters, joined', () => {
  it('are numbered afresh, without a break where there is none', () => {
    const timeline = joined([listing(0, 3), listing(4, 7)]);
    expect(numbers(timeline)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(timeline.pieces.some(({ discontinuity }) => discontinuity)).toBe(false);
  });

  it('break where the programme did', () => {
    const timeline = joined([listing(0, 3), listing(40, 43, { ended: true })]);
    expect(numbers(timeline)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(timeline.pieces.map(({ discontinuity }) => discontinuity)).toEqual([false, false, false, false, true, false, false, false]);
    expect(timeline.ended).toBe(true);
  });

  it('show nothing twice where two signers overlap: what the newer says stands', () => {
    const own = listing(4, 6);
    const standby = { ...own, entries: own.entries.map((each, i) => ({ ...each, ref: ref(400 + i, 'm4s') })) };
    const timeline = joined([listing(0, 5), standby]);
    expect(timeline.pieces.map(({ digest }) => digest)).toEqual([0, 1, 2, 3, 400, 401, 402].map(hex));
    expect(joined([listing(5, 8), listing(4, 8)]).pieces).toHaveLength(5);
  });
});
