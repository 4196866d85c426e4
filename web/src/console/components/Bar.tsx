/** What never leaves the screen: what goes out, which event it is, and the slate. */
import type { Desk } from '../desk';
import { onAirOf } from '../state';
import type { UiLanguage } from '../words/words';
import { titleOf } from '../words/words';
import { LanguageButton } from './LanguageButton';

interface BarProps {
  readonly desk: Desk;
  readonly setLanguage: (language: UiLanguage) => void;
}

export function Bar({ desk, setLanguage }: BarProps) {
  const state = desk.state.value;
  const words = desk.words.value;
  const lamp = state === null || desk.isAway ? 'unknown' : onAirOf(state);
  return (
    <header class="bar">
      <p class={`lamp ${lamp}`} role="status">
        <span class="dot" aria-hidden="true" />
        {lamp === 'unknown' ? words.lostOnAir : words.onAir[lamp]}
      </p>
      <div class="event">
        <h1>
          <bdi>{state === null ? words.console : titleOf(state.event, desk.language.value)}</bdi>
        </h1>
        {state !== null && <time class="soft utc">{desk.now()}</time>}
      </div>
      <div class="bar-buttons">
        <button type="button" class="quiet beep" aria-pressed={desk.beeping.value} title={words.beep} onClick={() => desk.setBeeping(!desk.beeping.value)}>
          <BeepSign on={desk.beeping.value} />
          <span>{words.beepShort}</span>
        </button>
        <LanguageButton language={desk.language.value} setLanguage={setLanguage} />
      </div>
      {state !== null && !state.copy && <SlateButton desk={desk} on={state.slate} />}
    </header>
  );
}

function SlateButton({ desk, on }: { readonly desk: Desk; readonly on: boolean }) {
  const words = desk.words.value;
  const waits = desk.pending.value.has('slate');
  return (
    <button type="button" class="slate-switch" aria-pressed={on} aria-keyshortcuts="s" aria-busy={waits} disabled={desk.isAway} onClick={() => desk.toggleSlate()}>
      <b>{on ? words.slateOn : words.slateOff}</b>
      <span>
        {on ? words.slateToEnd : words.slateToShow} <kbd>S</kbd>
      </span>
    </button>
  );
}

function BeepSign({ on }: { readonly on: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 9.5v5h3.5L12 19V5L7.500 9.500Z" />
      {on ? <path d="M15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11" /> : <path d="m15.500 9.500 5 5m0-5-5 5" />}
    </svg>
  );
}
