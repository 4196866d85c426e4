/**
 * The page: opens the event, keeps the state that components show, and does what the viewer asks. Everything that is said on
 * the screen is decided in reading.ts from the state that is written here.
 */
import { batch } from '@preact/signals';
import { chooseCrypto } from '../io/crypto';
import type { SessionDriver, Timing } from '../io/driver';
import { fetchBounded } from '../io/fetch';
import type { Memory } from '../io/persist';
import type { Trust } from '../io/trustloader';
import type { Event } from '../protocol/event';
import type { NoteCommand } from '../protocol/session/types';
import type { UiLanguage } from './i18n/words';
import type { Trusted } from './archive';
import { Busy } from './busy';
import type { Choices } from './choices';
import { forgetPage, keepLater } from './keep';
import type { HandoverPorts } from './keep';
import type { Line } from './line';
import { isClear, lineOfPage, measured } from './line';
import { audiosOf } from './multivariant';
import { toggleFullScreen, togglePictureInPicture } from './display';
import { checkpointOf, drive, open } from './opening';
import type { Opened, OpeningPorts, Trouble } from './opening';
import { News } from './news';
import { linkToShare } from './pin';
import type { Target } from './pin';
import { choiceOf } from './reading';
import { reportOf } from './report';
import type { HumaReport } from './report';
import type { PageState, Playback, Requests, SheetName } from './state';
import type { EngineState } from './engine/engine';
import type { HlsClass } from './engine/picture';
import type { Quality } from './quality';
import { copyText, saveEvidence, shareLink } from './sharing';
import { Theatre } from './theatre';
import { Watching } from './watching';

export interface PagePorts {
  readonly state: PageState;
  readonly target: Target;
  readonly memory: Memory;
  readonly loadHls: () => Promise<HlsClass>;
  readonly choices: Choices;
}

const NOTHING_YET_MS = 6_000;
/** One more answer is on its way from each mirror asked: it tells more than the first. */
const UNCLEAR_MS = 1_000;
const KEEP_BUFFER_S = 14;

export class HumaPage implements Requests {
  private readonly theatre = new Theatre();
  private readonly busy = new Busy();
  private opened: Opened | null = null;
  private driver: SessionDriver | null = null;
  private watching: Watching | null = null;
  private trust: Trust | null = null;
  /** What fetching the trust documents said of the line. */
  private line: Line = lineOfPage();
  private rendition: string | null = null;
  private readonly news: News;

  constructor(private readonly ports: PagePorts) {
    this.news = new News(ports.state, () => ({
      fortune: this.driver?.fortune ?? null,
      expired: this.trust?.documents.expired(Date.now()) ?? [],
      lineSlow: this.watching?.lineIsSlow === true,
    }));
    this.theatre.onTick = (playback, engine) => this.looked(playback, engine);
    setInterval(() => this.everySecond(), 1_000);
    for (const name of ['online', 'offline']) window.addEventListener(name, () => this.news.warn());
    document.addEventListener('fullscreenchange', () => {
      this.state.fullScreen.value = document.fullscreenElement !== null;
    });
  }

  setScreen(screen: HTMLElement | null): void {
    this.theatre.setScreen(screen);
  }

  report(): HumaReport {
    return reportOf(this.state, this.rendition);
  }

  /** Open the event and watch it. */
  async start(): Promise<void> {
    this.opened = await open(this.opening);
    this.state.engine.value = this.opened.crypto.engines.ed25519;
    this.state.step.value = 'waitingForStart';
    this.watch(this.opened);
    setTimeout(() => {
      this.state.nothingYet.value = true;
    }, NOTHING_YET_MS);
  }

  private get opening(): OpeningPorts {
    const { target, memory } = this.ports;
    return {
      target,
      memory,
      volunteers: () => this.state.volunteers.value,
      onTrust: (trust) => this.believe(trust),
      onTrouble: (trouble) => this.troubled(trouble),
      onNote: (note) => this.noted(note),
      onChange: () => this.changed(),
      onRootSeen: (mirror) => this.driver?.rootSeen(mirror),
      onMeasured: (bytes, timing) => this.measure(bytes, timing),
    };
  }

  private get state(): PageState {
    return this.ports.state;
  }

  // -- what comes from the session ----------------------------------------------------------------------------

