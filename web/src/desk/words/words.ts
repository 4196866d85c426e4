import type { Alarm } from '../../shared/state';
import { known } from '../../shared/words/known';
import type { AlarmSaid, Dictionaries } from '../../shared/words/words';
import type { Mirror } from '../state';
import type { Words } from './en';
import { en } from './en';
import { fa } from './fa';

export type { Words } from './en';

/** One dictionary a language. A sentence that is missing in one of them does not compile. */
export const DICTIONARIES: Dictionaries<Words> = { en, fa };

/** A code in words; one that has none is shown as it is. */
export const codeSaid = (code: string, words: Words): string => known(words.alarmWords, code)?.[0] ?? code;

/** An alarm in words. It is at a mirror, by its operator's name, at a store, at a trust document, or of the whole. */
export function alarmSaid({ code, where }: Pick<Alarm, 'code' | 'where'>, mirrors: readonly Mirror[], words: Words): AlarmSaid {
  const [says, helps] = known(words.alarmWords, code) ?? [code, null];
  return { says, helps, where: whereSaid(where, mirrors, words) };
}

/** What a place is called: the operator of a mirror, and its id where it differs. */
export function placeSaid(id: string, mirrors: readonly Mirror[]): string {
  const operator = mirrors.find((mirror) => mirror.id === id)?.operator ?? id;
  return operator.toLowerCase() === id ? operator : `${operator} (${id})`;
}

function whereSaid(where: string, mirrors: readonly Mirror[], words: Words): string {
  return known(words.places, where) ?? (mirrors.some(({ id }) => id === where) ? placeSaid(where, mirrors) : where);
}
