/**
 * The recording: chapters, each named by the digest that the next one signed. The walk goes backwards from the live playlist,
 * so that every chapter is reached by hash from what is believed now, whatever has become of the key that signed it. Where a
 * key that took over has no chapter yet, its checkpoint says what it goes on from (spec/client.md, B10).
 */
import type { SessionDriver, Timing } from '../io/driver';
import { verifyChapter } from '../protocol/chapter';
import type { Chapter, ChapterRef } from '../protocol/chapter';
import type { Checkpoint } from '../protocol/checkpoint';
import type { Crypto } from '../protocol/crypto';
import { HumaError } from '../protocol/errors';
import type { Event } from '../protocol/event';
import { chapterPath } from '../protocol/names';
import type { LivePlaylist } from '../protocol/playlist';
import { needsCheckpoint, newestChapter } from '../protocol/recording';
import { Names, askFor } from './engine/source';
import type { Cancel, FileHandlers, LiveSource, Source } from './engine/source';
import { EMPTY, joined, rendered } from './timeline';
import type { Timeline } from './timeline';

/** As it stands when it is asked for: keys are added and withdrawn while a page is open. */
export interface Trusted {
  readonly event: Event;
  /** The ids of live keys that are worth nothing any more. */
  readonly revoked: readonly string[];
}

export interface ArchivePorts {
  readonly driver: SessionDriver;
  readonly live: LiveSource;
  readonly trusted: () => Trusted;
  /** What the key of that rank found when it took over; null where no mirror has a checkpoint that verifies. */
  readonly checkpoint: (rank: number) => Promise<Checkpoint | null>;
  readonly eventId: string;
  readonly crypto: Crypto;
  readonly onProgress: (done: number, all: number) => void;
}

/** `revision` counts what was new for whoever plays it; `keyid` is of the playlist that it was reached from. */
interface Recording {
  readonly chapters: readonly Chapter[];
  readonly timeline: Timeline;
  readonly revision: number;
  readonly keyid: string;
}

const NO_TIMING = (): Timing => {
  const now = performance.now();
  return { asked: now, first: now, last: now, kept: true };
};

/** So long every mirror is asked for one chapter, before the recording is said to begin after it. */
const CHAPTER_PATIENCE_MS = 30_000;
/** Mirrors that had no checkpoint may have it by then. */
const CHECKPOINT_AGAIN_MS = 10_000;

/** The recorded programme as a Source: chapters, and new ones as they are signed. */
export class ReplaySource implements Source {
  private readonly names = new Names(200_000);
  private readonly recordings = new Map<string, Recording>();
  private readonly checkpoints = new Map<number, { readonly asked: number; readonly found: Promise<Checkpoint | null> }>();
  private revisions = 0;

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

  /** `held` is a revision here. */
  playlist(rendition: string, held: number, done: (text: string, held: number, timing: Timing) => void): Cancel {
    let wanted = true;
    let stop: Cancel = () => undefined;
    const answer = (): boolean => {
      const recording = this.recordings.get(rendition);
      if (recording === undefined || recording.revision <= held) return false;
      const closed = recording.timeline.ended;
      done(rendered(recording.timeline, { closed }), recording.revision, NO_TIMING());
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

  /** Whatever is reached by hash from what is believed now; what was held stays where nothing is. */
  async load(rendition: string): Promise<Timeline> {
    const playlist = await this.newestPlaylist(rendition);
    const newest = newestChapter(playlist, needsCheckpoint(playlist) ? await this.checkpoint(playlist.rank) : null);
    const before = this.held(rendition);
    const chapters = newest === null ? [] : await this.walk(rendition, newest, before?.chapters ?? []);
    if (chapters.length === 0) return this.held(rendition)?.timeline ?? EMPTY;
    return this.keep(rendition, playlist, chapters);
  }

  /**
   * Back from the newest chapter to the first that is held, or to the beginning. Where a chapter is not to be had or does
   * not verify, the recording begins after it: what was signed later is no less true.
   */
  private async walk(rendition: string, newest: ChapterRef, before: readonly Chapter[]): Promise<readonly Chapter[]> {
    const fresh: Chapter[] = [];
    let next: ChapterRef | null = newest;
    while (next !== null) {
      const { digest } = next;
      const at = before.findIndex(({ fileDigest }) => fileDigest === digest);
      if (at >= 0) return [...before.slice(0, at + 1), ...fresh];
      const chapter = await this.chapter(rendition, next);
      if (chapter === null) break;
      fresh.unshift(chapter);
      this.ports.onProgress(fresh.length, Math.max(fresh.length, newest.n + 1 - before.length));
      next = chapter.prev;
    }
    return fresh;
  }

  /** It is over where both say so: an end can be taken back, or another key can go on. */
  private keep(rendition: string, playlist: LivePlaylist, chapters: readonly Chapter[]): Timeline {
    const held = this.recordings.get(rendition);
    const ended = playlist.ended && chapters.at(-1)?.ended === true;
    const same = held?.chapters.length === chapters.length && held.chapters.at(-1)?.fileDigest === chapters.at(-1)?.fileDigest;
    if (held !== undefined && same && held.timeline.ended === ended) {
      this.recordings.set(rendition, { ...held, keyid: playlist.keyid });
      return held.timeline;
    }
    const timeline = { ...joined(chapters), ended };
    this.revisions += 1;
    this.recordings.set(rendition, { chapters, timeline, revision: this.revisions, keyid: playlist.keyid });
    this.names.learn(timeline.pieces, rendition);
    return timeline;
  }

  /** What was loaded before, unless the key that led to it was withdrawn since. */
  private held(rendition: string): Recording | null {
    const recording = this.recordings.get(rendition);
    if (recording === undefined) return null;
    if (!this.isRevoked(recording.keyid)) return recording;
    this.recordings.delete(rendition);
    return null;
  }

  private isRevoked(keyid: string): boolean {
    return this.ports.trusted().revoked.includes(keyid);
  }

  /** The newest that is believed still: one of a key that was withdrawn leads nowhere, and the next is waited for. */
  private newestPlaylist(rendition: string): Promise<LivePlaylist> {
    const { live } = this.ports;
    const newest = live.newest(rendition);
    if (newest !== null && !this.isRevoked(newest.keyid)) return Promise.resolve(newest);
    return new Promise((resolve) => {
      live.playlist(rendition, newest?.tick ?? -1, () => resolve(this.newestPlaylist(rendition)));
    });
  }

  private async checkpoint(rank: number): Promise<Checkpoint | null> {
    const before = this.checkpoints.get(rank);
    if (before !== undefined && ((await before.found) !== null || performance.now() - before.asked < CHECKPOINT_AGAIN_MS)) {
      return before.found;
    }
    const found = this.ports.checkpoint(rank);
    this.checkpoints.set(rank, { asked: performance.now(), found });
    return found;
  }

  private async chapter(rendition: string, ref: ChapterRef): Promise<Chapter | null> {
    const bytes = await this.bytes(rendition, ref);
    if (bytes === null) return null;
    const { trusted, eventId, crypto } = this.ports;
    try {
      return await verifyChapter(bytes, { event: trusted().event, eventId, rendition, crypto, n: ref.n, digest: ref.digest });
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
