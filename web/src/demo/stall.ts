/** A stall = the picture still for 250 ms or more after the first frame, while it should play. */
export const STALL_MS = 250;

export interface Stalls {
  /** How many there were, the one going on included. */
  readonly count: number;
  readonly longestMs: number;
  readonly totalMs: number;
  /** How long the picture has been still by now; 0 while it moves. */
  readonly stillMs: number;
}

/** Is told of frames, and of moments in which nothing is owed. Knows no clock and no video element. */
export class StallMeter {
  private last: number | null = null;
  private count = 0;
  private longestMs = 0;
  private totalMs = 0;

  /** A new frame stands on the screen. */
  frame(now: number): void {
    if (this.last !== null) this.close(now - this.last);
    this.last = now;
  }

  /** Paused, hidden, or over: the time since the last frame does not count. */
  excused(now: number): void {
    if (this.last !== null) this.last = now;
  }

  /** How things stand at `now`. */
  at(now: number): Stalls {
    const gap = this.last === null ? 0 : now - this.last;
    const open = gap >= STALL_MS;
    return {
      count: this.count + (open ? 1 : 0),
      longestMs: Math.max(this.longestMs, open ? gap : 0),
      totalMs: this.totalMs + (open ? gap : 0),
      stillMs: open ? gap : 0,
    };
  }

  /** Count from here on; the first frame has been seen already. */
  reset(now: number): void {
    this.count = this.longestMs = this.totalMs = 0;
    if (this.last !== null) this.last = now;
  }

  private close(gap: number): void {
    if (gap < STALL_MS) return;
    this.count += 1;
    this.totalMs += gap;
    this.longestMs = Math.max(this.longestMs, gap);
  }
}

type Pausable = Pick<HTMLVideoElement, 'paused' | 'readyState' | 'error' | 'addEventListener'>;

/**
 * Whether a person has paused the video. A decoder that failed, or was emptied, leaves the element paused too: that is a
 * stall like any other.
 */
export function pausesOf(video: Pausable): () => boolean {
  let asked = video.paused && video.readyState > 0;
  video.addEventListener('pause', () => (asked = video.error === null && video.readyState > 0));
  for (const name of ['play', 'playing', 'emptied']) video.addEventListener(name, () => (asked = false));
  return () => asked && video.paused;
}

/** Watches one video element: every new frame, by callback where the picture is on screen, by count where it is not. */
export function meterVideo(
  video: HTMLVideoElement,
  meter: StallMeter,
  { paused, clock }: { readonly paused: () => boolean; readonly clock: () => number },
): () => void {
  let frames = 0;
  let over = false;
  const onFrame = (): void => {
    if (over) return;
    meter.frame(clock());
    video.requestVideoFrameCallback(onFrame);
  };
  if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(onFrame);
  const timer = setInterval(() => {
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    const shown = totalVideoFrames - droppedVideoFrames;
    if (shown !== frames) {
      frames = shown;
      meter.frame(clock());
    }
    if (paused() || video.ended || document.hidden) meter.excused(clock());
  }, 50);
  return () => {
    over = true;
    clearInterval(timer);
  };
}
