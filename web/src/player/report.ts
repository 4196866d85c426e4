/** What the page says of itself to a frame around it on the same origin (the demo), and to tests. Numbers only. */
import type { PageState } from './state';
import { badgeOf, sceneOf } from './reading';

export interface HumaReport {
  readonly scene: string;
  readonly badge: string;
  readonly mirror: string | null;
  /** Between the moment in the picture and now, by this device's clock. */
  readonly behindMs: number | null;
  /** Between the moment in the picture and the newest that was signed. */
  readonly latencyMs: number | null;
  readonly refusals: number;
  readonly refusedBytes: number;
  readonly verifiedBytes: number;
  readonly unverifiedPlayed: number;
  readonly caught: readonly string[];
  readonly warnings: readonly string[];
  readonly lineSlow: boolean;
  readonly height: number | null;
  readonly rendition: string | null;
  readonly soundOnly: boolean;
}

export function reportOf(state: PageState, rendition: string | null): HumaReport {
  const view = state.view.value;
  const counters = state.counters.value;
  const { at, to, height, soundOnly } = state.playback.value;
  return {
    scene: sceneOf(state),
    badge: badgeOf(state),
    mirror: view?.mirror ?? null,
    behindMs: at === null ? null : Date.now() - at,
    latencyMs: at === null ? null : to - at,
    refusals: view?.refusals ?? 0,
    refusedBytes: counters.refused,
    verifiedBytes: counters.verified,
    unverifiedPlayed: counters.unverifiedPlayed,
    caught: state.caught.value.map(({ what, mirror }) => `${what} ${mirror}`),
    warnings: state.warnings.value,
    lineSlow: state.warnings.value.includes('lineSlow'),
    height,
    rendition,
    soundOnly,
  };
}
