/** What should play, from what the viewer chose and what the line gives. */
import type { Event } from '../protocol/event';
import type { Ladder } from './engine/picture';
import { isFast, videosOf } from './multivariant';
import { soundOnlyOf } from './quality';
import type { Quality } from './quality';

export interface Choice {
  readonly quality: Quality;
  readonly saver: boolean;
  readonly soundOnly: boolean;
  readonly language: string;
}

export type Plan =
  | { readonly kind: 'picture'; readonly ladder: Ladder }
  | { readonly kind: 'sound'; readonly rendition: string; readonly codecs: string; readonly latency: number };

/** Long segments, and 20 to 30 seconds ready: a thin line may pause for breath. */
export const SLOW_LATENCY_S = 22;
/** Two long segments and a little: data saver on a good line. */
const SAVER_LATENCY_S = 10;
const WIDE_SOUND_LATENCY_S = 3;

export function soundPlan(event: Event, language: string, { narrow, latency }: { narrow: boolean; latency: number }): Plan | null {
  const rendition = soundOnlyOf(event, language, narrow);
  if (rendition === null) return null;
  return { kind: 'sound', rendition: rendition.name, codecs: rendition.codecs, latency };
}

/** Whether a slow line is answered with less, and not only later: a copy has one picture, and a viewer may hold on to another. */
export function shrinksOnSlowLine(event: Event, choice: Choice): boolean {
  const [good, slow] = [planOf(event, choice, false), planOf(event, choice, true)];
  if (slow.kind === 'sound') return good.kind !== 'sound' || good.rendition !== slow.rendition;
  return slow.ladder.kind === 'auto' ? videosOf(event).length > 1 : slow.ladder.kind === 'slow';
}

export function planOf(event: Event, choice: Choice, lineIsSlow: boolean): Plan {
  const videos = videosOf(event);
  const narrow = choice.saver || lineIsSlow;
  if (choice.soundOnly || videos.length === 0) {
    const latency = lineIsSlow ? SLOW_LATENCY_S : narrow ? SAVER_LATENCY_S : WIDE_SOUND_LATENCY_S;
    const sound = soundPlan(event, choice.language, { narrow, latency });
    if (sound !== null) return sound;
  }
  const hasSlow = videos.some((video) => !isFast(video));
  if (hasSlow && choice.saver) return { kind: 'picture', ladder: { kind: 'slow', latency: lineIsSlow ? SLOW_LATENCY_S : SAVER_LATENCY_S } };
  if (choice.quality.kind === 'fixed') return { kind: 'picture', ladder: choice.quality };
  if (hasSlow && lineIsSlow) return { kind: 'picture', ladder: { kind: 'slow', latency: SLOW_LATENCY_S } };
  return { kind: 'picture', ladder: { kind: 'auto' } };
}
