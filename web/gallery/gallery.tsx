/** Every screen without a network: `#<scene>,<language>`. For eyes and for tests; never shipped. */
import { render } from 'preact';
import type { Event } from '../src/protocol/event';
import type { SessionView, Status } from '../src/protocol/session/types';
import { App } from '../src/player/components/App';
import { Page } from '../src/player/components/page-context';
import { isUiLanguage } from '../src/player/i18n/words';
import { listenForKeys } from '../src/player/keyboard';
import { createState } from '../src/player/state';
import type { PageState, Playback, Refusal, Requests, SheetName, Warning } from '../src/player/state';
import '../src/player/style/index.css';

const NOW = Date.UTC(2026, 10, 23, 18, 24, 12);
const MINUTE = 60_000;

const video = (name: string, height: number, bandwidth: number, ticksPerSegment = 1) => ({
  name, kind: 'video' as const, ticksPerSegment, maxBytes: 1e6, codecs: 'avc1.64001f', bandwidth, width: (height * 16) / 9, height,
  frameRate: [30, 1] as const,
});
const sound = (name: string, language: string, bandwidth: number, ticksPerSegment = 1) => ({
  name, kind: 'audio' as const, ticksPerSegment, maxBytes: 1e6, codecs: 'mp4a.40.2', bandwidth, language, channels: 2, sampleRate: 48000,
});
const event: Event = {
  title: { en: 'A rally of thirty thousand places', fa: 'گردهمایی سی هزار نقطه' },
  schedule: [
    { atMs: NOW - 24 * MINUTE, text: { en: 'Opening, and the roll of cities', fa: 'گشایش و نام شهرها' } },
    { atMs: NOW - 9 * MINUTE, text: { en: 'Voices from inside', fa: 'صداهایی از درون' } },
    { atMs: NOW + 26 * MINUTE, text: { en: 'Three parliaments answer', fa: 'پاسخ سه پارلمان' } },
    { atMs: NOW + 66 * MINUTE, text: { en: 'Songs', fa: 'سرودها' } },
  ],
  startMs: NOW - 24 * MINUTE, endMs: NOW + 120 * MINUTE, tick: [16, 15], epochMs: NOW - 25 * MINUTE, copy: false,
  languages: [{ code: 'en', name: 'English' }, { code: 'fa', name: 'فارسی' }],
  renditions: [
    video('v720', 720, 1_900_000), video('v360', 360, 650_000), video('v144', 144, 130_000), video('v144s', 144, 130_000, 4),
    sound('a-en', 'en', 100_000), sound('a-fa', 'fa', 100_000), sound('n-en', 'en', 25_000, 4), sound('n-fa', 'fa', 25_000, 4),
  ],
  liveKeys: [],
};
const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ');
const DIGITS = ['168', '324', '916', '005', '471', '220', '394', '018', '775', '640', '092', '531', '447'];
const EVENT_ID = 'k5xq2r7m4zv6a3tn5ybgdh2wjc7pe4sul6fo3ix5mrkq2zv7ta4a';

const playing = (over: Partial<Playback> = {}): Playback => ({
  at: NOW - 2_100, from: NOW - 24 * MINUTE, to: NOW - 400, paused: false, starved: false, dry: false, started: true, needsTap: 'no',
  muted: false, volume: 0.8, height: 720, soundOnly: false, ...over,
});
const view = (status: Status, over: Partial<SessionView> = {}): SessionView => ({
  status, signedAt: NOW - 400, mirror: 'm1', rank: 1, refusedBytes: 0, refusals: 0, caught: [], twoVersions: false, behindMs: 400,
  lineSlow: false, ...over,
});