  private believe(trust: Trust): void {
    const first = this.trust === null;
    this.trust = trust;
    const { target } = this.ports;
    const { event, roster } = trust;
    const facts = {
      event,
      eventId: target.eventId,
      words: this.state.facts.value?.words ?? [],
      digits: this.state.facts.value?.digits ?? [],
      mirrors: roster.mirrors.map(({ id, url, operator, class: cls, tier }) => ({ id, url, operator, class: cls, tier })),
      link: linkToShare(target, roster.mirrors.map(({ url }) => url), location),
    };
    batch(() => {
      this.state.facts.value = facts;
      if (first) this.state.audioLanguage.value = this.firstLanguage(trust);
    });
    this.news.warn();
    if (first) void this.spell();
  }

  /** The viewer's own language where it is spoken, else the event's first. */
  private firstLanguage({ event }: Trust): string {
    const spoken = audiosOf(event).map(({ language }) => language);
    const own = this.state.language.value;
    return spoken.includes(own) ? own : (event.languages.find(({ code }) => spoken.includes(code))?.code ?? spoken[0] ?? '');
  }

  /** The event as words and digits. Two thousand words: they come when nothing more urgent does. */
  private async spell(): Promise<void> {
    const { eventWords, eventDigits } = await import('../protocol/words');
    const { eventId } = this.ports.target;
    const words = await eventWords(eventId, await chooseCrypto());
    const facts = this.state.facts.value;
    if (facts !== null) this.state.facts.value = { ...facts, words, digits: eventDigits(eventId) };
  }

  private troubled(trouble: Trouble | null): void {
    this.news.trouble = trouble;
    const refusal = trouble === 'noTrust' || trouble === 'badEvent' ? trouble : null;
    if (this.state.facts.value === null) this.state.refusal.value = refusal;
    this.news.warn();
  }

  private changed(): void {
    const { driver } = this;
    if (driver === null) return;
    batch(() => {
      this.state.view.value = driver.view;
      this.state.counters.value = { ...driver.counters };
    });
  }

  private noted(note: NoteCommand): void {
    if (note.what === 'line-slow' || note.what === 'line-ok') this.watching?.sayLine(note.what === 'line-slow');
    else this.news.noted(note);
  }

  // -- what plays ----------------------------------------------------------------------------------------------

  private watch(opened: Opened): void {
    const { target, loadHls } = this.ports;
    const event = this.trust?.event;
    if (event === undefined) return;
    const driver = drive(opened, this.opening);
    this.driver = driver;
    const watching = new Watching({
      driver,
      theatre: this.theatre,
      event,
      eventId: target.eventId,
      crypto: opened.crypto,
      trusted: () => this.trusted(event),
      checkpoint: (rank) => checkpointOf(opened, target.eventId, rank),
      loadHls,
      choice: choiceOf(this.state),
      onLine: () => this.news.warn(),
      onStep: (step) => {
        this.state.step.value = step;
      },
      onArchive: (done, all) => {
        this.state.archive.value = { state: 'checking', done, all };
      },
      onFault: () => this.news.faulty(),
    });
    this.watching = watching;
    const begin = (): void => {
      if (this.watching === watching) watching.begin(this.line);
    };
    if (isClear(this.line)) begin();
    else setTimeout(begin, UNCLEAR_MS);
  }

  /** Keys are added and withdrawn while the page is open. */
  private trusted(first: Event): Trusted {
    const { memory, target } = this.ports;
    return { event: this.trust?.event ?? first, revoked: memory.recall(target.eventId).belief?.revoked ?? [] };
  }

  /** By this device's clock, unless the device itself is too busy for its clock to tell. */
  private measure(bytes: number, timing: Timing): void {
    if (this.busy.now) return;
    this.line = measured(this.line, bytes, timing);
    this.watching?.measure(bytes, timing);
  }

  private choose(): void {
    this.watching?.choose(choiceOf(this.state));
  }

  private looked(playback: Playback, engine: EngineState | null): void {
    this.rendition = engine?.rendition ?? null;
    batch(() => {
      this.state.playback.value = playback;
      if (playback.started && this.state.step.value !== 'soundFirst') this.state.step.value = null;
      this.state.mode.value = this.watching?.isReplay === true ? 'replay' : 'live';
    });
  }

  private everySecond(): void {
    this.state.now.value = Date.now();
    if (this.opened !== null) this.changed();
    this.news.warn();
  }

