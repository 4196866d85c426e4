/**
 * The recording: chapters, each named by the digest that the next one signed. The walk goes backwards from the live playlist,
 * so that every chapter is reached by hash from what is believed now, whatever has become of the key that signed it.
 */
import type { SessionDriver, Timing } from '../io/driver';
import { verifyChapter } from '../protocol/chapter';
import type { Chapter, ChapterRef } from '../protocol/chapter';
import type { Crypto } from '../protocol/crypto';
import { HumaError } from '../protocol/errors';
import type { Event } from '../protocol/event';
import { chapterPath } from '../protocol/names';
import type { LivePlaylist } from '../protocol/playlist';
import { Names, askFor } from './engine/source';
import type { Cancel, FileHandlers, LiveSource, Source } from './engine/source';
import { EMPTY, joined, rendered } from './timeline';
import type { Timeline } from './timeline';

export interface ArchivePorts {
  readonly driver: SessionDriver;
  readonly live: LiveSource;
  readonly event: Event;
  readonly eventId: string;
  readonly crypto: Crypto;
  readonly onProgress: (done: number, all: number) => void;
}

interface Recording {
  readonly chapters: readonly Chapter[];
  readonly timeline: Timeline;
}

const NO_TIMING = (): Timing => {
  const now = performance.now();
  return { asked: now, first: now, last: now, kept: true };
};

/** So long every mirror is asked for one chapter, before the recording is said to begin after it. */
const CHAPTER_PATIENCE_MS = 30_000;

/** The recorded programme as a Source: chapters, and new ones as they are signed. */
export class ReplaySource implements Source {
  private readonly names = new Names(200_000);
  private readonly recordings = new Map<string, Recording>();

  constructor(private readonly ports: ArchivePorts) {}

  timeline(rendition: string): Timeline {
    return this.recordings.get(rendition)?.timeline ?? EMPTY;
  }

  sizeOf(path: string): number | null {
    return this.names.get(path)?.piece.size ?? null;
  }

  file(path: string, handlers: FileHandlers): Cancel {
    return askFor(this.ports.driver, this.names, path, handlers);
  }

  /** `held` counts chapters here. */
  playlist(rendition: string, held: number, done: (text: string, held: number, timing: Timing) => void): Cancel {
    let wanted = true;
    let stop: Cancel = () => undefined;
    const answer = (): boolean => {
      const recording = this.recordings.get(rendition);
      if (recording === undefined || recording.chapters.length <= Math.max(0, held)) return false;
      const closed = recording.timeline.ended;
      done(rendered(recording.timeline, { closed }), recording.chapters.length, NO_TIMING());
      return true;
    };
    const grow = (): void => {
      if (!wanted || answer()) return;
      stop = this.ports.live.playlist(rendition, this.ports.live.newest(rendition)?.tick ?? -1, () => {
        void this.load(rendition).then(grow);
      });
    };
    void this.load(rendition).then(grow);
    return () => {
      wanted = false;
      stop();
    };
  }

  /**
   * Walk back from the newest chapter to the first that is held, or to the beginning. Where a chapter is not to be had or
   * does not verify, the recording begins after it: what was signed later is no less true.
   */
  async load(rendition: string): Promise<Timeline> {
    const playlist = await this.newestPlaylist(rendition);
    const held = this.recordings.get(rendition);
    if (playlist.chapter === null || playlist.chapterSha === null) return held?.timeline ?? EMPTY;
    const before = held?.chapters ?? [];
    const fresh: Chapter[] = [];
    let next: ChapterRef | null = { rank: playlist.rank, n: playlist.chapter, digest: playlist.chapterSha };
    while (next !== null && before.at(-1)?.fileDigest !== next.digest) {
      const chapter = await this.chapter(rendition, next);
      if (chapter === null) break;
      fresh.unshift(chapter);
      this.ports.onProgress(fresh.length, Math.max(fresh.length, playlist.chapter + 1 - before.length));
      next = chapter.prev;
    }
    const goesOn = next !== null && before.at(-1)?.fileDigest === next.digest;
    if (fresh.length === 0) return held?.timeline ?? EMPTY;
    const chapters = goesOn ? [...before, ...fresh] : fresh;
    const timeline = joined(chapters);
    this.recordings.set(rendition, { chapters, timeline });
    this.names.learn(timeline.pieces, rendition);
    return timeline;
  }

  private newestPlaylist(rendition: string): Promise<LivePlaylist> {
    const { live } = this.ports;
    const newest = live.newest(rendition);
    if (newest !== null) return Promise.resolve(newest);
    return new Promise((resolve) => {
      live.playlist(rendition, -1, () => {
        const found = live.newest(rendition);
        if (found !== null) resolve(found);
      });
    });
  }

  private async chapter(rendition: string, ref: ChapterRef): Promise<Chapter | null> {
    const bytes = await this.bytes(rendition, ref);
    if (bytes === null) return null;
    const { event, eventId, crypto } = this.ports;
    try {
      return await verifyChapter(bytes, { event, eventId, rendition, crypto, n: ref.n, digest: ref.digest });
    } catch (error) {
      if (error instanceof HumaError) return null;
      throw error;
    }
  }

  private bytes(rendition: string, ref: ChapterRef): Promise<Uint8Array | null> {
    return new Promise((resolve) => {
      const cancel = this.ports.driver.want({
        kind: 'file',
        path: chapterPath(rendition, ref.rank, ref.n),
        digest: ref.digest,
        size: null,
        rendition,
        onFile: (bytes) => {
          clearTimeout(timer);
          resolve(bytes);
        },
      });
      const timer = setTimeout(() => {
        cancel();
        resolve(null);
      }, CHAPTER_PATIENCE_MS);
    });
  }
}
