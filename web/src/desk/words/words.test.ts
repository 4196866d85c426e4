import { describe, expect, it } from 'vitest';
import { unsaid } from '../../shared/words/unsaid';
import { aMirror } from '../scene';
import { ALARM_CODES } from './known';
import { DICTIONARIES, alarmSaid, placeSaid } from './words';

const { en, fa } = DICTIONARIES;
const ALIKE = ['kbps', 'lufs', 'dbtp', 'tokenPlace'];

it('every sentence is said in every language, and in no other one', () => expect(unsaid(en, fa, ALIKE)).toEqual([]));

describe('an alarm', () => {
  const mirrors = [aMirror(), aMirror({ id: 'radio-east', operator: 'Radio-East' })];

  it.each([
    ['forged', 'north', 'Shows what was not signed', 'Radio North (north)'],
    ['forged', 'radio-east', 'Shows what was not signed', 'Radio-East'],
    ['off-air', 'event', 'Not on the air', 'event'],
    ['resting', 'desk', 'This desk rests: another pair has signed since', 'this desk'],
    ['store-slow', 'https://store.example/', 'Store takes too long', 'https://store.example/'],
  ])('%s at %s', (code, where, says, said) => expect(alarmSaid({ code, where }, mirrors, en)).toMatchObject({ says, where: said }));

  it('of a code that has no words is shown as it is', () => {
    expect(alarmSaid({ code: 'constructor', where: '__proto__' }, mirrors, fa)).toEqual({ says: 'constructor', helps: null, where: '__proto__' });
  });

  it('always says what helps', () => {
    for (const code of ALARM_CODES) for (const words of [en, fa]) expect(alarmSaid({ code, where: 'x' }, [], words).helps, code).toBeTruthy();
  });
});

it('a place that the roster does not know keeps its name', () => expect(placeSaid('south', [aMirror()])).toBe('south'));
