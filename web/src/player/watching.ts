/**
 * Keeps the right thing playing while an event is watched: what the viewer chose, what the line gives, which engine that
 * takes. It owns the theatre and the line; the page owns the state.
 */
import type { SessionDriver, Timing } from '../io/driver';
import type { Checkpoint } from '../protocol/checkpoint';
import type { Crypto } from '../protocol/crypto';
import type { Event } from '../protocol/event';
import { ReplaySource } from './archive';
import type { Trusted } from './archive';
import { LiveSource } from './engine/source';
import type { Source } from './engine/source';
import type { Engine } from './engine/engine';
import { FAST_LATENCY_S, PictureEngine } from './engine/picture';
import type { HlsClass } from './engine/picture';
import { SoundEngine } from './engine/sound';
import { FRESH_LINE, judgedLine, measured } from './line';
import type { Line } from './line';
import { audiosOf, bandwidthOf, isFast, videosOf } from './multivariant';
import { SLOW_LATENCY_S, planOf, soundPlan } from './plan';
import type { Choice, Plan } from './plan';
import type { Theatre } from './theatre';

export interface WatchingPorts {
  readonly driver: SessionDriver;
  readonly theatre: Theatre;
  readonly event: Event;
  readonly eventId: string;
  readonly crypto: Crypto;
  /** What chapters are judged by, as it stands when one comes. */
  readonly trusted: () => Trusted;
  readonly checkpoint: (rank: number) => Promise<Checkpoint | null>;
  /** Begins to load hls.js when it is first called. */
  readonly loadHls: () => Promise<HlsClass>;
  readonly choice: Choice;
  readonly onLine: (slow: boolean) => void;
  readonly onStep: (step: 'loadingPicture' | 'soundFirst' | null) => void;
  readonly onArchive: (done: number, all: number) => void;
  readonly onFault: () => void;
}

const LOOK_MS = 500;
/** Sound that lies ready before the picture may take a share of a thin line. */
const SOUND_READY_S = 6;
const PICTURE_READY_S = { fast: 0.9, slow: 9, replay: 1.5 } as const;
/** Behind the sound the picture begins to load this near the newest moment: when the sound gets there, enough is ready. */
const PICTURE_LOADS_FROM_S = 10;
/** A picture is tried over a thin line that gives this many times what it asks. */
const ROOM_FOR_PICTURE = 1.12;
const REBUILD_MS = 2_000;

/** `startAt` is a moment of the programme, `intoS` the seconds from the beginning of the recording to it. */
type Replay = { readonly source: ReplaySource; readonly startAt: number; readonly intoS: number };

export class Watching {
  readonly live: LiveSource;
  private choice: Choice;
  private line: Line = FRESH_LINE;
  private replay: Replay | null = null;
  /** Sound plays until there is room for the picture. */
  private soundFirst = false;
  private starved = false;
  private shown: Plan | null = null;
  private Hls: HlsClass | null = null;
  private following = true;
  private rebuiltAt = -Infinity;
  private readonly replays = new WeakSet<Engine>();
  private readonly looking: ReturnType<typeof setInterval>;

  constructor(private readonly ports: WatchingPorts) {
    this.choice = ports.choice;
    this.live = new LiveSource(ports.driver);
    this.looking = setInterval(() => this.look(), LOOK_MS);
  }

  /** What is on the stage, not what is on its way there. */
  get isReplay(): boolean {
    const { engine } = this.ports.theatre;
    return engine !== null && this.replays.has(engine);
  }

  get lineIsSlow(): boolean {
    return this.line.slow;
  }

  /** The first picture, or the first sound. */
  begin(line: Line): void {
    this.line = judgedLine(line, this.needs(), { now: performance.now(), starved: false });
    this.soundFirst = this.line.slow && this.plan().kind === 'picture' && audiosOf(this.ports.event).length > 0;
    this.ports.onLine(this.line.slow);
    this.show({ align: false });
  }

  choose(choice: Choice): void {
    const before = this.choice;
    this.choice = choice;
    this.soundFirst &&= !choice.soundOnly;
    if (choice.language !== before.language) this.ports.theatre.engine?.setLanguage(choice.language);
    this.apply();
  }

