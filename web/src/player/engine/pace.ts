/**
 * How fast to play so that the picture stays at its distance from the newest signed moment: a little faster when it fell
 * behind, a little slower before it would stand still. Small steps; browsers keep the pitch.
 */
export interface Pace {
  /** Seconds of the programme between the picture and the newest signed moment. */
  readonly latency: number;
  readonly target: number;
  /** Seconds that are ready to play. */
  readonly buffered: number;
  /** Seconds beyond the target that do not matter. */
  readonly slack: number;
}

const FASTEST = 1.1;
const FAR_S = 0.4;
/** With less than this ready, speed would only bring the stall nearer. */
const ENOUGH = 0.8;

/** The slack on a good line, and where segments come by the handful. */
export const FAST_SLACK_S = 0.15;
export const SLOW_SLACK_S = 6;

export function paceFor({ latency, target, buffered, slack }: Pace, now: number): number {
  const over = latency - target;
  if (buffered <= ENOUGH) return 1;
  if (over > slack) return over > slack + FAR_S ? FASTEST : 1.05;
  // once hurrying, go on a little further than where hurrying begins: no to and fro
  return now > 1 && over > slack / 2 ? 1.05 : 1;
}