type Change = (state: PageState) => void;
const facts: Change = (state) => {
  state.facts.value = {
    event, eventId: EVENT_ID, words: WORDS, digits: DIGITS, link: `https://huma.example/#1:${EVENT_ID}?m=https%3A%2F%2Fa.example%2F&m=https%3A%2F%2Fb.example%2F`,
    mirrors: [
      { id: 'm1', url: 'https://north.example/', operator: 'University of the North', class: 'server', tier: 'trusted' },
      { id: 'm2', url: 'https://b.example/', operator: 'A volunteer', class: 'home', tier: 'volunteer' },
      { id: 'm3', url: 'https://c.example/', operator: 'Another', class: 'cdn', tier: 'trusted' },
    ],
  };
  state.audioLanguage.value = state.language.value;
  state.can.value = { pictureInPicture: true, fullScreen: true, volume: true };
  state.engine.value = 'webcrypto';
  state.counters.value = { verified: 312_400_000, refused: 0, unverifiedPlayed: 0 };
};
const live: Change = (state) => {
  facts(state);
  state.step.value = null;
  state.view.value = view('live');
  state.playback.value = playing();
};
const status = (value: Status, over: Partial<Playback> = {}): Change => (state) => {
  live(state);
  state.view.value = view(value);
  state.playback.value = playing(over);
};
const warned = (warning: Warning): Change => (state) => {
  live(state);
  state.warnings.value = [warning];
};
const refused = (refusal: Refusal): Change => (state) => {
  state.refusal.value = refusal;
};
const sheet = (name: SheetName): Change => (state) => {
  live(state);
  state.sheet.value = name;
};
const started = (startMs: number): Change => (state) => {
  facts(state);
  const now = state.facts.value;
  if (now !== null) state.facts.value = { ...now, event: { ...event, startMs } };
  state.step.value = 'waitingForStart';
  state.nothingYet.value = true;
  state.view.value = view('waiting', { signedAt: null, mirror: null });
};
/** An event that has no pictures at all. */
const soundProgramme = (scene: Change): Change => (state) => {
  scene(state);
  const now = state.facts.value;
  if (now !== null) state.facts.value = { ...now, event: { ...event, renditions: event.renditions.filter(({ kind }) => kind === 'audio') } };
  state.playback.value = playing({ soundOnly: true, height: null });
};
const caught: Change = (state) => {
  live(state);
  state.counters.value = { verified: 312_400_000, refused: 734_200, unverifiedPlayed: 0 };
  state.caught.value = [
    { at: NOW - 8_000, mirror: 'm2', what: 'forging', code: 'mismatch' },
    { at: NOW - 220_000, mirror: 'm3', what: 'frozen', code: null },
  ];
};