  /** Whether what plays should stay at the newest moment. */
  follow(on: boolean): void {
    this.following = on;
    this.ports.theatre.engine?.follow(on && this.replay === null);
  }

  seek(at: number): boolean {
    const { engine } = this.ports.theatre;
    if (engine === null) return false;
    const { to } = engine.state();
    const latency = this.latency();
    if (this.replay === null && at > to - latency * 1000) {
      this.rejoin();
      return true;
    }
    this.follow(false);
    return engine.seek(at);
  }

  /** Through the chapters, from the first. False where there is no chapter yet. */
  async backToStart(): Promise<boolean> {
    const { driver, trusted, checkpoint, eventId, crypto, onArchive } = this.ports;
    const source = new ReplaySource({ driver, live: this.live, trusted, checkpoint, eventId, crypto, onProgress: onArchive });
    const rendition = this.replayRendition();
    if (rendition === null) return false;
    const { pieces } = await source.load(rendition);
    const first = pieces[0];
    if (first === undefined) return false;
    this.replay = { source, startAt: first.startMs, intoS: 0 };
    this.soundFirst = false;
    this.show({ align: false });
    return true;
  }

  rejoin(): void {
    const { engine } = this.ports.theatre;
    const wasReplay = this.replay !== null;
    this.replay = null;
    this.follow(true);
    if (wasReplay || this.ports.theatre.isChanging) this.show({ align: false });
    else if (engine instanceof PictureEngine) engine.jumpToLive();
    else if (engine !== null) engine.seek(engine.state().to - this.latency() * 1000);
  }

  /** Something broke that its engine could not mend. */
  rebuild(): void {
    const now = performance.now();
    if (now - this.rebuiltAt < REBUILD_MS) {
      setTimeout(() => this.rebuild(), REBUILD_MS);
      return;
    }
    this.rebuiltAt = now;
    this.ports.onFault();
    if (this.replay !== null) {
      const { at, from } = this.ports.theatre.engine?.state() ?? { at: null, from: 0 };
      if (at !== null) this.replay = { ...this.replay, startAt: at, intoS: (at - from) / 1000 };
    }
    this.show({ align: false });
  }

  measure(bytes: number, timing: Timing): void {
    this.line = measured(this.line, bytes, timing);
  }

  /** The session's own word: whoever is asked, this line is slow. */
  sayLine(slow: boolean): void {
    this.starved ||= slow;
  }

  destroy(): void {
    clearInterval(this.looking);
    this.ports.theatre.clear();
  }

  private plan(): Plan {
    return planOf(this.ports.event, this.choice, this.line.slow);
  }

  private latency(): number {
    const plan = this.shown;
    if (plan?.kind === 'sound') return plan.latency;
    return plan?.ladder.kind === 'slow' ? plan.ladder.latency : FAST_LATENCY_S;
  }

  private look(): void {
    const { theatre } = this.ports;
    this.live.playhead = this.replay === null ? (theatre.engine?.state().at ?? null) : null;
    const { slow, rate, delay } = this.line;
    this.live.lookAheadBytes = slow ? ((rate ?? 0) * (delay ?? 0)) / 8000 : 0;
    const before = this.line.slow;
    this.line = judgedLine(this.line, this.needs(), { now: performance.now(), starved: this.starved });
    this.starved = false;
    if (this.line.slow !== before) {
      this.ports.onLine(this.line.slow);
      this.apply();
    }
    if (this.soundFirst) this.perhapsPicture();
  }

  /** Enough sound lies ready, and the line has room: bring the picture in behind it. */
  private perhapsPicture(): void {
    const { theatre, event } = this.ports;
    const engine = theatre.engine;
    if (engine === null || theatre.isChanging) return;
    const { buffered, at } = engine.state();
    if (at === null || buffered < SOUND_READY_S) return;
    if (this.line.slow && (this.line.rate ?? 0) < ROOM_FOR_PICTURE * leastOf(event)) return;
    this.soundFirst = false;
    this.show({ align: true });
  }

  /** Bring what plays in line with the choice and the line. */
  private apply(): void {
    if (this.shown === null) return;
    const plan = this.soundFirst ? this.soundFirstPlan() : this.plan();
    const { engine } = this.ports.theatre;
    if (sameSound(plan, this.shown)) return;
    if (plan.kind === 'picture' && this.shown.kind === 'picture' && !this.ports.theatre.isChanging) {
      this.shown = plan;
      if (engine instanceof PictureEngine && this.replay === null) engine.setLadder(plan.ladder);
      return;
    }
    this.show({ align: true });
  }

