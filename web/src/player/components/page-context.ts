import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Words } from '../i18n/words';
import { DICTIONARIES } from '../i18n/words';
import type { PageState, Requests } from '../state';

export interface PageContext {
  readonly state: PageState;
  readonly ask: Requests;
}

export const Page = createContext<PageContext | null>(null);

export function usePage(): PageContext & { readonly words: Words } {
  const page = useContext(Page);
  if (page === null) throw new Error('a component outside the page');
  return { ...page, words: DICTIONARIES[page.state.language.value] };
}
