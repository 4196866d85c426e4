import { describe, expect, it } from 'vitest';
import { aLanguage, aState, anInput } from '../scene';
import { ALARM_CODES } from './known';
import { DICTIONARIES, alarmSaid, chooseLanguage, inputName, refusalSaid, titleOf } from './words';

const { en, fa } = DICTIONARIES;
const FARSI = /[\u0600-\u06ff]/;
/** Units that people of both languages write alike. */
const ALIKE = new Set(['dir', 'locale', 'otherName', 'kbps', 'lufs', 'dbtp', 'comma']);

function sentences(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([name, said]): [string, string][] => {
    const here = `${path}${name}`;
    if (typeof said === 'string') return [[here, said]];
    if (typeof said === 'function') return [[here, (said as (...parts: string[]) => string)('1', '2')]];
    return sentences(said as object, `${here}.`);
  });
}

describe('the dictionaries', () => {
  it('say every sentence in every language, and none in another one', () => {
    for (const [name, text] of sentences(fa)) if (!ALIKE.has(name)) expect(text, name).toMatch(FARSI);
    for (const [name, text] of sentences(en)) if (!ALIKE.has(name)) expect(text, name).not.toMatch(FARSI);
    expect(sentences(fa).map(([name]) => name)).toEqual(sentences(en).map(([name]) => name));
  });

  it('of the language of choice, else of the browser, else English', () => {
    expect(chooseLanguage('en', ['fa'])).toBe('en');
    expect(chooseLanguage(null, ['de', 'fa-IR', 'en'])).toBe('fa');
    expect(chooseLanguage('xx', ['de'])).toBe('en');
  });
});

describe('an alarm', () => {
  const state = aState({ languages: [aLanguage()], inputs: [anInput(), anInput({ name: 'backup' })] });

  it.each([
    ['silence', 'fa', 'Silence', 'فارسی'],
    ['frozen', 'picture', 'The picture stands still', 'picture'],
    ['slow', 'encoder', 'Encoding is slower than the clock', 'encoder'],
    ['key-ends', 'backup', 'Stream key ends', 'Backup'],
    ['srt-crashed', 'main', 'The SRT listener died', 'Main'],
    ['trust-old', 'timestamp', 'Trust document was not signed anew', 'timestamp'],
    ['store-slow', 'https://store.example/', 'Store takes too long', 'https://store.example/'],
    // a store may be called like a language, or like an input
    ['store-slow', 'fa', 'Store takes too long', 'fa'],
  ])('%s at %s', (code, where, says, said) => expect(alarmSaid({ code, where }, state, en)).toMatchObject({ says, where: said }));

  it('of a code that has no words is shown as it is', () => {
    expect(alarmSaid({ code: 'store-of-tomorrow', where: 'x' }, state, fa)).toEqual({ says: 'store-of-tomorrow', helps: null, where: 'x' });
    expect(alarmSaid({ code: 'constructor', where: '__proto__' }, state, en)).toEqual({ says: 'constructor', helps: null, where: '__proto__' });
    expect(refusalSaid('toString', en)).toBe('toString');
    expect(refusalSaid('input-away', en)).toBe('That input has nothing to show.');
  });

  it('always says what helps', () => {
    for (const code of ALARM_CODES) for (const words of [en, fa]) expect(alarmSaid({ code, where: 'x' }, state, words).helps, code).toBeTruthy();
  });
});

describe('names', () => {
  it('of inputs are words, and a language’s own source has its language’s name', () => {
    const named = (name: string, language: string | null = null): string => inputName({ name, language }, [aLanguage()], en);
    expect([named('main'), named('backup'), named('backup-2'), named('stage'), named('fa', 'fa'), named('xx', 'xx')]).toEqual([
      'Main',
      'Backup',
      'Backup 2',
      'stage',
      'Sound in فارسی',
      'Sound in xx',
    ]);
    expect(inputName({ name: 'backup-12', language: null }, [], fa)).toBe('پشتیبان ۱۲');
  });

  it('of the event are in this language, else in any', () => {
    const { event } = aState();
    expect(titleOf(event, 'fa')).toBe('آزمایش');
    expect(titleOf({ ...event, title: { de: 'Versuch' } }, 'fa')).toBe('Versuch');
    expect(titleOf({ ...event, title: {} }, 'en')).toBe('');
  });
});
