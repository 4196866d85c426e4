import { describe, expect, it } from 'vitest';
import type { SessionView, Status } from '../protocol/session/types';
import { badgeOf, listeningSentence, mayRejoin, sceneOf, unconfirmedSentence, waitingSentence, warningOf } from './reading';
import { DICTIONARIES } from './i18n/words';
import { NO_PLAYBACK, createState } from './state';
import type { PageState, Playback, Warning } from './state';

const NOW = Date.UTC(2026, 10, 23, 18);
const facts = { event: { startMs: NOW - 60_000 } } as never;

function page(status: Status | null, playback: Partial<Playback> = {}): PageState {
  const state = createState('en');
  state.now.value = NOW;
  state.facts.value = facts;
  state.view.value = status === null ? null : ({ status, signedAt: NOW } as SessionView);
  state.playback.value = { ...NO_PLAYBACK, from: NOW - 60_000, to: NOW, at: NOW - 2_000, started: true, ...playback };
  return state;
}
const starting = (inMs: number, over: Partial<Playback> = { started: false, at: null }): PageState => {
  const state = page('waiting', over);
  state.facts.value = { event: { startMs: NOW + inMs } } as never;
  return state;
};

describe('the scene', () => {
  it.each([
    ['playing', page('live')],
    ['playing', page('unconfirmed')],
    ['playing', page('cut_off', { at: NOW - 4_000 })],
    ['cutOff', page('cut_off', { at: NOW - 100, starved: true })],
    ['ended', page('ended', { at: NOW, starved: true })],
    ['playing', page('ended', { at: NOW - 9_000 })],
    ['opening', page('live', { started: false, at: null })],
    ['before', starting(3_600_000)],
    ['opening', starting(-60_000)],
  ] as const)('%s', (scene, state) => expect(sceneOf(state)).toBe(scene));

  it('says that it is late only after it has looked', () => {
    const state = starting(-60_000);
    state.nothingYet.value = true;
    expect(sceneOf(state)).toBe('before');
  });

  it('shows nothing but the error', () => {
    const state = page('live');
    state.refusal.value = 'otherEvent';
    expect(sceneOf(state)).toBe('refused');
  });
});

describe('the badge', () => {
  it('never says live of what is not confirmed, late, cut off, over or replayed', () => {
    expect(badgeOf(page('live'))).toBe('live');
    expect(badgeOf(page('unconfirmed'))).toBe('unconfirmed');
    expect(badgeOf(page('live', { at: NOW - 40_000 }))).toBe('behind');
    expect(badgeOf(page('cut_off'))).toBe('cutOff');
    expect(badgeOf(page('ended'))).toBe('ended');
    expect(badgeOf(page('waiting'))).toBe('none');
    expect(badgeOf(page(null))).toBe('none');
    const replay = page('live');
    replay.mode.value = 'replay';
    expect(badgeOf(replay)).toBe('replay');
  });

  it('says that it waits where everything signed has been played, and not before', () => {
    expect(badgeOf(page('live', { starved: true }))).toBe('live');
    expect(badgeOf(page('live', { starved: true, dry: true, at: NOW - 100 }))).toBe('nothingNewer');
    expect(badgeOf(page('unconfirmed', { starved: true, dry: true, at: NOW - 100 }))).toBe('nothingNewer');
    expect(badgeOf(page('cut_off', { starved: true, dry: true, at: NOW - 100 }))).toBe('cutOff');
  });

  it('takes the buffer of a slow line for live', () => {
    const state = page('live', { at: NOW - 26_000 });
    state.warnings.value = ['lineSlow'];
    expect(badgeOf(state)).toBe('live');
  });

  it('offers the way back to live to whoever is behind', () => {
    expect(mayRejoin(page('live'))).toBe(false);
    expect(mayRejoin(page('live', { at: NOW - 40_000 }))).toBe(true);
    expect(mayRejoin(page('ended', { at: NOW - 40_000 }))).toBe(false);
  });
});

it('says the heaviest warning', () => {
  const state = page('live');
  const all: Warning[] = ['lineSlow', 'trustOld', 'twoVersions'];
  state.warnings.value = all;
  expect(warningOf(state)).toBe('twoVersions');
});

describe('who only listens', () => {
  const PICTURE = /picture|\u062a\u0635\u0648\u06cc\u0631/i;
  const listening = (...kinds: string[]): PageState => {
    const state = page('live', { soundOnly: true, starved: true, dry: true, at: NOW - 100 });
    state.facts.value = { event: { startMs: NOW - 60_000, renditions: kinds.map((kind) => ({ kind })) } } as never;
    return state;
  };

  it.each(['en', 'fa'] as const)('is told nothing of a picture: %s', (language) => {
    const words = DICTIONARIES[language];
    const state = listening('audio');
    for (const sentence of [waitingSentence(state), unconfirmedSentence(state), listeningSentence(state)] as const) {
      expect(words[sentence]).not.toMatch(PICTURE);
    }
    const watching = page('live', { starved: true, dry: true });
    for (const sentence of [waitingSentence(watching), unconfirmedSentence(watching)] as const) expect(words[sentence]).toMatch(PICTURE);
  });

  it('is told where the picture is, if there is one', () => {
    expect(listeningSentence(listening('video', 'audio'))).toBe('audioOnlyOn');
    expect(listeningSentence(listening('audio'))).toBe('soundProgramme');
    const first = listening('video', 'audio');
    first.step.value = 'soundFirst';
    expect(listeningSentence(first)).toBe('soundFirst');
  });
});
