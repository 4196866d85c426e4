/** Where an engine gets playlists and files from: verified, or later, but never wrong and never "failed". */
import type { SessionDriver, Timing } from '../../io/driver';
import type { LivePlaylist } from '../../protocol/playlist';
import { EMPTY, endMs, extended, rendered } from '../timeline';
import type { Piece, Timeline } from '../timeline';

export type Cancel = () => void;

export interface FileHandlers {
  readonly onFile: (bytes: Uint8Array, timing: Timing) => void;
  readonly onProgress: (bytes: number) => void;
}

export interface Source {
  /** The signed size of the file at `path`, or null if no verified playlist names it. */
  sizeOf(path: string): number | null;
  file(path: string, handlers: FileHandlers): Cancel;
  /** The playlist of `rendition`, once there is one that this asker does not hold. */
  playlist(rendition: string, held: number, done: (text: string, held: number, timing: Timing) => void): Cancel;
  timeline(rendition: string): Timeline;
}

interface Known {
  readonly piece: { readonly digest: string; readonly size: number };
  readonly rendition: string;
}

/** Files that a verified listing names, by path. Old names are forgotten: a day of segments is a long list. */
export class Names {
  private readonly known = new Map<string, Known>();

  constructor(private readonly most = 4_000) {}

  learn(pieces: readonly Piece[], rendition: string): void {
    for (const piece of pieces) {
      this.known.set(piece.path, { piece, rendition });
      this.known.delete(piece.init.path);
      this.known.set(piece.init.path, { piece: piece.init, rendition });
    }
    for (const path of this.known.keys()) {
      if (this.known.size <= this.most) break;
      this.known.delete(path);
    }
  }

  get(path: string): Known | null {
    return this.known.get(path) ?? null;
  }
}

/** Ask the driver for a file that a verified listing names. */
export function askFor(driver: SessionDriver, names: Names, path: string, handlers: FileHandlers): Cancel {
  const known = names.get(path);
  if (known === null) return () => undefined;
  const { digest, size } = known.piece;
  return driver.want({ kind: 'file', path, digest, size, rendition: known.rendition, ...handlers });
}

/** How long a live window is kept behind what plays, so that a pause and a step back have room. */
const KEEP_MS = 60_000;
const KEEP_MOST_MS = 15 * 60_000;
const AHEAD_OF_PLAYHEAD_MS = 10_000;

/** The live programme: windows as they are signed, joined to what was seen before. */
export class LiveSource implements Source {
  readonly names = new Names();
  private readonly timelines = new Map<string, Timeline>();
  private readonly latest = new Map<string, LivePlaylist>();
  /** The moment in the picture, as far as anyone watches it. */
  playhead: number | null = null;
  /**
   * On a long line the next segment is asked for when only so many bytes of this one are still to come: else the line lies
   * idle for a round trip each time. Not earlier: two bodies side by side would each look slow.
   */
  lookAheadBytes = 0;
  private readonly ahead = new Map<string, { readonly path: string; readonly cancel: Cancel }>();

  constructor(private readonly driver: SessionDriver) {}

  timeline(rendition: string): Timeline {
    return this.timelines.get(rendition) ?? EMPTY;
  }

  newest(rendition: string): LivePlaylist | null {
    return this.latest.get(rendition) ?? null;
  }

  sizeOf(path: string): number | null {
    return this.names.get(path)?.piece.size ?? null;
  }

  file(path: string, handlers: FileHandlers): Cancel {
    const size = this.sizeOf(path) ?? 0;
    return askFor(this.driver, this.names, path, {
      onFile: handlers.onFile,
      onProgress: (bytes) => {
        handlers.onProgress(bytes);
        if (size - bytes < this.lookAheadBytes) this.askAhead(path);
      },
    });
  }

  /** One segment of a rendition at a time; verified, it waits in the driver's memory. */
  private askAhead(path: string): void {
    const rendition = this.names.get(path)?.rendition ?? '';
    const { pieces } = this.timeline(rendition);
    const next = pieces[pieces.findIndex((piece) => piece.path === path) + 1];
    if (next === undefined || next.path === pieces[0]?.path) return;
    const before = this.ahead.get(rendition);
    if (before?.path === next.path) return;
    before?.cancel();
    const cancel = askFor(this.driver, this.names, next.path, { onProgress: () => undefined, onFile: () => undefined });
    this.ahead.set(rendition, { path: next.path, cancel });
  }

  playlist(rendition: string, held: number, done: (text: string, held: number, timing: Timing) => void): Cancel {
    return this.driver.want({
      kind: 'playlist',
      rendition,
      have: held,
      onPlaylist: (playlist, timing) => {
        this.learn(playlist);
        done(rendered(this.timeline(rendition), { closed: playlist.ended }), playlist.tick, timing);
      },
    });
  }

  private learn(playlist: LivePlaylist): void {
    const { rendition } = playlist;
    const before = this.timelines.get(rendition) ?? EMPTY;
    const last = before.pieces.at(-1);
    const edge = last === undefined ? 0 : endMs(last);
    const wanted = Math.min(edge - KEEP_MS, (this.playhead ?? edge) - AHEAD_OF_PLAYHEAD_MS);
    const timeline = extended(before, playlist, Math.max(edge - KEEP_MOST_MS, wanted));
    this.timelines.set(rendition, timeline);
    this.latest.set(rendition, playlist);
    this.names.learn(timeline.pieces, rendition);
  }
}
