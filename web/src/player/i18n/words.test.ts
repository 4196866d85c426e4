import { describe, expect, it } from 'vitest';
import { dayAndTime, moment, number, position, size, span } from '../clock';
import { DICTIONARIES, chooseLanguage, inLanguage } from './words';

const { en, fa } = DICTIONARIES;
const AT = Date.UTC(2026, 10, 23, 18, 5);

describe('the dictionaries', () => {
  it('say every sentence in every language, and none in another one', () => {
    for (const [key, sentence] of Object.entries(fa)) {
      const text = typeof sentence === 'function' ? (sentence as (...parts: string[]) => string)('۱', '۲') : sentence;
      expect(text.trim(), key).not.toBe('');
      if (!['dir', 'locale', 'otherName', 'lines', 'shareWords'].includes(key)) expect(text, key).toMatch(/[\u0600-\u06ff]/);
    }
    for (const [key, sentence] of Object.entries(en)) {
      const text = typeof sentence === 'function' ? (sentence as (...parts: string[]) => string)('1', '2') : sentence;
      if (key !== 'otherName') expect(text, key).not.toMatch(/[\u0600-\u06ff]/);
    }
  });

  it('take what stands in a sentence', () => {
    expect(en.startsIn('2 hrs')).toBe('Starts in 2 hrs');
    expect(fa.perHour('۹۰۰')).toContain('۹۰۰');
  });
});

describe('the language', () => {
  it.each([
    [null, ['fa-IR', 'en'], 'fa'],
    [null, ['de', 'fr'], 'en'],
    ['en', ['fa'], 'en'],
    ['xx', ['fa'], 'fa'],
  ] as const)('%s %s', (kept, wanted, language) => expect(chooseLanguage(kept, wanted)).toBe(language));

  it('of a title is the viewer’s, else any', () => {
    expect(inLanguage({ fa: 'هما', en: 'Huma' }, 'fa')).toBe('هما');
    expect(inLanguage({ de: 'Huma' }, 'fa')).toBe('Huma');
  });
});

describe('times and sizes', () => {
  it('are written as people of the language do', () => {
    expect(span(2 * 3_600_000 + 5 * 60_000 + 7_000, en)).toBe('2 hrs 5 mins');
    expect(span(0, en)).toBe('0 secs');
    expect(span(61_000, fa)).toBe('۱ دقیقه و ۱ ثانیه');
    expect(position(3_723_000, en)).toBe('1:02:03');
    expect(position(83_000, fa)).toBe('۰۱:۲۳');
    expect(number(1234.5, en, 1)).toBe('1,234.5');
    expect(size(950, en)).toBe('950 bytes');
    expect(size(1_500_000, fa)).toBe('۱٫۵ مگابایت');
  });

  it('carry their day where it is not today', () => {
    expect(moment(AT, AT, en)).toMatch(/^\d\d:\d\d$/);
    expect(moment(AT, AT + 3 * 86_400_000, en)).toContain('November');
    expect(dayAndTime(AT, fa)).toContain('آذر');
  });
});
