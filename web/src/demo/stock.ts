/**
 * The stock player: hls.js with its default settings, and the error recovery that its documentation asks an
 * application to add. The three mirrors stand in one multivariant playlist as redundant variants, which is how hls.js
 * itself fails over from one host to another.
 */
import Hls from 'hls.js';
import type { Fragment, HlsConfig } from 'hls.js';
import type { MirrorState } from './config';
import { mirrorOf } from './config';
import type { Evidence, Judgement, Lie } from './judge';
import { judge } from './judge';

/** For the measurement of delay alone: as near to the live edge as the files allow, with catching up. */
export const LOW_LATENCY: Partial<HlsConfig> = { lowLatencyMode: true, liveSyncDurationCount: 1, maxLiveSyncPlaybackRate: 1.2 };

export const STOCK_VERSION = Hls.version;

/** Media errors come in bursts; the documented recovery is not to be asked for more often than this. */
const RECOVER_EVERY_MS = 3_000;
const KEPT_JUDGEMENTS = 400;

export interface StockReport {
  readonly lie: Lie | null;
  readonly error: string | null;
  readonly behindMs: number | null;
  readonly mirror: string | null;
  /** Segments that were put on the screen though nobody had signed them for that place. */
  readonly falseSegments: number;
  readonly falseBytes: number;
}

export class StockPlayer {
  private readonly hls: Hls;
  private readonly judged = new Map<string, Judgement>();
  private readonly counted = new Set<string>();
  private now: Fragment | null = null;
  private error: string | null = null;
  private recoveredAt = -Infinity;
  private recovering: ReturnType<typeof setTimeout> | null = null;
  /** A recovery is due, and must reset the decoder. */
  private mediaFailed = false;
  private falseSegments = 0;
  private falseBytes = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly mirrors: () => readonly MirrorState[],
    private readonly evidence: Evidence,
    config: Partial<HlsConfig> = {},
  ) {
    this.hls = new Hls(config);
    const { hls } = this;
    hls.on(Hls.Events.FRAG_LOADED, (_event, { frag, payload }) => void this.look(frag, payload));
    hls.on(Hls.Events.FRAG_CHANGED, (_event, { frag }) => {
      this.now = frag;
      this.mended();
      this.count(frag);
    });
    // the decoder was emptied, by hls.js itself or below: nothing stands on the screen
    hls.on(Hls.Events.MEDIA_DETACHED, () => {
      this.now = null;
    });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (data.fatal) this.failed(data.type, data.details);
    });
  }

  open(url: string): void {
    this.hls.loadSource(url);
    this.hls.attachMedia(this.video);
    void this.video.play().catch(() => undefined);
  }

  close(): void {
    this.mended();
    this.hls.destroy();
  }

  report(): StockReport {
    const url = this.now?.url ?? null;
    const date = this.hls.playingDate;
    return {
      lie: this.now === null ? null : (this.judged.get(keyOf(this.now))?.lie ?? null),
      error: this.error,
      behindMs: date === null ? null : Date.now() - date.getTime(),
      mirror: url === null ? null : (mirrorOf(url, this.mirrors())?.id ?? null),
      falseSegments: this.falseSegments,
      falseBytes: this.falseBytes,
    };
  }

  resetCounts(): void {
    this.falseSegments = this.falseBytes = 0;
  }

  private async look(frag: Fragment, payload: ArrayBuffer): Promise<void> {
    if (typeof frag.sn !== 'number') return;
    // hls.js hands its buffer on to be parsed: judge a copy
    const judgement = await judge(frag.url, payload.slice(0), this.evidence);
    this.judged.set(keyOf(frag), judgement);
    for (const key of this.judged.keys()) {
      if (this.judged.size <= KEPT_JUDGEMENTS) break;
      this.judged.delete(key);
      this.counted.delete(key);
    }
    if (this.now !== null && keyOf(this.now) === keyOf(frag)) this.count(frag);
  }

  /** A false segment counts once it is on the screen. */
  private count(frag: Fragment): void {
    const key = keyOf(frag);
    const judgement = this.judged.get(key);
    if (judgement === undefined || judgement.lie === null || this.counted.has(key)) return;
    this.counted.add(key);
    this.falseSegments += 1;
    this.falseBytes += judgement.bytes;
  }

  /** It plays again: an error that still waits for its turn is over. */
  private mended(): void {
    this.error = null;
    this.mediaFailed = false;
    if (this.recovering !== null) clearTimeout(this.recovering);
    this.recovering = null;
  }

  /** A burst of errors is one fault, recovered once: a recovery for each would go on long after its cause. */
  private failed(type: string, details: string): void {
    this.error = details;
    this.mediaFailed ||= type === Hls.ErrorTypes.MEDIA_ERROR;
    if (this.recovering !== null) return;
    const wait = Math.max(0, this.recoveredAt + RECOVER_EVERY_MS - performance.now());
    this.recovering = setTimeout(() => this.recover(), wait);
  }

  private recover(): void {
    const { hls, mediaFailed } = this;
    this.recovering = null;
    this.mediaFailed = false;
    this.recoveredAt = performance.now();
    if (mediaFailed) {
      hls.recoverMediaError();
      void this.video.play().catch(() => undefined);
    } else if (hls.levels.length === 0) hls.loadSource(hls.url ?? '');
    else hls.startLoad();
  }
}

/** One file as it was loaded: the same number may be loaded again at another level, or after a seek. */
function keyOf(frag: Fragment): string {
  return `${frag.type} ${frag.sn} ${frag.url}`;
}
