/** Huma's own page in a frame of the same origin: its video element, and what it says of itself. */

/** What the page offers to a frame around it on the same origin (player/report.ts). */
export interface HumaReport {
  readonly mirror: string | null;
  readonly behindMs: number | null;
  readonly refusals: number;
  readonly refusedBytes: number;
  readonly unverifiedPlayed: number;
  /** One for each mirror that was caught lying, standing still, or showing an old moment. */
  readonly caught: readonly string[];
}

interface HumaWindow extends Window {
  humaReport?: () => HumaReport;
}

export function videoIn(frame: HTMLIFrameElement): HTMLVideoElement | null {
  const page = frame.contentDocument;
  // while one picture takes over from another there are two
  return page?.querySelector<HTMLVideoElement>('video.shown') ?? page?.querySelector('video') ?? null;
}

export function reportOf(frame: HTMLIFrameElement): HumaReport | null {
  return (frame.contentWindow as HumaWindow | null)?.humaReport?.() ?? null;
}

/**
 * In a small frame only the picture, its controls and the sign have room; the page itself stays as it is. The sign stands between
 * the two titles of the test programme, and what asks for a tap below its clock.
 */
const FRAMED = `
  .top, footer, .schedule, .actions, .about h1, .about p { display: none !important; }
  body { min-inline-size: 0; overflow: hidden; }
  .page { max-inline-size: none; min-block-size: 0; padding: 0; }
  .stage { max-block-size: none; min-block-size: 0; block-size: 100vh; aspect-ratio: auto; border-radius: 0; }
  .about { position: fixed; inset-block-start: 10px; inset-inline: 0; padding: 0; z-index: 3; pointer-events: none; }
  .about .sign { pointer-events: auto; }
  .tap-sound { margin-block-start: calc(62vh - 8px); }
  .about .status-row > * { background: #0b0d11; }
  .notices { position: fixed; inset-block-start: 44px; inset-inline: 0; z-index: 4; justify-items: center; }
  .notice { inline-size: auto; }
  .about-main, .status-row { justify-items: center; justify-content: center; flex-wrap: nowrap; }
  .theatre:has(.card.veiled) .standing, .page:has(.card.veiled) .about .badge { display: none !important; }
  @media (max-width: 420px) {
    .about { inset-block-start: 4px; font-size: 12px; }
    .about .sign, .about .badge { font-size: 12px; padding: 1px 7px; }
    .about .status-row { gap: 4px; }
    .sign .icon:last-child { display: none; }
    .tap-sound { padding: 5px 13px; font-size: 13px; }
  }
`;

/** Fit the page into the frame. Its policy forbids styles that come as text; a sheet made by script is none of them. */
export function fitInto(frame: HTMLIFrameElement): void {
  const inside = frame.contentWindow as (Window & typeof globalThis) | null;
  const page = frame.contentDocument;
  if (inside === null || page === null || !('adoptedStyleSheets' in page)) return;
  const sheet = new inside.CSSStyleSheet();
  sheet.replaceSync(FRAMED);
  page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
}

/** Have the page speak the demo's language, by its own button. */
export function speak(frame: HTMLIFrameElement, language: string): void {
  const page = frame.contentDocument;
  if (page === null || page.documentElement.lang === language) return;
  page.querySelector<HTMLButtonElement>(`.top button[lang="${language}"]`)?.click();
}
