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
}

const FASTEST = 1.1;
const NEAR = 0.15;
/** With less than this ready, speed would only bring the stall nearer. */
const ENOUGH = 0.8;

export function paceFor({ latency, target, buffered }: Pace, now: number): number {
  const over = latency - target;
  if (over > NEAR && buffered > ENOUGH) return over > 1 ? FASTEST : 1.05;
  if (now > 1 && over > 0.03 && buffered > ENOUGH) return now;
  return 1;
}