  private soundFirstPlan(): Plan {
    return soundPlan(this.ports.event, this.choice.language, { narrow: true, latency: SLOW_LATENCY_S }) ?? this.plan();
  }

  private show({ align }: { readonly align: boolean }): void {
    const plan = this.soundFirst ? this.soundFirstPlan() : this.plan();
    this.shown = plan;
    if (plan.kind === 'sound') {
      this.ports.onStep(this.soundFirst ? 'soundFirst' : null);
      this.showSound(plan, align);
      return;
    }
    this.ports.onStep(this.ports.theatre.engine === null ? 'loadingPicture' : null);
    void this.showPicture(plan, align);
  }

  private showSound(plan: Plan & { kind: 'sound' }, align: boolean): void {
    const { theatre, driver } = this.ports;
    const source: Source = this.replay?.source ?? this.live;
    const startAt = align ? (theatre.engine?.state().at ?? null) : (this.replay?.startAt ?? null);
    theatre.present({
      align,
      ready: 1,
      make: (media) => {
        const engine = new SoundEngine({
          media, source, rendition: plan.rendition, codecs: plan.codecs, latency: plan.latency, startAt,
          admit: (buffer) => driver.admit(buffer),
          onFault: () => this.rebuild(),
        });
        engine.follow(this.following && this.replay === null);
        if (this.replay !== null) this.replays.add(engine);
        return engine;
      },
    });
  }

  private async showPicture(plan: Plan & { kind: 'picture' }, align: boolean): Promise<void> {
    const { theatre, driver, event } = this.ports;
    this.Hls ??= await this.ports.loadHls();
    const { Hls } = this;
    // the choice may have changed while hls.js was on its way
    if (this.shown !== plan) return;
    const { replay } = this;
    const slow = plan.ladder.kind === 'slow';
    theatre.present({
      align: align && replay === null,
      ready: replay !== null ? PICTURE_READY_S.replay : slow ? PICTURE_READY_S.slow : PICTURE_READY_S.fast,
      make: (media) => {
        const engine = new PictureEngine({
          Hls, media, event,
          offer: { video: this.offered(), audio: audiosOf(event), language: this.choice.language },
          source: replay?.source ?? this.live,
          admit: (buffer) => driver.admit(buffer),
          rate: this.line.rate,
          ladder: plan.ladder,
          startAt: replay === null ? null : replay.intoS,
          loadFrom: align && slow && replay === null ? PICTURE_LOADS_FROM_S : null,
          onFault: () => this.rebuild(),
          onStarved: () => {
            this.starved = true;
          },
        });
        engine.follow(this.following && replay === null);
        if (replay !== null) this.replays.add(engine);
        return engine;
      },
    });
  }

  /** In a replay nothing is gained by long segments: only the fast ladder's chapters are walked. */
  private offered(): ReturnType<typeof videosOf> {
    const videos = videosOf(this.ports.event);
    const fast = videos.filter(isFast);
    return this.replay !== null && fast.length > 0 && !this.line.slow ? fast : videos;
  }

  private replayRendition(): string | null {
    const plan = this.plan();
    if (plan.kind === 'sound') return plan.rendition;
    const videos = this.offered();
    return (plan.ladder.kind === 'slow' ? videos.find((video) => !isFast(video)) : videos.at(-1))?.name ?? null;
  }

  private needs(): { fast: number } {
    const { event } = this.ports;
    const videos = videosOf(event).filter(isFast);
    const least = Math.min(...videos.map((video) => bandwidthOf(video, audiosOf(event))));
    return { fast: Number.isFinite(least) ? least : 100_000 };
  }
}

/** What the smallest picture with its sound asks. */
function leastOf(event: Event): number {
  return Math.min(...videosOf(event).map((video) => bandwidthOf(video, audiosOf(event))));
}

function sameSound(a: Plan, b: Plan): boolean {
  return a.kind === 'sound' && b.kind === 'sound' && a.rendition === b.rendition && a.latency === b.latency;
}
