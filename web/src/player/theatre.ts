/**
 * Holds what plays. When something else is to play, the new engine is made ready in an element of its own behind the old
 * one, brought to the same moment, and only then shown: a change of ladder, of language or of kind makes no gap.
 */
import type { Engine, EngineState } from './engine/engine';
import type { Playback } from './state';
import { NO_PLAYBACK } from './state';

export interface Entrance {
  readonly make: (media: HTMLVideoElement) => Engine;
  /** Take over at the moment that plays now; else wherever the new one stands. */
  readonly align: boolean;
  /** Seconds that the new one must hold ready before it takes over. */
  readonly ready: number;
}

interface Coming {
  readonly engine: Engine;
  readonly entrance: Entrance;
  readonly since: number;
  seeks: number;
}

const TICK_MS = 200;
/** Engines that cannot be brought to the same moment take over where they stand. */
const ALIGN_SEEKS = 4;
const NEAR_MS = 90;
/** Between seeking and playing some time passes: aim that far ahead. */
const SEEK_LEAD_MS = 60;
const STARVED_AFTER_MS = 350;
/** The next segment may be this late without a word. */
const DRY_AFTER_MS = 1_500;
/** Less than any segment: sound and picture end apart by a little. */
const PLAYED_ALL_MS = 700;
/** So long a new engine may take before it comes in wherever it stands. */
const PATIENCE_MS = 90_000;

/** Everything that was signed so far stands behind the picture. */
const hasPlayedAll = ({ at, to, buffered }: EngineState): boolean =>
  at !== null && to > 0 && to - at - buffered * 1000 < PLAYED_ALL_MS;

export class Theatre {
  private screen: HTMLElement | null = null;
  private current: Engine | null = null;
  private coming: Coming | null = null;
  private wantsPlay = true;
  private muted = false;
  private volume = 1;
  private needsTap: Playback['needsTap'] = 'no';
  private started = false;
  private starvedSince: number | null = null;
  private waitingFirst: Entrance | null = null;
  /** Called after each look at what plays. */
  onTick: (playback: Playback, engine: EngineState | null) => void = () => undefined;

  constructor() {
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Where pictures go; the page gives it once it is drawn. */
  setScreen(screen: HTMLElement | null): void {
    if (screen === null || screen === this.screen) return;
    this.screen = screen;
    for (const engine of [this.current, this.coming?.engine]) if (engine) screen.append(engine.media);
    if (this.waitingFirst !== null) this.present(this.waitingFirst);
  }

  get engine(): Engine | null {
    return this.current;
  }

  get isChanging(): boolean {
    return this.coming !== null;
  }

  get isPlaying(): boolean {
    return this.wantsPlay;
  }

  present(entrance: Entrance): void {
    if (this.screen === null) {
      this.waitingFirst = entrance;
      return;
    }
    this.waitingFirst = null;
    this.dismiss(this.coming?.engine ?? null);
    this.coming = null;
    const engine = entrance.make(this.newElement());
    if (this.current === null) this.enter(engine);
    else this.coming = { engine, entrance, since: performance.now(), seeks: 0 };
  }

  play(): void {
    this.wantsPlay = true;
    const media = this.current?.media;
    if (media === undefined) return;
    media.play().then(
      () => this.setTap(this.needsTap === 'sound' && media.muted ? 'sound' : 'no'),
      (error: unknown) => this.refusedToPlay(media, error),
    );
  }

  pause(): void {
    this.wantsPlay = false;
    this.current?.media.pause();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (!muted && this.needsTap === 'sound') this.setTap('no');
    this.applySound();
  }

  setVolume(volume: number): void {
    this.volume = volume;
    this.setMuted(volume === 0);
  }

  /** Nothing plays any more; whatever is presented next begins anew. */
  clear(): void {
    this.dismiss(this.coming?.engine ?? null);
    this.dismiss(this.current);
    this.coming = null;
    this.current = null;
    this.waitingFirst = null;
  }

  private newElement(): HTMLVideoElement {
    const media = document.createElement('video');
    media.playsInline = true;
    media.muted = true;
    media.disableRemotePlayback = true;
    // keys are ours: the element itself takes no focus
    media.tabIndex = -1;
    this.screen?.append(media);
    return media;
  }

  private dismiss(engine: Engine | null): void {
    if (engine === null) return;
    engine.destroy();
    engine.media.remove();
  }

  private enter(engine: Engine): void {
    const old = this.current;
    this.current = engine;
    engine.media.classList.add('shown');
    this.applySound();
    if (this.wantsPlay) this.play();
    this.dismiss(old);
  }

  private applySound(): void {
    const media = this.current?.media;
    if (media === undefined) return;
    media.muted = this.muted;
    media.volume = this.volume;
  }

  /** Browsers let nothing sound before a tap: play silently and say so; where even that is refused, ask for the tap. */
  private refusedToPlay(media: HTMLVideoElement, error: unknown): void {
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || media !== this.current?.media) return;
    if (media.muted) {
      this.wantsPlay = false;
      this.setTap('play');
      return;
    }
    this.muted = true;
    this.applySound();
    this.setTap('sound');
    this.play();
  }

  private setTap(needsTap: Playback['needsTap']): void {
    this.needsTap = needsTap;
  }

  private tick(): void {
    this.bringIn();
    const state = this.current?.state() ?? null;
    this.onTick(this.playback(state), state);
  }

  private bringIn(): void {
    const { coming, current } = this;
    if (coming === null || current === null) return;
    const { engine, entrance } = coming;
    const state = engine.state();
    const late = performance.now() - coming.since > PATIENCE_MS;
    const playing = entrance.align && !late ? current.state().at : null;
    const target = playing === null ? null : playing + (this.wantsPlay ? SEEK_LEAD_MS : 0);
    const ready = target === null ? state.buffered : engine.readyFrom(target);
    if (state.at === null || (ready < entrance.ready && !late)) return;
    if (target !== null && coming.seeks < ALIGN_SEEKS && Math.abs(state.at - target) > NEAR_MS) {
      coming.seeks += 1;
      engine.seek(target);
      return;
    }
    if (engine.media.readyState < 3) return;
    this.coming = null;
    this.enter(engine);
  }

  private playback(state: EngineState | null): Playback {
    if (state === null) return NO_PLAYBACK;
    const media = (this.current as Engine).media;
    if (media.readyState >= 2 && state.at !== null) this.started = true;
    const hungry = this.wantsPlay && media.readyState < 3;
    this.starvedSince = hungry ? (this.starvedSince ?? performance.now()) : null;
    const starvedMs = this.starvedSince === null ? 0 : performance.now() - this.starvedSince;
    return {
      at: state.at,
      from: state.from,
      to: state.to,
      paused: !this.wantsPlay,
      starved: starvedMs > STARVED_AFTER_MS,
      dry: starvedMs > DRY_AFTER_MS && hasPlayedAll(state),
      started: this.started,
      needsTap: this.needsTap,
      muted: this.muted,
      volume: this.volume,
      height: state.height,
      soundOnly: this.current?.kind === 'sound',
    };
  }
}
