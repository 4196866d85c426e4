/** One plain sentence about what a player is showing at this moment. The first that fits is said. */
import type { Lie } from './judge';
import type { Stalls } from './stall';
import type { DemoWords } from './words';
import { figure } from './words';

export interface Showing {
  readonly started: boolean;
  readonly paused: boolean;
  readonly stalls: Stalls;
  /** What is false about the picture on the screen; always null for Huma. */
  readonly lie: Lie | null;
  /** The error that the player reports, until it plays again. */
  readonly error: string | null;
  /** How far the picture is behind the moment it was made. */
  readonly behindMs: number | null;
}

export type Mood = 'waiting' | 'well' | 'stalled' | 'deceived';

export function moodOf({ started, stalls, lie, paused }: Showing): Mood {
  if (!started) return 'waiting';
  if (lie !== null) return 'deceived';
  return stalls.stillMs > 0 && !paused ? 'stalled' : 'well';
}

export function sentenceOf(showing: Showing, words: DemoWords): string {
  const { started, paused, stalls, lie, error, behindMs } = showing;
  const still = stalls.stillMs > 0 ? words.still(figure(stalls.stillMs / 1000, words)) : '';
  if (!started) return error === null ? words.opening : words.gaveUp(error);
  if (paused) return words.paused;
  if (lie !== null) return [words.showing[lie], still].filter((part) => part !== '').join(' ');
  if (still !== '') return error === null ? still : `${still} ${words.gaveUp(error)}`;
  return behindMs === null ? words.playing : words.playingBehind(figure(Math.max(0, behindMs) / 1000, words, 1));
}

/** The same without figures: what a screen reader is told, once each time it changes. */
export function announcementOf(showing: Showing, words: DemoWords): string {
  switch (moodOf(showing)) {
    case 'waiting':
      return words.opening;
    case 'deceived':
      return showing.lie === null ? '' : words.showing[showing.lie];
    case 'stalled':
      return words.standsStill;
    case 'well':
      return showing.paused ? words.paused : words.playing;
  }
}
