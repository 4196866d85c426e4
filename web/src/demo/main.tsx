import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import type { DemoState, MirrorName } from './config';
import { MIRROR_NAMES, readConfig } from './config';
import { fitInto, reportOf, speak } from './huma';
import { evidence } from './judge';
import { Server } from './server';
import { LOW_LATENCY, StockPlayer } from './stock';
import './style.css';
import type { Asks } from './view';
import { Page } from './view';
import type { Watch } from './watch';
import { watchBoth } from './watch';
import type { DemoLanguage } from './words';
import { WORDS, firstLanguage } from './words';

const ASK_EVERY_MS = 1_000;
const SPEAK_EVERY_MS = 300;
const CHOICE_WITHIN_MS = 6_000;

const config = readConfig();
const server = new Server(config);
const language = signal<DemoLanguage>(firstLanguage(location.search, navigator.languages));
const state = signal<DemoState>(config.state);
const gone = signal(false);
const watch = signal<Watch | null>(null);

/** What the server says is shown; a switch that was pressed moves only when the server has moved it. */
async function refresh(asked: Promise<DemoState>): Promise<void> {
  try {
    state.value = await asked;
    gone.value = false;
  } catch {
    gone.value = true;
  }
}

const asks: Asks = {
  switch: (mirror, fault) => void refresh(server.switch(mirror, fault)),
  restoreAll: () => {
    const faulty = state.value.mirrors.filter(({ fault }) => fault !== 'none').map(({ id }) => id);
    void faulty.reduce(
      (before: Promise<void>, id: MirrorName) => before.then(() => refresh(server.switch(id, 'restore'))),
      Promise.resolve(),
    );
  },
  countAgain: () => watch.value?.reset(),
  setLanguage: (chosen) => {
    language.value = chosen;
  },
};

let video: HTMLVideoElement | null = null;
let frame: HTMLIFrameElement | null = null;

effect(() => {
  const words = WORDS[language.value];
  document.documentElement.lang = language.value;
  document.documentElement.dir = words.dir;
  document.title = `Huma · ${words.heading}`;
});

render(
  <Page
    config={config}
    language={language}
    state={state}
    gone={gone}
    watch={watch}
    asks={asks}
    stock={(element) => (video = element)}
    huma={(element) => (frame = element)}
  />,
  document.getElementById('page') as HTMLElement,
);

/** The mirror that Huma has chosen, so that one switch meets both players alike; after a while, whichever stands first. */
async function firstChoice(right: HTMLIFrameElement): Promise<MirrorName> {
  const until = performance.now() + CHOICE_WITHIN_MS;
  while (performance.now() < until) {
    const chosen = state.value.mirrors.find(({ id }) => id === reportOf(right)?.mirror);
    if (chosen !== undefined) return chosen.id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return MIRROR_NAMES[0];
}

function begin(left: HTMLVideoElement, right: HTMLIFrameElement): void {
  const asked = new URLSearchParams(location.search).get('stock');
  const player = new StockPlayer(left, () => state.value.mirrors, evidence, asked === 'low-latency' ? LOW_LATENCY : {});
  right.addEventListener('load', () => fitInto(right));
  right.src = 'local.html';
  void firstChoice(right).then((first) => player.open(`stock/${first}.m3u8`));
  const both = watchBoth({ player, video: left }, right, (seen) => server.tell(seen));
  watch.value = both;
  setInterval(() => speak(right, language.value), SPEAK_EVERY_MS);
  Object.assign(globalThis, { demoReport: () => ({ stock: both.stock.value, huma: both.huma.value }) });
}

if (video !== null && frame !== null) begin(video, frame);
setInterval(() => void refresh(server.state()), ASK_EVERY_MS);
