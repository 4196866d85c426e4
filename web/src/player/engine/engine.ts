/** What plays: a picture with sound (hls.js), or sound alone (our own appender). The page holds at most two, while one takes over. */
export interface EngineState {
  /** The moment of the programme in the picture; null before the first frame. */
  readonly at: number | null;
  /** The first and the last moment that can be reached. */
  readonly from: number;
  readonly to: number;
  /** Seconds that are ready to play. */
  readonly buffered: number;
  readonly height: number | null;
  readonly rendition: string | null;
}

export interface Engine {
  readonly kind: 'picture' | 'sound';
  readonly media: HTMLVideoElement;
  state(): EngineState;
  /** Seconds that are ready from that moment on; 0 where that moment itself is not. */
  readyFrom(at: number): number;
  /** Go to a moment of the programme. False where it cannot be reached. */
  seek(at: number): boolean;
  setLanguage(language: string): void;
  /** True: stay near the newest signed moment. False: stay where the viewer is. */
  follow(on: boolean): void;
  destroy(): void;
}

/** Seconds that are buffered from `time` on, small holes ignored. */
export function bufferedAhead(ranges: TimeRanges, time: number): number {
  let end = time;
  for (let i = 0; i < ranges.length; i += 1) {
    if (ranges.start(i) <= end + 0.15 && ranges.end(i) > end) end = ranges.end(i);
  }
  return end - time;
}

/** Seconds that are buffered without a break up to `time`. */
export function bufferedBehind(ranges: TimeRanges, time: number): number {
  for (let i = 0; i < ranges.length; i += 1) {
    if (ranges.start(i) <= time && ranges.end(i) >= time - 0.15) return time - ranges.start(i);
  }
  return 0;
}
