/** The picture: hls.js over our loaders. One instance holds both ladders of the event. */
import type Hls from 'hls.js';
import type { ErrorData, HlsConfig, Level } from 'hls.js';
import type { Event } from '../../protocol/event';
import { MASTER_URL, bandwidthOf, isFast, renderMaster, renditionOf } from '../multivariant';
import type { Offer } from '../multivariant';
import { bufferedAhead, bufferedBehind } from './engine';
import type { Engine, EngineState } from './engine';
import { OnTheWay, fragmentLoader, playlistLoader } from './loaders';
import type { LoaderPorts } from './loaders';
import { FAST_SLACK_S, SLOW_SLACK_S, paceFor } from './pace';
import type { Source } from './source';

export type HlsClass = typeof Hls;

/** Which of the event's pictures may be taken now. */
export type Ladder =
  | { readonly kind: 'auto' }
  | { readonly kind: 'fixed'; readonly rendition: string }
  /** The ladder of long segments. */
  | { readonly kind: 'slow'; readonly latency: number };

export interface PicturePorts {
  readonly Hls: HlsClass;
  readonly media: HTMLVideoElement;
  readonly event: Event;
  readonly offer: Offer;
  readonly source: Source;
  readonly admit: LoaderPorts['admit'];
  /** What the line seems to give, bits a second. */
  readonly rate: number | null;
  readonly ladder: Ladder;
  /** null: near the newest moment. Else seconds from the beginning of what the source has. */
  readonly startAt: number | null;
  /** Begin to load this many seconds behind the newest moment, where that is another place than where it will play. */
  readonly loadFrom: number | null;
  readonly onFault: () => void;
  /** The smallest picture of the fast ladder does not keep up. */
  readonly onStarved: () => void;
}

/** Distance to the newest signed moment on a good line: one segment that is being made, and half a segment to spare. */
export const FAST_LATENCY_S = 1.8;
/** Where a stall on the fast ladder moved it to, at most. */
const FAST_LATENCY_MOST_S = 4;
/** A hair after the beginning: sound and picture differ by microseconds, and hls.js takes "before the beginning" for "live". */
const START_S = 0.05;
const PACE_MS = 250;
const BACK_BUFFER_S = 40;
const RECOVER_MOST = 3;
const RECOVER_WITHIN_MS = 60_000;

export class PictureEngine implements Engine {
  readonly kind = 'picture';
  readonly media: HTMLVideoElement;
  private readonly hls: Hls;
  private readonly pacing: ReturnType<typeof setInterval>;
  private ladder: Ladder;
  private following: boolean;
  private target = FAST_LATENCY_S;
  private faults: number[] = [];
  private lastStall = 0;
  private readonly onTheWay = new OnTheWay();
  /** The picture stands, and it is not known yet whether the line is to blame. */
  private stands = false;

  constructor(private readonly ports: PicturePorts) {
    this.media = ports.media;
    this.ladder = ports.ladder;
    this.following = ports.startAt === null;
    this.hls = new ports.Hls(this.config());
    this.listen();
    this.hls.loadSource(MASTER_URL);
    this.hls.attachMedia(this.media);
    this.pacing = setInterval(() => this.pace(), PACE_MS);
  }

  state(): EngineState {
    const rendition = this.rendition();
    const { pieces } = this.ports.source.timeline(rendition ?? '');
    const [first, last] = [pieces[0], pieces.at(-1)];
    return {
      at: this.at(),
      from: first?.startMs ?? 0,
      to: last === undefined ? 0 : last.startMs + last.seconds * 1000,
      buffered: bufferedAhead(this.media.buffered, this.media.currentTime),
      height: this.level()?.height ?? null,
      rendition,
    };
  }

  readyFrom(at: number): number {
    const time = this.timeOf(at);
    return time === null ? 0 : bufferedAhead(this.media.buffered, time);
  }

  seek(at: number): boolean {
    const time = this.timeOf(at);
    if (time === null) return false;
    this.media.currentTime = Math.max(0, time);
    return true;
  }