  // -- keeping the page ------------------------------------------------------------------------------------------

  keepLater(): void {
    keepLater({
      unwanted: () => this.state.noTrace.value,
      // over a thin line the programme comes first
      mayKeepNow: () => {
        const buffered = this.theatre.engine?.state().buffered ?? 0;
        return this.state.playback.value.started && (this.watching?.lineIsSlow !== true || buffered > KEEP_BUFFER_S);
      },
      handover: () => this.handover(),
    });
  }

  private handover(): HandoverPorts | null {
    const { trust } = this;
    if (trust === null) return null;
    const sources = trust.roster.mirrors.filter(({ tier }) => tier === 'trusted');
    return { trust, pinned: this.ports.target.pinned, sources, fetchFile: fetchBounded };
  }

  // -- what the viewer asks ----------------------------------------------------------------------------------------

  togglePlay(): void {
    if (!this.theatre.isPlaying) {
      this.theatre.play();
      return;
    }
    // a pause is a step back: the newest moment no longer pulls
    this.watching?.follow(false);
    this.theatre.pause();
  }

  toggleMute(): void {
    const { muted, volume } = this.state.playback.value;
    if (muted && volume === 0) this.theatre.setVolume(0.5);
    else this.theatre.setMuted(!muted);
  }

  setVolume(volume: number): void {
    this.theatre.setVolume(volume);
  }

  setAudioLanguage(code: string): void {
    this.state.audioLanguage.value = code;
    this.choose();
  }

  setLanguage(language: UiLanguage): void {
    this.state.language.value = language;
    this.ports.choices.keepLanguage(language);
  }

  setQuality(quality: Quality): void {
    batch(() => {
      this.state.quality.value = quality;
      this.state.saver.value = false;
      this.state.soundOnly.value = false;
    });
    this.choose();
  }

  setSaver(on: boolean): void {
    this.state.saver.value = on;
    this.choose();
  }

  setSoundOnly(on: boolean): void {
    this.state.soundOnly.value = on;
    this.choose();
  }

  backToStart(): void {
    const { watching } = this;
    if (watching === null || this.state.archive.value.state === 'checking') return;
    this.state.archive.value = { state: 'checking', done: 0, all: 0 };
    void watching.backToStart().then((found) => {
      this.state.archive.value = { state: found ? 'ready' : 'empty', done: 0, all: 0 };
      if (found) this.theatre.play();
    });
  }

  rejoinLive(): void {
    this.watching?.rejoin();
    this.theatre.play();
  }

  seekTo(at: number): void {
    this.watching?.seek(at);
  }

  seekBy(ms: number): void {
    const { at } = this.state.playback.value;
    if (at !== null) this.watching?.seek(at + ms);
  }

  togglePictureInPicture(): void {
    togglePictureInPicture(this.theatre.engine?.media);
  }

  toggleFullScreen(): void {
    toggleFullScreen(document.querySelector('.theatre'), this.theatre.engine?.media);
  }

  open(sheet: SheetName): void {
    this.state.sheet.value = sheet;
  }

  close(): void {
    this.state.sheet.value = null;
  }

  setNoTrace(on: boolean): void {
    this.state.noTrace.value = on;
    this.ports.memory.leaveNoTrace(on);
    if (on) this.ports.choices.forget();
    else this.rememberChoices();
    if (on) void forgetPage();
    else this.keepLater();
  }

  private rememberChoices(): void {
    const { language, volunteers } = this.state;
    this.ports.choices.keepLanguage(language.value);
    this.ports.choices.keepVolunteers(volunteers.value);
  }

  /** Another session, which asks others. What was believed stays believed. */
  setVolunteers(on: boolean): void {
    this.state.volunteers.value = on;
    this.ports.choices.keepVolunteers(on);
    if (this.opened === null) return;
    this.watching?.destroy();
    this.driver?.stop();
    this.watch(this.opened);
  }

  shareText(): void {
    const facts = this.state.facts.value;
    if (facts !== null) shareLink(facts, this.state.language.value);
  }

  copyLink(): Promise<boolean> {
    return copyText(this.state.facts.value?.link ?? '');
  }

  saveEvidence(): void {
    saveEvidence(this.ports.target.eventId, this.state.caught.value, this.news.evidence);
  }

  dismiss(notice: number): void {
    this.news.dismiss(notice);
  }
}
