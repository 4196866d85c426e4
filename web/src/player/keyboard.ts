/** The keys of a player. Never where somebody types, nor together with the keys of the browser. */
import type { PageState, Requests } from './state';

const SEEK_MS = 10_000;
const VOLUME_STEP = 0.05;

type Action = (ask: Requests, state: PageState) => void;

const volumeBy =
  (step: number): Action =>
  (ask, { playback }) =>
    ask.setVolume(Math.min(1, Math.max(0, playback.value.volume + step)));

function nextAudio(ask: Requests, state: PageState): void {
  const languages = state.facts.value?.event.languages ?? [];
  const at = languages.findIndex(({ code }) => code === state.audioLanguage.value);
  const next = languages[(at + 1) % Math.max(1, languages.length)];
  if (next !== undefined) ask.setAudioLanguage(next.code);
}

export const KEYS: Readonly<Record<string, Action>> = {
  ' ': (ask) => ask.togglePlay(),
  k: (ask) => ask.togglePlay(),
  m: (ask) => ask.toggleMute(),
  f: (ask) => ask.toggleFullScreen(),
  p: (ask) => ask.togglePictureInPicture(),
  l: (ask) => ask.rejoinLive(),
  c: nextAudio,
  d: (ask) => ask.open('details'),
  ArrowUp: volumeBy(VOLUME_STEP),
  ArrowDown: volumeBy(-VOLUME_STEP),
  ArrowLeft: (ask) => ask.seekBy(-SEEK_MS),
  ArrowRight: (ask) => ask.seekBy(SEEK_MS),
};

/** A button takes the space bar, a slider the arrows: those keys are theirs. */
function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('dialog, [contenteditable]') !== null) return true;
  if (target instanceof HTMLInputElement) return true;
  return target instanceof HTMLButtonElement && key === ' ';
}

export function listenForKeys(state: PageState, ask: Requests): void {
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = KEYS[key];
    if (action === undefined || isTaken(event.target, key) || state.facts.value === null) return;
    event.preventDefault();
    action(ask, state);
  });
}
