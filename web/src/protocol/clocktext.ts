/** Moments as text: exactly `YYYY-MM-DDTHH:MM:SS.mmmZ`, and nothing else (spec/documents.md, D10). Twin of clocktext.py. */
import { malformed } from './errors';

/** The last millisecond of the year 9999. */
export const MAX_MS = 253402300799999;

const TEXT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** Unix milliseconds as text. */
export function formatMs(ms: number): string {
  if (!Number.isInteger(ms) || ms < 0 || ms > MAX_MS) throw malformed('no moment between 1970 and 9999');
  return new Date(ms).toISOString();
}

/** Text as Unix milliseconds. Days that no calendar has, and leap seconds, are refused. */
export function parseMs(text: string): number {
  const ms = TEXT.test(text) ? Date.parse(text) : NaN;
  if (!(ms >= 0 && ms <= MAX_MS) || new Date(ms).toISOString() !== text) throw malformed('not a moment');
  return ms;
}
