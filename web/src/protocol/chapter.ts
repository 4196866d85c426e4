/** A chapter: about five minutes of one rendition, signed and chained (spec/documents.md, D40 to D42). Twin of chapter.py. */
import { HumaError, malformed } from './errors';
import { renditionNamed, segmentSeconds } from './event';
import type { Extra, Header } from './header';
import { CHAPTER_MAX_BYTES, CHAPTER_TICKS } from './limits';
import { sha256Hex, verifyDigest } from './names';
import { type Seconds, type SegmentEntry, parseSegments, startTimes } from './segments';
import { type Expected, type SignedText, splitSigned, verifySigned } from './signedtext';

const UP = 2;

/** A chapter named by the digest of its whole file, and where it stands. */
export interface ChapterRef {
  readonly rank: number;
  readonly n: number;
  readonly digest: string;
}

/** The segments of one rendition that start in ticks [280·n, 280·(n+1)). */
export interface Chapter {
  readonly event: string;
  readonly rendition: string;
  readonly keyid: string;
  readonly rank: number;
  readonly n: number;
  readonly issuedMs: number;
  readonly prev: ChapterRef | null;
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly entries: readonly SegmentEntry[];
  readonly ended: boolean;
  readonly extra: Extra;
  readonly fileDigest: string;
}

type Unjudged = Omit<Chapter, 'rank' | 'fileDigest'>;

/** The chapter that the segment numbered `segment` belongs to. */
export const chapterOf = (segment: number, ticksPerSegment: number): number =>
  Number((BigInt(segment) * BigInt(ticksPerSegment)) / BigInt(CHAPTER_TICKS));

/** The number of each segment; a skip leaves numbers out. */
export function segmentNumbers(chapter: Pick<Chapter, 'mediaSequence' | 'entries'>): number[] {
  let next = chapter.mediaSequence;
  return chapter.entries.map((entry) => {
    const n = next + entry.skip;
    next = n + 1;
    return n;
  });
}

/** When each segment of the chapter starts, in Unix milliseconds. */
export const startTimesOf = (chapter: Pick<Chapter, 'entries'>): number[] => startTimes(chapter.entries);

/** The chapter that `data` holds, if a live key of the event signed it; and, where asked, chapter `n` or file `digest`. */
export async function verifyChapter(
  data: Uint8Array, expected: Expected & { readonly n?: number; readonly digest?: string },
): Promise<Chapter> {
  const text = splitSigned(data, CHAPTER_MAX_BYTES);
  if (expected.digest !== undefined) await verifyDigest(data, expected.digest, expected.crypto);
  const rank = await verifySigned(text, 'chapter', expected);
  const rendition = renditionNamed(expected.event, expected.rendition);
  if (rendition === null) throw new HumaError('wrong-rendition', `the event has no rendition ${expected.rendition}`);
  const chapter = read(text, segmentSeconds(expected.event, rendition));
  if (segmentNumbers(chapter).some((n) => chapterOf(n, rendition.ticksPerSegment) !== chapter.n)) {
    throw malformed('a segment belongs to another chapter');
  }
  if (chapter.entries.some((entry) => entry.size > rendition.maxBytes)) {
    throw new HumaError('too-large', 'a segment is larger than its rendition allows');
  }
  if (expected.n !== undefined && chapter.n !== expected.n) {
    throw new HumaError('wrong-chapter', `chapter ${chapter.n}, not ${expected.n}`);
  }
  return { ...chapter, rank, fileDigest: await sha256Hex(data, expected.crypto) };
}

function read(text: SignedText, grid: Seconds | null): Unjudged {
  const { header } = text;
  const { vod, endlist, ...listing } = parseSegments(text.lines, UP, CHAPTER_TICKS, grid);
  if (!vod || !endlist) throw malformed('a chapter is of playlist type VOD and has an ENDLIST');
  return {
    ...listing,
    event: header.text('EVENT'),
    rendition: header.text('RENDITION'),
    keyid: header.text('KEYID'),
    n: header.integer('CHAPTER'),
    issuedMs: header.moment('ISSUED'),
    prev: readPrev(header),
    ended: header.flag('ENDED'),
    extra: header.extra,
  };
}

function readPrev(header: Header): ChapterRef | null {
  if (!header.together('PREV', 'PREVRANK', 'PREVCHAPTER')) return null;
  return { rank: header.integer('PREVRANK'), n: header.integer('PREVCHAPTER'), digest: header.digest('PREV') };
}
