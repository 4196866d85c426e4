/**
 * Sound by itself, without hls.js: verified segments appended one after the other. It plays while hls.js is still on its way
 * over a thin line, and wherever a viewer wants no picture. Segments stand on one time line; where it breaks
 * (a discontinuity), the next one is put where its date says.
 */
import type { Piece, Timeline } from '../timeline';
import { endMs } from '../timeline';
import type { Engine, EngineState } from './engine';
import { bufferedAhead } from './engine';
import { baseDecodeTime, timescale } from './boxes';
import type { LoaderPorts } from './loaders';
import { SLOW_SLACK_S, paceFor } from './pace';
import type { Cancel, Source } from './source';

export interface SoundPorts {
  readonly media: HTMLVideoElement;
  readonly source: Source;
  readonly rendition: string;
  readonly codecs: string;
  readonly admit: LoaderPorts['admit'];
  /** Seconds behind the newest signed moment. */
  readonly latency: number;
  readonly startAt: number | null;
  readonly onFault: () => void;
}

const AHEAD_S = 30;
const BACK_S = 60;
const PACE_MS = 250;

type AnyMediaSource = typeof MediaSource;

/** ManagedMediaSource where that is all there is (iPhones). */
export function mediaSourceClass(): AnyMediaSource | null {
  const scope = globalThis as { MediaSource?: AnyMediaSource; ManagedMediaSource?: AnyMediaSource };
  return scope.MediaSource ?? scope.ManagedMediaSource ?? null;
}

export class SoundEngine implements Engine {
  readonly kind = 'sound';
  readonly media: HTMLVideoElement;
  private readonly mediaSource: MediaSource;
  private readonly url: string;
  private readonly pacing: ReturnType<typeof setInterval>;
  private buffer: SourceBuffer | null = null;
  private stopPlaylist: Cancel | null = null;
  private stopFile: Cancel | null = null;
  private held = -1;
  /** Number of the next segment to append; null before the first. */
  private next: number | null = null;
  private init: string | null = null;
  private scale = 48_000;
  private cc: number | null = null;
  /** The moment at media time 0. */
  private origin: number | null = null;
  private following: boolean;
  private busy = false;
  private gone = false;

  constructor(private readonly ports: SoundPorts) {
    const Source = mediaSourceClass();
    if (Source === null) throw new Error('no MediaSource');
    this.media = ports.media;
    this.following = ports.startAt === null;
    this.mediaSource = new Source();
    this.media.disableRemotePlayback = true;
    this.url = URL.createObjectURL(this.mediaSource);
    this.media.src = this.url;
    this.mediaSource.addEventListener('sourceopen', () => this.opened(), { once: true });
    this.pacing = setInterval(() => this.pace(), PACE_MS);
  }

  state(): EngineState {
    const { pieces } = this.timeline();
    const [first, last] = [pieces[0], pieces.at(-1)];
    const { media, origin } = this;
    return {
      at: origin === null || media.readyState < 2 ? null : origin + media.currentTime * 1000,
      from: first?.startMs ?? 0,
      to: last === undefined ? 0 : endMs(last),
      buffered: bufferedAhead(media.buffered, media.currentTime),
      height: null,
      rendition: this.ports.rendition,
    };
  }

  readyFrom(at: number): number {
    const { media, origin } = this;
    return origin === null ? 0 : bufferedAhead(media.buffered, (at - origin) / 1000);
  }

  seek(at: number): boolean {
    if (this.origin === null) return false;
    const piece = this.timeline().pieces.findLast(({ startMs }) => startMs <= at) ?? this.timeline().pieces[0];
    if (piece === undefined) return false;
    this.stopFile?.();
    this.stopFile = null;
    this.next = piece.n;
    this.media.currentTime = Math.max(0, (at - this.origin) / 1000);
    this.fill();
    return true;
  }

  setLanguage(): void {
    // another language is another rendition: the page makes a new engine for it
  }

  follow(on: boolean): void {
    this.following = on;
    if (!on) this.media.playbackRate = 1;
  }

  destroy(): void {
    this.gone = true;
    clearInterval(this.pacing);
    this.stopPlaylist?.();
    this.stopFile?.();
    this.media.removeAttribute('src');
    this.media.load();
    URL.revokeObjectURL(this.url);
  }

  private timeline(): Timeline {
    return this.ports.source.timeline(this.ports.rendition);
  }

