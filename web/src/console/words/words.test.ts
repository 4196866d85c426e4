import { describe, expect, it } from 'vitest';
import { unsaid } from '../../shared/words/unsaid';
import { aLanguage, aState, anInput } from '../scene';
import { ALARM_CODES } from './known';
import { DICTIONARIES, alarmSaid, inputName } from './words';

const { en, fa } = DICTIONARIES;
/** Units that people of both languages write alike. */
const ALIKE = ['kbps', 'lufs', 'dbtp', 'tokenPlace'];

it('every sentence is said in every language, and in no other one', () => expect(unsaid(en, fa, ALIKE)).toEqual([]));

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
});
