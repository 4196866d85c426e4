/** Moments and lengths of time as people of each language write them. */
import type { Words } from './i18n/words';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const number = (value: number, words: Words, digits = 0): string =>
  value.toLocaleString(words.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** 21:04 in the viewer's zone. */
export const hourMinute = (at: number, words: Words): string =>
  new Date(at).toLocaleTimeString(words.locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export const hourMinuteSecond = (at: number, words: Words): string =>
  new Date(at).toLocaleTimeString(words.locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** Monday 23 November at 21:30; in Farsi by the Persian calendar. */
export function dayAndTime(at: number, words: Words): string {
  const day = new Date(at).toLocaleDateString(words.locale, { weekday: 'long', day: 'numeric', month: 'long' });
  return `${day}${words.dir === 'rtl' ? '، ' : ', '}${hourMinute(at, words)}`;
}

/** Today's moments by the clock alone, others with their day. */
export const moment = (at: number, now: number, words: Words): string =>
  new Date(at).toDateString() === new Date(now).toDateString() ? hourMinute(at, words) : dayAndTime(at, words);

const unit = (value: number, name: 'day' | 'hour' | 'minute' | 'second', words: Words): string =>
  new Intl.NumberFormat(words.locale, { style: 'unit', unit: name, unitDisplay: words.dir === 'rtl' ? 'long' : 'short' }).format(value);

/** The two largest units that say something: "2 hr 5 min", "4 min 10 sec", "9 sec". */
export function span(ms: number, words: Words): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const rounded = seconds * 1000;
  const parts: [number, 'day' | 'hour' | 'minute' | 'second'][] = [
    [Math.floor(rounded / DAY), 'day'],
    [Math.floor((rounded % DAY) / HOUR), 'hour'],
    [Math.floor((rounded % HOUR) / MINUTE), 'minute'],
    [Math.floor((rounded % MINUTE) / 1000), 'second'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return unit(0, 'second', words);
  const said = parts.slice(first, first + 2).filter(([value]) => value > 0);
  return said.map(([value, name]) => unit(value, name, words)).join(words.dir === 'rtl' ? ' و ' : ' ');
}

/** 1:02:03 as on a player. */
export function position(ms: number, words: Words): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => value.toLocaleString(words.locale, { minimumIntegerDigits: 2 });
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${number(hours, words)}:${rest}` : rest;
}

/** Bytes in the unit that fits. */
export function size(bytes: number, words: Words): string {
  if (bytes < 1_000) return words.bytes(number(bytes, words));
  if (bytes < 1_000_000) return words.kilobytes(number(bytes / 1_000, words));
  return words.megabytes(number(bytes / 1_000_000, words, bytes < 10_000_000 ? 1 : 0));
}
