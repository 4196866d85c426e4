/** The list of segments that live playlists and chapters share (spec/documents.md, D29 to D34). Twin of segments.py. */
import { parseMs } from './clocktext';
import { HumaError, malformed } from './errors';
import { INIT_MAX_BYTES, MAX_INTEGER, MAX_TARGET_DURATION_S, SEGMENT_MAX_BYTES } from './limits';
import { type MediaExt, type MediaRef, parseInteger, parseMediaUri } from './names';

const VERSION_LINE = '#EXT-X-VERSION:7';
const TARGET = '#EXT-X-TARGETDURATION:';
const SEQUENCE = '#EXT-X-MEDIA-SEQUENCE:';
const DISCONTINUITY_SEQUENCE = '#EXT-X-DISCONTINUITY-SEQUENCE:';
const VOD_LINE = '#EXT-X-PLAYLIST-TYPE:VOD';
const SKIP = '#EXT-X-HUMA-SKIP:';
const DISCONTINUITY_LINE = '#EXT-X-DISCONTINUITY';
const SIZE = '#EXT-X-HUMA-SIZE:';
const MAP = '#EXT-X-MAP:URI="';
const DATE = '#EXT-X-PROGRAM-DATE-TIME:';
const EXTINF = '#EXTINF:';
const ENDLIST_LINE = '#EXT-X-ENDLIST';

const SECONDS = /^(0|[1-9][0-9]{0,4})\.([0-9]{6}),$/;
const MICRO = 1_000_000;
const MICROS = BigInt(MICRO);

/** A length of time in seconds, exactly: numerator and denominator. */
export type Seconds = readonly [number, number];

/** One segment of a playlist. `durationUs` is in microseconds, as written, and `onGrid` is s·T where that is its rounding
 *  (D32); `pdtMs` stands only at the first entry and after a discontinuity; `skip` counts the segments of a long gap
 *  before this one, in chapters. */
export interface SegmentEntry {
  readonly ref: MediaRef;
  readonly size: number;
  readonly durationUs: number;
  readonly onGrid: Seconds | null;
  readonly discontinuity: boolean;
  readonly init: MediaRef;
  readonly initSize: number;
  readonly pdtMs: number | null;
  readonly skip: number;
}

export interface SegmentList {
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly entries: readonly SegmentEntry[];
  readonly endlist: boolean;
  readonly vod: boolean;
}

/** When each entry starts, in Unix milliseconds: its own date, or the last one plus the exact durations since (D33). */
export function startTimes(entries: readonly SegmentEntry[]): number[] {
  const parts = BigInt(entries.find((entry) => entry.onGrid !== null)?.onGrid?.[1] ?? 1);
  let anchor = 0;
  let since = 0n; // in microseconds, times `parts`
  return entries.map(({ pdtMs, onGrid, durationUs }) => {
    if (pdtMs !== null) [anchor, since] = [pdtMs, 0n];
    const start = anchor + Number(since / (1000n * parts));
    since += onGrid === null ? BigInt(durationUs) * parts : BigInt(onGrid[0]) * MICROS;
    return start;
  });
}

/** A length of time as EXTINF has it: whole microseconds, halves rounded up. */
const microseconds = ([seconds, parts]: Seconds): number =>
  Number((2n * MICROS * BigInt(seconds) + BigInt(parts)) / (2n * BigInt(parts)));

/** Read the lines between header and signature. A duration that is the rounding of `grid` (s·T) is taken as exactly that. */
export function parseSegments(lines: readonly string[], up: number, most: number, grid: Seconds | null): SegmentList {
  const reader = new Lines(lines);
  reader.expect(VERSION_LINE);
  const targetDuration = reader.integer(TARGET);
  if (targetDuration < 1 || targetDuration > MAX_TARGET_DURATION_S) {
    throw malformed(`a target duration is 1 to ${MAX_TARGET_DURATION_S} seconds`);
  }
  const mediaSequence = reader.integer(SEQUENCE);
  const discontinuitySequence = reader.integer(DISCONTINUITY_SEQUENCE);
  const vod = reader.take(VOD_LINE);
  const entries: SegmentEntry[] = [];
  while (!reader.done && reader.peek() !== ENDLIST_LINE) {
    if (entries.length === most) throw new HumaError('too-many-segments', `more than ${most} segments`);
    entries.push(parseEntry(reader, entries[entries.length - 1] ?? null, up, grid));
  }
  if (entries.length === 0) throw malformed('no segment');
  const endlist = reader.take(ENDLIST_LINE);
  if (!reader.done) throw malformed('a line that has no place here');
  if (entries.some((entry) => Math.floor((entry.durationUs + MICRO / 2) / MICRO) > targetDuration)) {
    throw malformed('a segment is longer than the target duration');
  }
  refuseHugeNumbers(mediaSequence, entries);
  return { targetDuration, mediaSequence, discontinuitySequence, entries, endlist, vod };
}

