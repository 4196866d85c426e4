import { number } from '../../shared/figures';
import type { Alarm } from '../../shared/state';
import { known } from '../../shared/words/known';
import type { AlarmSaid, Dictionaries } from '../../shared/words/words';
import type { ConsoleState, Input } from '../state';
import type { Words } from './en';
import { en } from './en';
import { fa } from './fa';

export type { Words } from './en';

/** One dictionary a language. A sentence that is missing in one of them does not compile. */
export const DICTIONARIES: Dictionaries<Words> = { en, fa };

/** main, backup, backup-2 as people say it; a language's own source by the language's name. */
export function inputName({ name, language }: Pick<Input, 'name' | 'language'>, languages: ConsoleState['languages'], words: Words): string {
  if (language !== null) return words.soundOf(languages.find(({ code }) => code === language)?.name ?? language);
  if (name === 'main') return words.main;
  const backup = /^backup(?:-([0-9]{1,4}))?$/.exec(name);
  if (backup === null) return name;
  return backup[1] === undefined ? words.backup : words.backupOf(number(Number(backup[1]), words));
}

/** An alarm in words. A code that has none is shown as it is: better than nothing at three in the morning. */
export function alarmSaid(alarm: Pick<Alarm, 'code' | 'where'>, state: Pick<ConsoleState, 'languages' | 'inputs'>, words: Words): AlarmSaid {
  const [says, helps] = known(words.alarmWords, alarm.code) ?? [alarm.code, null];
  return { says, helps, where: whereSaid(alarm, state, words) };
}

function whereSaid({ code, where }: Pick<Alarm, 'code' | 'where'>, { languages, inputs }: Pick<ConsoleState, 'languages' | 'inputs'>, words: Words): string {
  const place = known(words.places, where);
  if (place !== null) return place;
  const input = code === 'key-ends' || code.startsWith('srt-') ? inputs.find(({ name }) => name === where) : undefined;
  if (input !== undefined) return inputName(input, languages, words);
  const language = code === 'silence' ? languages.find((each) => each.code === where) : undefined;
  return language?.name ?? where;
}
