import type { Alarm, ConsoleState, Input } from '../state';
import { number } from '../figures';
import { en } from './en';
import type { Words } from './en';
import { fa } from './fa';
import { known } from './known';

export type { Words } from './en';

/** One dictionary a language. A sentence that is missing in one of them does not compile. */
export const DICTIONARIES = { en, fa } as const satisfies Record<string, Words>;
export type UiLanguage = keyof typeof DICTIONARIES;

const isUiLanguage = (text: unknown): text is UiLanguage => text === 'en' || text === 'fa';

/** Their own choice, else the first that the browser names, else English. */
export function chooseLanguage(kept: string | null, wanted: readonly string[]): UiLanguage {
  if (isUiLanguage(kept)) return kept;
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isUiLanguage) ?? 'en';
}

/** The event's title in this language, else in any. */
export function titleOf({ title }: ConsoleState['event'], language: UiLanguage): string {
  return title[language] ?? title['en'] ?? Object.values(title)[0] ?? '';
}

/** main, backup, backup-2 as people say it; a language's own source by the language's name. */
export function inputName({ name, language }: Pick<Input, 'name' | 'language'>, languages: ConsoleState['languages'], words: Words): string {
  if (language !== null) return words.soundOf(languages.find(({ code }) => code === language)?.name ?? language);
  if (name === 'main') return words.main;
  const backup = /^backup(?:-([0-9]{1,4}))?$/.exec(name);
  if (backup === null) return name;
  return backup[1] === undefined ? words.backup : words.backupOf(number(Number(backup[1]), words));
}

export interface AlarmSaid {
  readonly says: string;
  /** Where it is, in words, or as it is called. */
  readonly where: string;
  readonly helps: string | null;
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

/** A refused command in words of this language; what the server said beside it is English, and shown as it is. */
export const refusalSaid = (code: string, words: Words): string => known(words.refusalWords, code) ?? code;
