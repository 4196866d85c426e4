import { en } from './en';
import type { Words } from './en';
import { fa } from './fa';

export type { Words } from './en';
export type UiLanguage = 'en' | 'fa';

/** One dictionary a language. A language that is not here does not exist for the page. */
export const DICTIONARIES: { readonly [L in UiLanguage]: Words } = { en, fa };

export const isUiLanguage = (text: unknown): text is UiLanguage => text === 'en' || text === 'fa';

/** The best language for this viewer: their own choice, else the first that the browser names, else English. */
export function chooseLanguage(kept: string | null, wanted: readonly string[]): UiLanguage {
  if (isUiLanguage(kept)) return kept;
  const named = wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isUiLanguage);
  return named ?? 'en';
}

/** The text of a titled thing in the viewer's language, else in any. */
export function inLanguage(texts: { readonly [code: string]: string }, language: UiLanguage): string {
  return texts[language] ?? texts['en'] ?? Object.values(texts)[0] ?? '';
}
