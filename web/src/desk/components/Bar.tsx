/** Which event it is, and what time. */
import { BeepButton } from '../../shared/components/BeepButton';
import { LanguageButton } from '../../shared/components/LanguageButton';
import type { UiLanguage } from '../../shared/words/words';
import { titleOf } from '../../shared/words/words';
import type { Office } from '../office';

interface BarProps {
  readonly office: Office;
  readonly setLanguage: (language: UiLanguage) => void;
}

export function Bar({ office, setLanguage }: BarProps) {
  const state = office.state.value;
  const words = office.words.value;
  return (
    <header class="bar">
      <div class="event">
        <h1>
          <bdi>{state === null ? words.console : titleOf(state.event, office.language.value)}</bdi>
        </h1>
        {state !== null && (
          <span class="soft utc">
            {words.console} · <time>{office.now()}</time>
          </span>
        )}
      </div>
      <div class="bar-buttons">
        <BeepButton link={office} />
        <LanguageButton language={office.language.value} words={words} setLanguage={setLanguage} />
      </div>
    </header>
  );
}
