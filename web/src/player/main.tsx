/** The first chunk: says at once how things stand, then opens the event while hls.js is on its way. */
import { render } from 'preact';
import { Memory, browserStore } from '../io/persist';
import { App } from './components/App';
import { Page } from './components/page-context';
import type { HlsClass } from './engine/picture';
import { Choices } from './choices';
import { chooseLanguage } from './i18n/words';
import { listenForKeys } from './keyboard';
import { HumaPage } from './page';
import { targetOf } from './pin';
import { createState } from './state';
import { abilities, policyOf, refusalOfDevice } from './support';
import './style/index.css';

let loading: Promise<HlsClass> | null = null;
/** Once for the page; a chunk that did not come is asked for again. */
function loadHls(): Promise<HlsClass> {
  loading ??= import('hls.js').then(
    ({ default: Hls }) => Hls,
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      loading = null;
      return loadHls();
    },
  );
  return loading;
}

/** The browser's own data saver, where it tells. */
const wantsToSave = (): boolean => (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** A page that a worker kept has hls.js at hand. Over a line not yet known, 190 kB would stand in the way of the trust documents. */
const hasHlsAtHand = (): boolean => __SINGLE_FILE__ || navigator.serviceWorker?.controller != null || isQuickLine();

/** The page itself came fast: so will the rest. */
function isQuickLine(): boolean {
  const [own] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (own === undefined || own.transferSize === 0) return false;
  return own.responseStart - own.requestStart < 250 && own.responseEnd - own.responseStart < 250;
}

function begin(): void {
  const store = browserStore();
  const memory = new Memory(store);
  const choices = new Choices(store, () => !memory.leavesNoTrace);
  const state = createState(chooseLanguage(choices.language, navigator.languages));
  state.volunteers.value = choices.volunteers;
  const pin = document.getElementById('huma-pin')?.textContent ?? '';
  const target = targetOf(pin, location.hash, policyOf(location));
  const refusal = typeof target === 'string' ? target : refusalOfDevice();
  const page = new HumaPage({
    state,
    target: typeof target === 'string' ? { eventId: '', hints: [], root: null, pinned: false } : target,
    memory,
    loadHls,
    choices,
  });
  state.refusal.value = refusal;
  state.can.value = abilities();
  state.saver.value = wantsToSave();
  draw(state, page);
  if (refusal !== null) return;
  if (hasHlsAtHand()) void loadHls();
  void page.start();
  page.keepLater();
}

function draw(state: ReturnType<typeof createState>, page: HumaPage): void {
  const root = document.getElementById('page');
  if (root === null) return;
  render(
    <Page.Provider value={{ state, ask: page }}>
      <App screen={(element) => page.setScreen(element)} />
    </Page.Provider>,
    root,
  );
  listenForKeys(state, page);
  Object.assign(globalThis, { humaReport: () => page.report() });
}

/** The strict page has no way to http mirrors; where the page itself came over http, its looser twin stands beside it. */
function needsTwin(): boolean {
  return !__SINGLE_FILE__ && location.protocol === 'http:' && policyOf(location).private === true && !ALLOWS_HTTP;
}

const ALLOWS_HTTP = /connect-src[^;]*\shttp:/.test(
  document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content') ?? 'connect-src http:',
);

if (needsTwin()) location.replace(`local.html${location.hash}`);
else begin();
// another link pasted over this one is another event
window.addEventListener('hashchange', () => location.reload());
