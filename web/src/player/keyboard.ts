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
  '?': (ask) => ask.open('settings'),
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

/** The key by what is printed on it; where another script is typed, by the place where Latin keyboards have the letter. */
export function keyOf({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  if (key.length !== 1 || key in KEYS) return key;
  if (/^[ -~]$/.test(key)) return key.toLowerCase();
  if (code === 'Slash' && shiftKey) return '?';
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? key;
}

/** Returns what ends it. */
export function listenForKeys(state: PageState, ask: Requests): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const key = keyOf(event);
    const action = KEYS[key];
    if (action === undefined || isTaken(event.target, key) || state.facts.value === null) return;
    event.preventDefault();
    action(ask, state);
  };
  window.addEventListener('keydown', listen);
  return () => window.removeEventListener('keydown', listen);
}
