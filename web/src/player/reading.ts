/** What the state means for a viewer: pure readings, so that every screen can be looked at without a network. */
import { videosOf } from './multivariant';
import type { Choice } from './plan';
import type { Playback, PageState, Step, Warning } from './state';

/** The one thing that the stage is about. */
export type Scene =
  | 'refused'
  | 'opening'
  | 'before'
  | 'playing'
  | 'cutOff'
  | 'ended';

export type Badge = 'live' | 'behind' | 'unconfirmed' | 'nothingNewer' | 'cutOff' | 'ended' | 'replay' | 'none';

/** Later than this behind the newest signed moment is "behind", not the delay of live. */
export const BEHIND_FROM_MS = 8_000;

/** So long after the planned time the page still speaks of it. */
const LATE_MS = 15 * 60_000;

/** How far the picture is behind the newest signed moment. */
export function behindMs(playback: Playback): number | null {
  return playback.at === null || playback.to === 0 ? null : Math.max(0, playback.to - playback.at);
}

export function sceneOf(state: PageState): Scene {
  if (state.refusal.value !== null) return 'refused';
  const facts = state.facts.value;
  if (facts === null) return 'opening';
  const { started } = state.playback.value;
  const status = state.view.value?.status ?? 'waiting';
  if (state.mode.value === 'replay') return started ? 'playing' : 'opening';
  if (status === 'ended' && !playingOut(state.playback.value)) return 'ended';
  if (status === 'cut_off' && !playingOut(state.playback.value)) return 'cutOff';
  if (started) return 'playing';
  const { startMs } = facts.event;
  if (status !== 'waiting') return 'opening';
  const late = state.now.value - startMs;
  return late < 0 || (late < LATE_MS && state.nothingYet.value) ? 'before' : 'opening';
}

/** What opening waits for: without a signed second there is no picture to load. */
export function stepOf(state: PageState): Step | null {
  if (state.facts.value === null) return state.step.value ?? 'findingTrust';
  const status = state.view.value?.status ?? 'waiting';
  return status === 'waiting' ? 'waitingForStart' : state.step.value;
}

/** There is still something to see before the end or the cut. */
const playingOut = (playback: Playback): boolean =>
  playback.started && !playback.starved && (behindMs(playback) ?? 0) > 700;

export function badgeOf(state: PageState): Badge {
  const view = state.view.value;
  if (state.mode.value === 'replay') return 'replay';
  if (view === null || view.status === 'waiting') return 'none';
  if (view.status === 'ended') return 'ended';
  if (view.status === 'cut_off') return 'cutOff';
  if ((behindMs(state.playback.value) ?? 0) > behindFrom(state)) return 'behind';
  if (state.playback.value.dry) return 'nothingNewer';
  return view.status === 'live' ? 'live' : 'unconfirmed';
}

/** Everything signed so far has been played: who only listens waits for no picture. */
export const waitingSentence = ({ playback }: PageState): 'nothingNewer' | 'nothingNewerSound' =>
  playback.value.soundOnly ? 'nothingNewerSound' : 'nothingNewer';

/** Why it is not called live: only what is played is called genuine. */
export const unconfirmedSentence = ({ playback }: PageState): 'unconfirmedWhy' | 'unconfirmedSoundWhy' =>
  playback.value.soundOnly ? 'unconfirmedSoundWhy' : 'unconfirmedWhy';

/** Why there is sound and no picture: it comes later, it is off, or there is none. */
export function listeningSentence({ step, facts }: PageState): 'soundFirst' | 'audioOnlyOn' | 'soundProgramme' {
  if (step.value === 'soundFirst') return 'soundFirst';
  return facts.value !== null && videosOf(facts.value.event).length === 0 ? 'soundProgramme' : 'audioOnlyOn';
}

/** On a slow line, and with long segments, the buffer is a part of live. */
function behindFrom(state: PageState): number {
  if (state.warnings.value.includes('lineSlow')) return BEHIND_FROM_MS + 24_000;
  return BEHIND_FROM_MS + (state.saver.value ? 10_000 : 0);
}

/** A viewer who fell or stepped back may come forward again. */
export function mayRejoin(state: PageState): boolean {
  const status = state.view.value?.status;
  const over = status === 'ended' || status === 'waiting' || status === undefined;
  return !over && (state.mode.value === 'replay' || badgeOf(state) === 'behind');
}

/** What the viewer has chosen. */
export function choiceOf({ quality, saver, soundOnly, audioLanguage }: PageState): Choice {
  return { quality: quality.value, saver: saver.value, soundOnly: soundOnly.value, language: audioLanguage.value };
}

/** The heaviest standing warning; one at a time, so that it is read. */
const WEIGHT: readonly Warning[] = [
  'twoVersions',
  'playerFault',
  'offline',
  'loginNetwork',
  'noMirror',
  'clockWrong',
  'trustOld',
  'lineSlow',
];

export function warningOf(state: PageState): Warning | null {
  return WEIGHT.find((warning) => state.warnings.value.includes(warning)) ?? null;
}
