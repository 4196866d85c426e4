/** Opens a console's page: its language, its token, its title; without a good token it says what to do. */
import { effect, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { render } from 'preact';
import { TokenCard } from './components/TokenCard';
import type { AnyLink } from './link';
import { forgetToken, takeToken } from './token';
import type { Dictionaries, ShellWords, UiLanguage } from './words/words';
import { chooseLanguage, titleOf } from './words/words';

const KEPT_LANGUAGE = 'huma-console:language';

export interface AppProps<Link> {
  readonly link: Link;
  readonly setLanguage: (language: UiLanguage) => void;
}

export interface PagePlan<Link extends AnyLink> {
  readonly dictionaries: Dictionaries<ShellWords>;
  readonly make: (token: string, language: UiLanguage, onStranger: () => void) => Link;
  readonly App: ComponentType<AppProps<Link>>;
}

export interface OpenPage<Link> {
  readonly link: Link | null;
  readonly isClosed: () => boolean;
}

export function openPage<Link extends AnyLink>({ dictionaries, make, App }: PagePlan<Link>): OpenPage<Link> {
  const language = signal<UiLanguage>(chooseLanguage(keptLanguage(), navigator.languages));
  const token = takeToken(window);
  /** Why there is nothing to see: no token, or one that is refused. */
  const closed = signal<'without' | 'wrong' | null>(token === null ? 'without' : null);
  const refused = (): void => {
    forgetToken(window);
    closed.value = 'wrong';
  };
  const link = token === null ? null : make(token, language.value, refused);
  const setLanguage = (chosen: UiLanguage): void => {
    language.value = chosen;
    keepLanguage(chosen);
  };

  effect(() => {
    document.documentElement.lang = language.value;
    document.documentElement.dir = dictionaries[language.value].dir;
    if (link !== null) link.language.value = language.value;
  });
  effect(() => void (document.title = titleIn(link, dictionaries[language.value], language.value)));

  function Root() {
    if (link === null || closed.value !== null) {
      return <TokenCard language={language.value} words={dictionaries[language.value]} wrong={closed.value === 'wrong'} setLanguage={setLanguage} />;
    }
    return <App link={link} setLanguage={setLanguage} />;
  }
  render(<Root />, document.getElementById('page') as HTMLElement);
  link?.start();
  // another address of the same page: what stands behind # does not load it anew by itself
  addEventListener('hashchange', () => location.reload());
  return { link, isClosed: () => closed.value !== null };
}

function titleIn(link: AnyLink | null, words: ShellWords, language: UiLanguage): string {
  const state = link?.state.value ?? null;
  if (state === null || link === null) return `Huma · ${words.console}`;
  const alarms = link.alarms.value.filter(({ level }) => level === 'alarm').length;
  return `${alarms > 0 ? `(${alarms}) ` : ''}${link.isAway ? words.lostOnAir : link.lamp()} · ${titleOf(state.event, language)}`;
}

function keptLanguage(): string | null {
  try {
    return localStorage.getItem(KEPT_LANGUAGE);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keepLanguage(chosen: UiLanguage): void {
  try {
    localStorage.setItem(KEPT_LANGUAGE, chosen);
  } catch {
    // it is asked again at the next visit
  }
}