  private opened(): void {
    if (this.gone) return;
    try {
      this.buffer = this.mediaSource.addSourceBuffer(`audio/mp4; codecs="${this.ports.codecs}"`);
    } catch {
      this.ports.onFault();
      return;
    }
    this.mediaSource.duration = Infinity;
    this.ask();
  }

  private ask(): void {
    this.stopPlaylist = this.ports.source.playlist(this.ports.rendition, this.held, (_text, held) => {
      this.held = held;
      this.fill();
      if (!this.timeline().ended) this.ask();
    });
  }

  private startPiece(): Piece | null {
    const { pieces } = this.timeline();
    const last = pieces.at(-1);
    if (last === undefined) return null;
    const at = this.ports.startAt ?? endMs(last) - this.ports.latency * 1000;
    return pieces.findLast(({ startMs }) => startMs <= at) ?? pieces[0] ?? null;
  }

  /** Fetch and append the next segment, as long as less than half a minute lies ahead. */
  private fill(): void {
    const { media, buffer } = this;
    if (this.gone || this.stopFile !== null || buffer === null || this.busy) return;
    if (bufferedAhead(media.buffered, media.currentTime) > AHEAD_S) return;
    const { pieces } = this.timeline();
    const first = pieces[0];
    // a gap of the programme begins a new line of numbers: go on where it begins
    const wanted = this.next !== null && first !== undefined && first.n > this.next ? first.n : this.next;
    const piece = wanted === null ? this.startPiece() : (pieces.find(({ n }) => n === wanted) ?? null);
    if (piece !== null) this.fetch(piece);
  }

  private fetch(piece: Piece): void {
    if (this.init !== piece.init.path) {
      this.file(piece.init.path, (bytes) => {
        this.scale = timescale(bytes) ?? this.scale;
        void this.append(bytes).then(() => {
          this.init = piece.init.path;
          this.fill();
        });
      });
      return;
    }
    this.file(piece.path, (bytes) => {
      this.place(piece, bytes);
      void this.append(bytes).then(() => {
        this.next = piece.n + 1;
        this.begin();
        this.fill();
      });
    });
  }

  private file(path: string, use: (bytes: Uint8Array) => void): void {
    let done = false;
    const cancel = this.ports.source.file(path, {
      onProgress: () => undefined,
      onFile: (bytes) => {
        done = true;
        this.stopFile = null;
        if (!this.ports.admit(bytes.buffer)) return;
        this.busy = true;
        use(bytes);
      },
    });
    if (!done) this.stopFile = cancel;
  }

  /** Where the segment goes: by its own clock, until that breaks; then by its date. */
  private place(piece: Piece, bytes: Uint8Array): void {
    const { buffer } = this;
    if (buffer === null || this.cc === piece.cc) return;
    const base = (baseDecodeTime(bytes) ?? 0) / this.scale;
    this.origin ??= piece.startMs;
    buffer.timestampOffset = (piece.startMs - this.origin) / 1000 - base;
    this.cc = piece.cc;
  }

  private async append(bytes: Uint8Array): Promise<void> {
    const { buffer } = this;
    if (buffer === null || this.gone) return;
    await settled(buffer, () => buffer.appendBuffer(bytes as BufferSource), this.ports.onFault);
    const from = this.media.currentTime - BACK_S;
    if (from > 0 && !this.gone) await settled(buffer, () => buffer.remove(0, from), this.ports.onFault);
    this.busy = false;
  }

  /** The first sound: playback cannot begin before the first range. */
  private begin(): void {
    const { media } = this;
    if (media.currentTime === 0 && media.buffered.length > 0 && media.buffered.start(0) > 0) {
      media.currentTime = media.buffered.start(0);
    }
  }

  private pace(): void {
    const { media } = this;
    this.fill();
    const { at, to, buffered } = this.state();
    if (!this.following || at === null || media.paused) return;
    const pace = { latency: (to - at) / 1000, target: this.ports.latency, buffered, slack: SLOW_SLACK_S };
    const rate = paceFor(pace, media.playbackRate);
    if (media.playbackRate !== rate) media.playbackRate = rate;
  }
}

/** Run one operation of a source buffer to its end. */
function settled(buffer: SourceBuffer, start: () => void, onFault: () => void): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      buffer.removeEventListener('updateend', end);
      resolve();
    };
    buffer.addEventListener('updateend', end);
    try {
      start();
    } catch {
      end();
      onFault();
    }
  });
}