  /** The media time of a moment of the programme, by the dates of the playlist in play. */
  timeOf(at: number): number | null {
    const fragments = this.hls.latestLevelDetails?.fragments ?? [];
    const near = fragments.findLast(({ programDateTime }) => (programDateTime ?? Infinity) <= at) ?? fragments[0];
    if (near?.programDateTime == null) return null;
    return near.start + (at - near.programDateTime) / 1000;
  }

  setLanguage(language: string): void {
    this.hls.setAudioOption({ lang: language });
  }

  follow(on: boolean): void {
    this.following = on;
    this.applyLadder();
    if (!on) this.media.playbackRate = 1;
  }

  /** To the newest moment at once. */
  jumpToLive(): void {
    this.follow(true);
    const position = this.hls.liveSyncPosition;
    if (position !== null) this.media.currentTime = position;
  }

  setLadder(ladder: Ladder): void {
    const toSlow = ladder.kind === 'slow' && this.ladder.kind !== 'slow';
    this.ladder = ladder;
    this.applyLadder();
    if (toSlow) this.stepBack();
  }

  destroy(): void {
    clearInterval(this.pacing);
    this.hls.destroy();
  }

  private config(): Partial<HlsConfig> {
    const { source, admit, event, offer, rate, startAt } = this.ports;
    const ports = { source, admit, master: renderMaster(event, offer), onTheWay: this.onTheWay };
    return {
      pLoader: playlistLoader(ports),
      fLoader: fragmentLoader(ports),
      enableWorker: false,
      preferManagedMediaSource: true,
      startPosition: startAt === null ? -1 : START_S + startAt,
      testBandwidth: false,
      startFragPrefetch: false,
      capLevelToPlayerSize: true,
      lowLatencyMode: true,
      // the pace is ours: hls.js gives up on whoever is further behind than one target duration
      maxLiveSyncPlaybackRate: 1,
      liveSyncDuration: this.ports.loadFrom ?? this.latency(),
      liveMaxLatencyDuration: 24 * 3600,
      liveSyncOnStallIncrease: 0,
      liveDurationInfinity: true,
      maxBufferLength: 40,
      backBufferLength: BACK_BUFFER_S,
      abrEwmaDefaultEstimate: rate === null ? 1_200_000 : Math.max(100_000, rate * 0.7),
      abrEwmaFastLive: 2,
      abrEwmaSlowLive: 6,
      minAutoBitrate: this.fastFloor(),
      audioPreference: { lang: offer.language },
      enableDateRangeMetadataCues: false,
      enableEmsgMetadataCues: false,
      enableID3MetadataCues: false,
      enableInterstitialPlayback: false,
      useMediaCapabilities: false,
      debug: false,
      // our loaders answer when they can: no time limit of hls.js's applies
      fragLoadPolicy: { default: { maxTimeToFirstByteMs: Infinity, maxLoadTimeMs: Infinity, timeoutRetry: null, errorRetry: null } },
      playlistLoadPolicy: { default: { maxTimeToFirstByteMs: Infinity, maxLoadTimeMs: Infinity, timeoutRetry: null, errorRetry: null } },
    };
  }

  private listen(): void {
    const { Events, ErrorTypes } = this.ports.Hls;
    const { hls } = this;
    hls.on(Events.MANIFEST_PARSED, () => this.applyLadder());
    hls.on(Events.ERROR, (_name, data) => {
      if (data.details === this.ports.Hls.ErrorDetails.BUFFER_STALLED_ERROR) this.stalled();
      if (data.fatal) this.recover(data, data.type === ErrorTypes.MEDIA_ERROR);
    });
    hls.on(Events.FRAG_LOAD_EMERGENCY_ABORTED, () => this.starving());
  }

  /** Decoders fail, mostly for a moment; what cannot be mended here is built anew by the page. */
  private recover(_data: ErrorData, decoder: boolean): void {
    const now = performance.now();
    this.faults = [...this.faults.filter((at) => now - at < RECOVER_WITHIN_MS), now];
    if (decoder && this.faults.length <= RECOVER_MOST) this.hls.recoverMediaError();
    else this.ports.onFault();
  }

