/**
 * Everything that the page shows, as signals. Only page.ts and the engines write them; components read them and ask for
 * changes through `Requests`. Nothing here is optimistic: a request changes nothing until its owner has done it.
 */
import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { Counters } from '../io/driver';
import type { Event } from '../protocol/event';
import type { MirrorListing, SessionView } from '../protocol/session/types';
import type { Words } from './i18n/words';
import type { UiLanguage } from './i18n/words';
import type { Quality } from './quality';

/** Errors that end it: nothing but their sentence is shown. */
export type Refusal = 'noLink' | 'badLink' | 'otherEvent' | 'noTrust' | 'badEvent' | 'noMediaSource' | 'noCodec';

/** What opening the page is waiting for. */
export type Step = 'findingTrust' | 'findingMirrors' | 'waitingForStart' | 'loadingPicture' | 'soundFirst' | 'refilling';

export type SheetName = 'details' | 'share' | 'sound' | 'quality' | 'settings';

/** Standing warnings, in the order of their weight. */
export type Warning = 'twoVersions' | 'clockWrong' | 'trustOld' | 'offline' | 'loginNetwork' | 'noMirror' | 'lineSlow' | 'playerFault';

export type CaughtWhat = 'forging' | 'frozen' | 'stale';

/** One mirror that was caught, with what is needed to look at it again. */
export interface Caught {
  readonly at: number;
  readonly mirror: string;
  readonly what: CaughtWhat;
  readonly code: string | null;
}

export interface Notice {
  readonly id: number;
  readonly sentence: keyof Words;
  readonly detail: string | null;
}

export interface EventFacts {
  readonly event: Event;
  readonly eventId: string;
  readonly words: readonly string[];
  readonly digits: readonly string[];
  readonly mirrors: readonly MirrorListing[];
  readonly link: string;
}

/** Where the picture stands. All moments are Unix milliseconds of the programme. */
export interface Playback {
  /** The moment in the picture now; null before the first frame. */
  readonly at: number | null;
  readonly from: number;
  readonly to: number;
  readonly paused: boolean;
  /** Wants to play and cannot: bytes are missing. */
  readonly starved: boolean;
  /** Starved for a while because everything that was signed so far has been played: nobody is known to have more. */
  readonly dry: boolean;
  readonly started: boolean;
  /** The browser wants a tap before it plays, or before it plays sound. */
  readonly needsTap: 'no' | 'play' | 'sound';
  readonly muted: boolean;
  readonly volume: number;
  readonly height: number | null;
  readonly soundOnly: boolean;
}

export interface Archive {
  readonly state: 'none' | 'checking' | 'ready' | 'empty';
  readonly done: number;
  readonly all: number;
}

export interface PageState {
  readonly language: Signal<UiLanguage>;
  readonly refusal: Signal<Refusal | null>;
  readonly step: Signal<Step | null>;
  readonly facts: Signal<EventFacts | null>;
  readonly view: Signal<SessionView | null>;
  readonly counters: Signal<Counters>;
  readonly engine: Signal<'webcrypto' | 'noble' | null>;
  readonly now: Signal<number>;
  /** Some seconds have passed, and nothing was signed yet: it has not begun. */
  readonly nothingYet: Signal<boolean>;
  readonly mode: Signal<'live' | 'replay'>;
  readonly playback: Signal<Playback>;
  readonly archive: Signal<Archive>;
  readonly audioLanguage: Signal<string>;
  readonly quality: Signal<Quality>;
  readonly saver: Signal<boolean>;
  readonly soundOnly: Signal<boolean>;
  readonly warnings: Signal<readonly Warning[]>;
  readonly notices: Signal<readonly Notice[]>;
  readonly caught: Signal<readonly Caught[]>;
  readonly sheet: Signal<SheetName | null>;
  readonly noTrace: Signal<boolean>;
  readonly volunteers: Signal<boolean>;
  readonly fullScreen: Signal<boolean>;
  readonly can: Signal<{ readonly pictureInPicture: boolean; readonly fullScreen: boolean; readonly volume: boolean }>;
}

export const NO_PLAYBACK: Playback = {
  at: null,
  from: 0,
  to: 0,
  paused: false,
  starved: false,
  dry: false,
  started: false,
  needsTap: 'no',
  muted: false,
  volume: 1,
  height: null,
  soundOnly: false,
};

export function createState(language: UiLanguage): PageState {
  return {
    language: signal(language),
    refusal: signal(null),
    step: signal('findingTrust'),
    facts: signal(null),
    view: signal(null),
    counters: signal({ verified: 0, refused: 0, unverifiedPlayed: 0 }),
    engine: signal(null),
    now: signal(Date.now()),
    nothingYet: signal(false),
    mode: signal('live'),
    playback: signal(NO_PLAYBACK),
    archive: signal({ state: 'none', done: 0, all: 0 }),
    audioLanguage: signal(''),
    quality: signal({ kind: 'auto' }),
    saver: signal(false),
    soundOnly: signal(false),
    warnings: signal([]),
    notices: signal([]),
    caught: signal([]),
    sheet: signal(null),
    noTrace: signal(false),
    volunteers: signal(true),
    fullScreen: signal(false),
    can: signal({ pictureInPicture: false, fullScreen: false, volume: true }),
  };
}

/** What a viewer may ask for. */
export interface Requests {
  togglePlay(): void;
  toggleMute(): void;
  setVolume(volume: number): void;
  setAudioLanguage(code: string): void;
  setLanguage(language: UiLanguage): void;
  setQuality(quality: Quality): void;
  setSaver(on: boolean): void;
  setSoundOnly(on: boolean): void;
  backToStart(): void;
  rejoinLive(): void;
  seekTo(at: number): void;
  seekBy(ms: number): void;
  togglePictureInPicture(): void;
  toggleFullScreen(): void;
  open(sheet: SheetName): void;
  close(): void;
  setNoTrace(on: boolean): void;
  setVolunteers(on: boolean): void;
  shareText(): void;
  copyLink(): Promise<boolean>;
  saveEvidence(): void;
  dismiss(notice: number): void;
}
