/** Looks at both players a few times a second, and keeps what the audience is told. */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { HumaReport } from './huma';
import { reportOf, videoIn } from './huma';
import type { Showing } from './sentence';
import type { Seen } from './server';
import { StallMeter, meterVideo, pausesOf } from './stall';
import type { StockPlayer, StockReport } from './stock';

const LOOK_EVERY_MS = 200;

export interface PlayerView<Report> {
  readonly showing: Showing;
  readonly report: Report;
}

const NOTHING: Showing = {
  started: false,
  paused: false,
  stalls: { count: 0, longestMs: 0, totalMs: 0, stillMs: 0 },
  lie: null,
  error: null,
  behindMs: null,
};

/** One player: its meter, and what was last told about it. */
class Watched {
  readonly meter = new StallMeter();
  private video: HTMLVideoElement | null = null;
  private unmeter: (() => void) | null = null;
  private paused = (): boolean => false;
  private wasStill = 0;
  private mirror: string | null = null;
  private lies = 0;
  private started = false;

  constructor(
    private readonly player: Seen['player'],
    private readonly tell: (seen: Seen) => void,
  ) {}

  /** The video element may come late, and change. */
  follow(video: HTMLVideoElement | null): void {
    if (video === this.video) return;
    this.unmeter?.();
    this.video = video;
    this.unmeter = null;
    if (video === null) return;
    const paused = pausesOf(video);
    this.paused = paused;
    this.unmeter = meterVideo(video, this.meter, { paused, clock: () => performance.now() });
  }

  showing(part: Pick<Showing, 'lie' | 'error' | 'behindMs'>): Showing {
    if (this.video === null) return { ...NOTHING, error: part.error };
    const stalls = this.meter.at(performance.now());
    // a player that starts over counts its frames from zero; for the audience it has started long ago
    this.started ||= this.video.getVideoPlaybackQuality().totalVideoFrames > 0;
    return { started: this.started, paused: this.paused() && this.started, stalls, ...part };
  }

  /** What changed since the last look goes to whoever reads `--json`. */
  report({ stalls }: Showing, mirror: string | null, lies: number, code: string): void {
    const { player, tell } = this;
    if (stalls.stillMs === 0 && this.wasStill > 0) tell({ event: 'stall', player, code: 'over', ms: Math.round(this.wasStill) });
    this.wasStill = stalls.stillMs;
    if (mirror !== null && mirror !== this.mirror) tell({ event: 'hop', player, code: 'mirror', mirror });
    this.mirror = mirror ?? this.mirror;
    if (lies > this.lies) tell({ event: 'refusal', player, code, lies });
    this.lies = lies;
  }
}

export interface Watch {
  readonly stock: Signal<PlayerView<StockReport> | null>;
  readonly huma: Signal<PlayerView<HumaReport | null> | null>;
  reset(): void;
}

export function watchBoth(
  stock: { readonly player: StockPlayer; readonly video: HTMLVideoElement },
  frame: HTMLIFrameElement,
  tell: (seen: Seen) => void,
): Watch {
  const left = new Watched('stock', tell);
  const right = new Watched('huma', tell);
  const watch: Watch = {
    stock: signal(null),
    huma: signal(null),
    reset() {
      left.meter.reset(performance.now());
      right.meter.reset(performance.now());
      stock.player.resetCounts();
    },
  };
  left.follow(stock.video);
  const look = (): void => {
    const seen = stock.player.report();
    const stockShowing = left.showing(seen);
    left.report(stockShowing, seen.mirror, seen.falseSegments, 'shown');
    watch.stock.value = { showing: stockShowing, report: seen };
    right.follow(videoIn(frame));
    const own = reportOf(frame);
    const humaShowing = right.showing({ lie: null, error: null, behindMs: own?.behindMs ?? null });
    right.report(humaShowing, own?.mirror ?? null, own?.caught.length ?? 0, 'caught');
    watch.huma.value = { showing: humaShowing, report: own };
  };
  setInterval(look, LOOK_EVERY_MS);
  return watch;
}
