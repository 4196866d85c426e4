import { describe, expect, it } from 'vitest';
import { commonEn } from './en';
import { commonFa } from './fa';
import { COMMON_ALARMS, COMMON_REFUSALS, known } from './known';
import { unsaid } from './unsaid';
import { chooseLanguage, titleOf } from './words';

const en = commonEn('huma x');
const fa = commonFa('huma x', 'پخش');

describe('the common words', () => {
  it('are said in every language, and in no other one', () => expect(unsaid(en, fa)).toEqual([]));

  it('that one dictionary lacks are noticed', () => {
    expect(unsaid(en, { ...fa, close: 'Close' })).toEqual(['fa close']);
    expect(unsaid({ ...en, close: 'بستن' }, fa)).toEqual(['en close']);
  });

  it('have every code', () => {
    for (const words of [en, fa]) {
      for (const code of COMMON_ALARMS) expect(known(words.alarmWords, code)?.[1], code).toBeTruthy();
      for (const code of COMMON_REFUSALS) expect(known(words.refusalWords, code), code).toBeTruthy();
      expect(known(words.refusalWords, 'toString')).toBeNull();
    }
  });
});

describe('the language', () => {
  it('is that of choice, else of the browser, else English', () => {
    expect(chooseLanguage('en', ['fa'])).toBe('en');
    expect(chooseLanguage(null, ['de', 'fa-IR', 'en'])).toBe('fa');
    expect(chooseLanguage('xx', ['de'])).toBe('en');
  });

  it('of the event’s title is this one, else any', () => {
    const title = { en: 'Try', fa: 'آزمایش' };
    expect(titleOf({ title }, 'fa')).toBe('آزمایش');
    expect(titleOf({ title: { de: 'Versuch' } }, 'fa')).toBe('Versuch');
    expect(titleOf({ title: {} }, 'en')).toBe('');
  });
});