const SCENES: Readonly<Record<string, Change>> = {
  opening: (state) => void (state.step.value = 'findingTrust'),
  before: started(NOW + 125 * MINUTE),
  late: started(NOW - 3 * MINUTE),
  waiting: started(NOW - 40 * MINUTE),
  live,
  behind: status('live', { at: NOW - 95_000 }),
  paused: status('live', { at: NOW - 65_000, paused: true }),
  starved: status('live', { starved: true }),
  nothingNewer: status('live', { starved: true, dry: true, at: NOW - 420 }),
  unconfirmed: status('unconfirmed'),
  cutOff: status('cut_off', { starved: true, at: NOW - 60_000, to: NOW - 60_000 }),
  ended: status('ended', { starved: true, at: NOW, to: NOW }),
  replay: (state) => {
    live(state);
    state.mode.value = 'replay';
    state.archive.value = { state: 'ready', done: 6, all: 6 };
    state.playback.value = playing({ at: NOW - 18 * MINUTE });
  },
  checking: (state) => {
    live(state);
    state.archive.value = { state: 'checking', done: 3, all: 12 };
  },
  soundOnly: (state) => {
    live(state);
    state.soundOnly.value = true;
    state.playback.value = playing({ soundOnly: true, height: null });
  },
  soundWaits: (state) => {
    live(state);
    state.soundOnly.value = true;
    state.playback.value = playing({ soundOnly: true, height: null, starved: true, dry: true, at: NOW - 420 });
  },
  soundUnconfirmed: status('unconfirmed', { soundOnly: true, height: null }),
  soundProgramme: soundProgramme(live),
  soundProgrammeQuality: soundProgramme(sheet('quality')),
  soundFirst: (state) => {
    warned('lineSlow')(state);
    state.step.value = 'soundFirst';
    state.playback.value = playing({ soundOnly: true, height: null, at: NOW - 22_000 });
  },
  tapPlay: status('live', { needsTap: 'play', paused: true }),
  tapSound: status('live', { needsTap: 'sound', muted: true }),
  caught: (state) => {
    caught(state);
    state.notices.value = [{ id: 1, sentence: 'noteForging', detail: 'b.example' }];
  },
  proof: (state) => {
    caught(state);
    state.sheet.value = 'details';
  },
  details: sheet('details'),
  share: sheet('share'),
  sound: sheet('sound'),
  quality: sheet('quality'),
  settings: sheet('settings'),
  twoVersions: warned('twoVersions'),
  lineSlow: warned('lineSlow'),
  clockWrong: (state) => {
    warned('clockWrong')(state);
    state.view.value = view('unconfirmed', { signedAt: NOW - 26 * 3_600_000 });
  },
  trustOld: warned('trustOld'),
  offline: warned('offline'),
  loginNetwork: warned('loginNetwork'),
  noMirror: warned('noMirror'),
  playerFault: warned('playerFault'),
  noLink: refused('noLink'),
  badLink: refused('badLink'),
  otherEvent: refused('otherEvent'),
  noTrust: refused('noTrust'),
  badEvent: refused('badEvent'),
  noMediaSource: refused('noMediaSource'),
  noCodec: refused('noCodec'),
};

/** A picture to lay the controls over: no programme is needed to look at them. */
function backdrop(element: HTMLElement | null): void {
  if (element === null || element.firstChild !== null) return;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1280, 720];
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const sky = pen.createLinearGradient(0, 0, 0, 720);
  sky.addColorStop(0, '#27405c');
  sky.addColorStop(0.6, '#a2785f');
  sky.addColorStop(1, '#1a1d24');
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 1280, 720);
  pen.fillStyle = '#10131a';
  for (let x = 0; x < 1280; x += 70) pen.fillRect(x, 520 - ((x * 7919) % 130), 58, 400);
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;object-fit:contain';
  element.append(canvas);
}

const nothing = (): void => undefined;
function askOf(state: PageState): Requests {
  const close = (): void => void (state.sheet.value = null);
  return {
    togglePlay: nothing, toggleMute: nothing, setVolume: nothing, setAudioLanguage: nothing,
    setLanguage: (language) => void (state.language.value = language),
    setQuality: nothing, setSaver: nothing, setSoundOnly: nothing, backToStart: nothing, rejoinLive: nothing, seekTo: nothing,
    seekBy: nothing, togglePictureInPicture: nothing, toggleFullScreen: nothing,
    open: (name) => void (state.sheet.value = name),
    close, setNoTrace: nothing, setVolunteers: nothing, shareText: nothing, copyLink: () => Promise.resolve(true), saveEvidence: nothing, dismiss: nothing,
  };
}

export const SCENE_NAMES = Object.keys(SCENES);

let unlisten = nothing;

function show(): void {
  const [scene = 'live', language = 'en'] = location.hash.slice(1).split(',');
  const state = createState(isUiLanguage(language) ? language : 'en');
  state.now.value = NOW;
  SCENES[scene]?.(state);
  const bare = ['before', 'late', 'waiting', 'opening'].includes(scene) || state.playback.value.soundOnly;
  const root = document.getElementById('page');
  if (root === null) return;
  const ask = askOf(state);
  unlisten();
  unlisten = listenForKeys(state, ask);
  render(null, root);
  render(
    <Page.Provider value={{ state, ask }}>
      <App screen={bare ? nothing : backdrop} />
    </Page.Provider>,
    root,
  );
  Object.assign(globalThis, { scenes: SCENE_NAMES });
}

addEventListener('hashchange', show);
show();
