/** A live playlist: plain HLS whose last line signs every byte before it (spec/documents.md, D35 to D39). Twin of playlist.py. */
import { HumaError, malformed } from './errors';
import { renditionNamed, segmentSeconds } from './event';
import type { Extra, Header } from './header';
import { LIVE_MAX_BYTES, LIVE_MAX_SEGMENTS } from './limits';
import { type Seconds, type SegmentEntry, parseSegments, startTimes } from './segments';
import { type Expected, type SignedText, signedDigest, splitSigned, verifySigned } from './signedtext';

export type { SegmentEntry } from './segments';
export { startTimes } from './segments';

const UP = 1;

/** The window of one rendition at one tick. */
export interface LivePlaylist {
  readonly event: string;
  readonly rendition: string;
  readonly keyid: string;
  readonly rank: number;
  readonly tick: number;
  readonly issuedMs: number;
  readonly prev: string | null;
  readonly prevTick: number | null;
  readonly chapter: number | null;
  readonly chapterSha: string | null;
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly entries: readonly SegmentEntry[];
  readonly ended: boolean;
  readonly extra: Extra;
  /** SHA-256 of the signed bytes. */
  readonly signedDigest: string;
  /** The path of each segment, as in `media/<digest>.m4s`. */
  readonly uris: readonly string[];
}

type Unjudged = Omit<LivePlaylist, 'rank' | 'signedDigest'>;

/** The playlist that `data` holds, if a live key of the event signed it for that rendition; or throws. */
export async function verifyLive(data: Uint8Array, expected: Expected): Promise<LivePlaylist> {
  const text = splitSigned(data, LIVE_MAX_BYTES);
  const rank = await verifySigned(text, 'live', expected);
  const rendition = renditionNamed(expected.event, expected.rendition);
  if (rendition === null) throw new HumaError('wrong-rendition', `the event has no rendition ${expected.rendition}`);
  const playlist = read(text, segmentSeconds(expected.event, rendition));
  const lastN = playlist.mediaSequence + playlist.entries.length - 1;
  if (BigInt(playlist.tick) !== (BigInt(lastN) + 1n) * BigInt(rendition.ticksPerSegment) - 1n) {
    throw malformed('TICK is not the end of the last segment');
  }
  if (playlist.entries.some((entry) => entry.size > rendition.maxBytes)) {
    throw new HumaError('too-large', 'a segment is larger than its rendition allows');
  }
  return { ...playlist, rank, signedDigest: await signedDigest(text, 'live', expected.crypto) };
}

/** Is `data` a well-formed live playlist that claims our event, whatever its signature is worth? */
export function looksLikeOurs(data: Uint8Array, eventId: string): boolean {
  try {
    const text = splitSigned(data, LIVE_MAX_BYTES);
    return text.header.text('TYPE') === 'live' && read(text, null).event === eventId;
  } catch (error) {
    if (error instanceof HumaError) return false;
    throw error;
  }
}

/** When each segment of the window starts, in Unix milliseconds. */
export const windowTimes = (playlist: LivePlaylist): number[] => startTimes(playlist.entries);

function read(text: SignedText, grid: Seconds | null): Unjudged {
  const { header } = text;
  const { vod, endlist, ...listing } = parseSegments(text.lines, UP, LIVE_MAX_SEGMENTS, grid);
  const ended = header.flag('ENDED');
  if (vod || endlist !== ended || listing.entries.some((entry) => entry.skip > 0)) {
    throw malformed('ENDLIST stands exactly where ENDED does; a live playlist skips nothing');
  }
  return {
    ...listing,
    ...readPrev(header),
    ...readChapter(header),
    event: header.text('EVENT'),
    rendition: header.text('RENDITION'),
    keyid: header.text('KEYID'),
    tick: header.integer('TICK'),
    issuedMs: header.moment('ISSUED'),
    ended,
    extra: header.extra,
    uris: listing.entries.map((entry) => entry.ref.path),
  };
}

function readPrev(header: Header): Pick<LivePlaylist, 'prev' | 'prevTick'> {
  if (!header.together('PREV', 'PREVTICK')) return { prev: null, prevTick: null };
  return { prev: header.digest('PREV'), prevTick: header.integer('PREVTICK') };
}

function readChapter(header: Header): Pick<LivePlaylist, 'chapter' | 'chapterSha'> {
  if (!header.together('CHAPTER', 'CHAPTERSHA')) return { chapter: null, chapterSha: null };
  return { chapter: header.integer('CHAPTER'), chapterSha: header.digest('CHAPTERSHA') };
}
