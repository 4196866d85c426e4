/** Numbers, sizes, moments and lengths of time as people of each language write them. What is null cannot be told. */

export const NOTHING = '–';
const DAY_S = 86_400;
const HOUR_S = 3_600;
const MINUTE_S = 60;

/** What of a dictionary is needed here. */
export interface Units {
  readonly locale: string;
  readonly days: (count: string) => string;
  readonly hours: (count: string) => string;
  readonly minutes: (count: string) => string;
  readonly seconds: (count: string) => string;
  readonly gigabytes: (count: string) => string;
  readonly megabytes: (count: string) => string;
  readonly kilobytes: (count: string) => string;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(locale: string, digits: number): Intl.NumberFormat {
  const key = `${locale} ${digits}`;
  const known = formats.get(key) ?? new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(key, known);
  return known;
}

export function number(value: number | null, { locale }: Pick<Units, 'locale'>, digits = 0): string {
  if (value === null) return NOTHING;
  const said = format(locale, digits).format(value);
  // nobody is told of minus nothing
  return Number(value.toFixed(digits)) === 0 ? format(locale, digits).format(0) : said;
}

/** As a person sets it: as few digits as it has, three at most. */
export function plain(value: number, { locale }: Pick<Units, 'locale'>): string {
  return value.toLocaleString(locale, { maximumFractionDigits: 3, useGrouping: false });
}

/** Seconds from milliseconds, with one digit below ten. */
export function inSeconds(ms: number | null, units: Units): string {
  if (ms === null) return NOTHING;
  return units.seconds(number(ms / 1000, units, Math.abs(ms) < 9_950 ? 1 : 0));
}

/** The two largest units that say something: "2 h 5 min", "4 min 10 s", "9 s". */
export function span(seconds: number | null, units: Units): string {
  if (seconds === null) return NOTHING;
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, (count: string) => string][] = [
    [Math.floor(whole / DAY_S), units.days],
    [Math.floor((whole % DAY_S) / HOUR_S), units.hours],
    [Math.floor((whole % HOUR_S) / MINUTE_S), units.minutes],
    [whole % MINUTE_S, units.seconds],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return units.seconds(number(0, units));
  const said = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return said.map(([count, unit]) => unit(number(count, units))).join(units.locale.startsWith('fa') ? ' و ' : ' ');
}

/** How old something is: seconds with a digit, and from a minute on as a length of time. */
export const age = (ms: number | null, units: Units): string => (ms !== null && ms >= MINUTE_S * 1000 ? span(ms / 1000, units) : inSeconds(ms, units));

/** Bytes; with digits enough that a recording is seen to grow. */
export function size(bytes: number | null, units: Units): string {
  if (bytes === null) return NOTHING;
  if (bytes < 1_000_000) return units.kilobytes(number(bytes / 1e3, units));
  if (bytes < 1_000_000_000) return units.megabytes(number(bytes / 1e6, units, 1));
  return units.gigabytes(number(bytes / 1e9, units, bytes < 100e9 ? 2 : 0));
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** 21:04:33, UTC. */
export function clock(at: number, { locale }: Pick<Units, 'locale'>, parts: 'seconds' | 'minutes' = 'seconds'): string {
  const key = `${locale} ${parts}`;
  const second = parts === 'seconds' ? ({ second: '2-digit' } as const) : {};
  const known =
    clocks.get(key) ??
    new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...second, hourCycle: 'h23', timeZone: 'UTC' });
  clocks.set(key, known);
  return known.format(at);
}

const DIGITS = '۰۱۲۳۴۵۶۷۸۹';
const ARABIC_DIGITS = '٠١٢٣٤٥٦٧٨٩';

/** Digits of a Farsi or an Arabic keyboard as Latin ones. */
export function latinDigits(text: string): string {
  const digit = (each: string): number => Math.max(DIGITS.indexOf(each), ARABIC_DIGITS.indexOf(each));
  return [...text].map((each) => (digit(each) >= 0 ? String(digit(each)) : each)).join('');
}

/** A number as a person types it on a Farsi or an English keyboard; null where it is none within the limits. */
export function typed(text: string, least: number, most: number): number | null {
  const latin = latinDigits(text.trim()).replace(/[٫,]/g, '.').replace('−', '-');
  if (!/^[+-]?[0-9]{1,6}(?:\.[0-9]{1,3})?$/.test(latin)) return null;
  const value = Number(latin);
  return value >= least && value <= most ? value : null;
}