function refuseHugeNumbers(mediaSequence: number, entries: readonly SegmentEntry[]): void {
  const last = entries.reduce((sum, entry) => sum + BigInt(entry.skip) + 1n, BigInt(mediaSequence));
  if (last > BigInt(MAX_INTEGER)) throw malformed('a media sequence number of 2^53 or more');
}

function parseEntry(reader: Lines, before: SegmentEntry | null, up: number, grid: Seconds | null): SegmentEntry {
  const skip = reader.at(SKIP) ? reader.integer(SKIP) : null;
  const discontinuity = reader.take(DISCONTINUITY_LINE);
  if (skip !== null && (skip === 0 || !discontinuity || before === null)) {
    throw malformed('a skip is at least 1, and stands before a discontinuity that is not the first entry');
  }
  const { init, initSize } = parseMap(reader, before, discontinuity, up);
  const pdtMs = before === null || discontinuity ? parseMs(reader.value(DATE)) : null;
  const durationUs = parseDuration(reader.value(EXTINF));
  const onGrid = grid !== null && durationUs === microseconds(grid) ? grid : null;
  const size = parseSize(reader, SEGMENT_MAX_BYTES);
  const ref = parseRef(reader.value(''), up, 'm4s', '');
  return { ref, size, durationUs, onGrid, discontinuity, init, initSize, pdtMs, skip: skip ?? 0 };
}

function parseMap(
  reader: Lines, before: SegmentEntry | null, discontinuity: boolean, up: number,
): { init: MediaRef; initSize: number } {
  if (!reader.at(SIZE)) {
    if (before === null) throw malformed('the first segment has no map');
    return { init: before.init, initSize: before.initSize };
  }
  const initSize = parseSize(reader, INIT_MAX_BYTES);
  const init = parseRef(reader.value(MAP), up, 'mp4', '"');
  if (before !== null && (!discontinuity || init.path === before.init.path)) {
    throw malformed('a map changes only at a discontinuity, and is written only when it changes');
  }
  return { init, initSize };
}

function parseSize(reader: Lines, most: number): number {
  const size = reader.integer(SIZE);
  if (size < 1 || size > most) throw malformed(`a size is 1 to ${most} bytes`);
  return size;
}

function parseRef(text: string, up: number, ext: MediaExt, end: string): MediaRef {
  if (!text.endsWith(end)) throw malformed(`not a file of kind ${ext}`);
  const ref = parseMediaUri(text.slice(0, text.length - end.length), up);
  if (ref.ext !== ext) throw malformed(`not a file of kind ${ext}`);
  return ref;
}

function parseDuration(text: string): number {
  const found = SECONDS.exec(text);
  if (found === null) throw malformed('not a duration with six decimals');
  const whole = Number(found[1]) * MICRO + Number(found[2]);
  if (whole === 0) throw malformed('a segment without duration');
  return whole;
}

/** A cursor over lines. */
class Lines {
  #at = 0;

  constructor(private readonly lines: readonly string[]) {}

  get done(): boolean {
    return this.#at === this.lines.length;
  }

  peek(): string {
    const line = this.lines[this.#at];
    if (line === undefined) throw malformed('the playlist ends too early');
    return line;
  }

  at(tag: string): boolean {
    return this.lines[this.#at]?.startsWith(tag) ?? false;
  }

  take(line: string): boolean {
    const found = this.lines[this.#at] === line;
    if (found) this.#at += 1;
    return found;
  }

  expect(line: string): void {
    if (!this.take(line)) throw malformed(`want ${line}`);
  }

  value(tag: string): string {
    const line = this.peek();
    if (!line.startsWith(tag)) throw malformed(`want ${tag || 'a URI'}`);
    this.#at += 1;
    return line.slice(tag.length);
  }

  integer(tag: string): number {
    return parseInteger(this.value(tag));
  }
}
