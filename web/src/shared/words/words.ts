/** Two languages, and what stands in neither dictionary: the event's own title. */
import type { EventFacts } from '../state';
import type { CommonWords } from './en';

export type UiLanguage = 'en' | 'fa';
export type Dictionaries<Words> = { readonly [L in UiLanguage]: Words };

/** What the parts say that both pages have. */
export interface ShellWords extends CommonWords {
  /** What the page is called before it knows the event. */
  readonly console: string;
  readonly tokenWhy: string;
  /** What to type, or where to look, for the whole address. */
  readonly tokenPlace: string;
  readonly tokenThen: string;
}

const isUiLanguage = (text: unknown): text is UiLanguage => text === 'en' || text === 'fa';

/** Their own choice, else the first that the browser names, else English. */
export function chooseLanguage(kept: string | null, wanted: readonly string[]): UiLanguage {
  if (isUiLanguage(kept)) return kept;
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isUiLanguage) ?? 'en';
}

/** The event's title in this language, else in any. */
export function titleOf({ title }: Pick<EventFacts, 'title'>, language: UiLanguage): string {
  return title[language] ?? title['en'] ?? Object.values(title)[0] ?? '';
}

export interface AlarmSaid {
  readonly says: string;
  /** Where it is, in words, or as it is called. */
  readonly where: string;
  readonly helps: string | null;
}
