/** What never leaves the screen: what goes out, which event it is, and the slate. */
import { BeepButton } from '../../shared/components/BeepButton';
import { LanguageButton } from '../../shared/components/LanguageButton';
import type { UiLanguage } from '../../shared/words/words';
import { titleOf } from '../../shared/words/words';
import type { Desk } from '../desk';
import { onAirOf } from '../state';

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
        <BeepButton link={desk} />
        <LanguageButton language={desk.language.value} words={words} setLanguage={setLanguage} />
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
