import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './components/App';
import { TokenCard } from './components/TokenCard';
import { Desk } from './desk';
import { isSlateKey } from './keys';
import { onAirOf } from './state';
import './style/index.css';
import { forgetToken, takeToken } from './token';
import type { UiLanguage } from './words/words';
import { DICTIONARIES, chooseLanguage, titleOf } from './words/words';

const KEPT_LANGUAGE = 'huma-console:language';

function keptLanguage(): string | null {
  try {
    return localStorage.getItem(KEPT_LANGUAGE);
  } catch {
    return null; // a browser that keeps nothing
  }
}

const language = signal<UiLanguage>(chooseLanguage(keptLanguage(), navigator.languages));

function setLanguage(chosen: UiLanguage): void {
  language.value = chosen;
  try {
    localStorage.setItem(KEPT_LANGUAGE, chosen);
  } catch {
    // it is asked again at the next visit
  }
}

const token = takeToken(window);
/** Why there is nothing to see: no token, or one that is refused. */
const closed = signal<'without' | 'wrong' | null>(token === null ? 'without' : null);
const desk =
  token === null
    ? null
    : new Desk(token, language.value, () => {
        forgetToken(window);
        closed.value = 'wrong';
      });

effect(() => {
  const words = DICTIONARIES[language.value];
  document.documentElement.lang = language.value;
  document.documentElement.dir = words.dir;
  if (desk !== null) desk.language.value = language.value;
});

effect(() => {
  const words = DICTIONARIES[language.value];
  const state = desk?.state.value ?? null;
  if (state === null || desk === null) {
    document.title = `Huma · ${words.console}`;
    return;
  }
  const alarms = desk.alarms.value.filter(({ level }) => level === 'alarm').length;
  const lamp = desk.isAway ? words.lostOnAir : words.onAir[onAirOf(state)];
  document.title = `${alarms > 0 ? `(${alarms}) ` : ''}${lamp} · ${titleOf(state.event, language.value)}`;
});

function Root() {
  if (desk === null || closed.value !== null) {
    return <TokenCard language={language.value} wrong={closed.value === 'wrong'} setLanguage={setLanguage} />;
  }
  return <App desk={desk} setLanguage={setLanguage} />;
}

render(<Root />, document.getElementById('page') as HTMLElement);
desk?.start();

document.addEventListener('keydown', (event) => {
  if (desk === null || closed.value !== null || !isSlateKey(event, document.activeElement as HTMLElement | null)) return;
  event.preventDefault();
  desk.toggleSlate();
});
// another address of the same page: what stands behind # does not load it anew by itself
addEventListener('hashchange', () => location.reload());
