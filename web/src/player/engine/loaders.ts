/**
 * hls.js's two loaders over a Source. hls.js sees one origin that does not exist; mirrors, hops, retries and refusals
 * happen below. It never hears of a failure: its back-off would keep it silent long after the mirrors are back.
 */
import type {
  FragmentLoaderContext,
  FragmentLoaderConstructor,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderContext,
  LoaderStats,
  PlaylistLoaderConstructor,
  PlaylistLoaderContext,
} from 'hls.js';
import type { Timing } from '../../io/driver';
import { ORIGIN, renditionOf } from '../multivariant';
import type { Cancel, Source } from './source';

export interface LoaderPorts {
  readonly source: Source;
  readonly master: string;
  /** The last gate: false means that these bytes never left the driver verified. */
  readonly admit: (buffer: ArrayBufferLike) => boolean;
  readonly onTheWay: OnTheWay;
}

/** A file may take this share of its own duration before it is late. */
const LATE_SHARE = 0.5;
const LATE_LEAST_MS = 500;

/** What was asked for and is not here yet. An empty buffer alone does not say that the line is slow: nothing newer may exist. */
export class OnTheWay {
  private readonly files = new Map<object, { readonly loading: LoaderStats['loading']; readonly lateMs: number }>();

  begin(loader: object, { loading }: Pick<LoaderStats, 'loading'>, seconds: number): void {
    this.files.set(loader, { loading, lateMs: Math.max(LATE_LEAST_MS, LATE_SHARE * seconds * 1000) });
  }

  end(loader: object): void {
    this.files.delete(loader);
  }

  /** Bytes of a file are coming, and too slowly. Where none come it is a mirror's silence, for which the session hops. */
  isSlow(now: number): boolean {
    return [...this.files.values()].some(({ loading, lateMs }) => loading.first > 0 && now - loading.start > lateMs);
  }
}

/** Away from a rendition for longer than this (two of the longest segments), the asker no longer holds what it held. */
const AWAY_MS = 10_000;

const freshStats = (): LoaderStats => ({
  aborted: false,
  loaded: 0,
  retry: 0,
  total: 0,
  chunkCount: 0,
  bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
});

abstract class QuietLoader<C extends LoaderContext> {
  context: C | null = null;
  stats: LoaderStats = freshStats();
  protected callbacks: LoaderCallbacks<C> | null = null;
  protected cancel: Cancel | null = null;

  load(context: C, _config: LoaderConfiguration, callbacks: LoaderCallbacks<C>): void {
    this.context = context;
    this.callbacks = callbacks;
    this.stats.loading.start = performance.now();
    this.begin(context);
  }

  abort(): void {
    const { context, callbacks, stats } = this;
    this.stop();
    if (context === null || callbacks === null || stats.loading.end > 0) return;
    stats.aborted = true;
    callbacks.onAbort?.(stats, context, null);
  }

  destroy(): void {
    this.stop();
    this.callbacks = null;
    this.context = null;
  }

  getCacheAge(): number | null {
    return null;
  }

  getResponseHeader(): string | null {
    return null;
  }

  protected abstract begin(context: C): void;

  protected succeed(context: C, data: string | ArrayBuffer, size: number): void {
    const { stats, callbacks } = this;
    this.cancel = null;
    stats.loaded = size;
    stats.total = size;
    callbacks?.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
  }

  protected time(timing: Timing): void {
    const { loading } = this.stats;
    const end = performance.now();
    loading.first = Math.min(end, Math.max(loading.start, timing.first));
    loading.end = end;
  }

  protected stop(): void {
    this.cancel?.();
    this.cancel = null;
  }
}

/** What each rendition's asker holds. One for an instance of hls.js, since each instance has its own memory. */
class Holdings {
  private readonly held = new Map<string, { readonly tick: number; readonly at: number }>();

  of(rendition: string): number {
    const found = this.held.get(rendition);
    return found === undefined || performance.now() - found.at > AWAY_MS ? -1 : found.tick;
  }

  put(rendition: string, tick: number): void {
    this.held.set(rendition, { tick, at: performance.now() });
  }
}

export function playlistLoader({ source, master }: LoaderPorts): PlaylistLoaderConstructor {
  const holdings = new Holdings();
  return class extends QuietLoader<PlaylistLoaderContext> implements Loader<PlaylistLoaderContext> {
    protected begin(context: PlaylistLoaderContext): void {
      const rendition = renditionOf(context.url);
      if (rendition === null) {
        queueMicrotask(() => {
          this.time({ asked: 0, first: performance.now(), last: 0, kept: true });
          this.succeed(context, master, master.length);
        });
        return;
      }
      this.cancel = source.playlist(rendition, holdings.of(rendition), (text, tick, timing) => {
        holdings.put(rendition, tick);
        this.time(timing);
        this.succeed(context, text, text.length);
      });
    }
  };
}

export function fragmentLoader({ source, admit, onTheWay }: LoaderPorts): FragmentLoaderConstructor {
  return class extends QuietLoader<FragmentLoaderContext> implements Loader<FragmentLoaderContext> {
    protected begin(context: FragmentLoaderContext): void {
      const path = context.url.slice(ORIGIN.length);
      this.stats.total = source.sizeOf(path) ?? 0;
      onTheWay.begin(this, this.stats, context.frag.duration);
      this.cancel = source.file(path, {
        onProgress: (bytes) => {
          if (this.stats.loading.first === 0) this.stats.loading.first = performance.now();
          this.stats.loaded = bytes;
        },
        onFile: (bytes, timing) => {
          const { buffer } = bytes;
          onTheWay.end(this);
          if (!admit(buffer)) return;
          this.time(timing);
          this.succeed(context, buffer as ArrayBuffer, bytes.length);
        },
      });
    }

    protected override stop(): void {
      onTheWay.end(this);
      super.stop();
    }
  };
}