  private stalled(): void {
    this.lastStall = performance.now();
    if (this.ladder.kind !== 'slow') this.target = Math.min(FAST_LATENCY_MOST_S, this.target + 0.4);
    this.stands = true;
    this.blameLine();
  }

  /** A picture that stands because nothing newer was signed says nothing of the line. */
  private blameLine(): void {
    if (!this.stands || !this.onTheWay.isSlow(performance.now())) return;
    this.stands = false;
    this.starving();
  }

  private starving(): void {
    const lowest = this.hls.levels.findIndex(({ maxBitrate }) => maxBitrate >= this.fastFloor());
    if (this.ladder.kind === 'auto' && this.hls.loadLevel <= lowest) this.ports.onStarved();
  }

  /** The least that the fast ladder asks of a line: hls.js may choose nothing below it by itself. */
  private fastFloor(): number {
    const { offer } = this.ports;
    const fast = offer.video.filter(isFast);
    return Math.min(...(fast.length > 0 ? fast : offer.video).map((video) => bandwidthOf(video, offer.audio)));
  }

  private latency(): number {
    return this.ladder.kind === 'slow' ? this.ladder.latency : this.target;
  }

  private applyLadder(): void {
    const { hls, ladder } = this;
    if (hls.levels.length === 0) return;
    if (this.ports.loadFrom === null || !this.media.paused) hls.targetLatency = this.latency();
    // behind the live window, no other rendition has what comes next: stay on this one
    if (!this.following && ladder.kind === 'auto' && hls.loadLevel >= 0) {
      hls.loadLevel = hls.loadLevel;
      return;
    }
    const wanted = this.levelOf(ladder);
    if (hls.loadLevel !== wanted || (wanted === -1) !== hls.autoLevelEnabled) hls.loadLevel = wanted;
  }

  private levelOf(ladder: Ladder): number {
    if (ladder.kind === 'auto') return -1;
    const { video } = this.ports.offer;
    const name = ladder.kind === 'fixed' ? ladder.rendition : video.find((each) => !isFast(each))?.name;
    return this.hls.levels.findIndex((level) => renditionOf(level.url[0] ?? '') === name);
  }

  /** On to long segments: what was played lately is still in memory, and gives the line time to fill the buffer. */
  private stepBack(): void {
    const { media } = this;
    const back = Math.min(this.latency() - FAST_LATENCY_S, bufferedBehind(media.buffered, media.currentTime) - 0.5);
    if (this.following && back > 2) media.currentTime -= back;
  }

  private pace(): void {
    const { media, hls } = this;
    if (!media.paused) hls.targetLatency = this.latency();
    if (media.readyState >= 3) this.stands = false;
    this.blameLine();
    if (!this.following || media.paused || media.readyState < 3 || !hls.latestLevelDetails?.live) return;
    if (this.target > FAST_LATENCY_S && performance.now() - this.lastStall > 30_000) this.target = FAST_LATENCY_S;
    const rate = paceFor(
      {
        latency: hls.latency,
        target: this.latency(),
        buffered: bufferedAhead(media.buffered, media.currentTime),
        slack: this.ladder.kind === 'slow' ? SLOW_SLACK_S : FAST_SLACK_S,
      },
      media.playbackRate,
    );
    if (media.playbackRate !== rate) media.playbackRate = rate;
  }

  /** The inverse of `timeOf`. */
  private at(): number | null {
    const { media } = this;
    const fragments = this.hls.latestLevelDetails?.fragments ?? [];
    const near = fragments.findLast(({ start }) => start <= media.currentTime) ?? fragments[0];
    if (near?.programDateTime == null || media.readyState < 2) return null;
    return near.programDateTime + (media.currentTime - near.start) * 1000;
  }

  private level(): Level | null {
    const { hls } = this;
    return hls.levels[hls.currentLevel >= 0 ? hls.currentLevel : hls.loadLevel] ?? null;
  }

  private rendition(): string | null {
    return renditionOf(this.level()?.url[0] ?? '');
  }
}
