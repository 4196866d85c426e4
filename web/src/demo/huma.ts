/** Huma's own page in a frame of the same origin: its video element, and what it says of itself. */

/** What the page offers to a frame around it on the same origin (player/report.ts). */
export interface HumaReport {
  readonly mirror: string | null;
  readonly behindMs: number | null;
  readonly refusals: number;
  readonly refusedBytes: number;
  readonly unverifiedPlayed: number;
}

interface HumaWindow extends Window {
  humaReport?: () => HumaReport;
}

export function videoIn(frame: HTMLIFrameElement): HTMLVideoElement | null {
  return frame.contentDocument?.querySelector('video') ?? null;
}

export function reportOf(frame: HTMLIFrameElement): HumaReport | null {
  return (frame.contentWindow as HumaWindow | null)?.humaReport?.() ?? null;
}
