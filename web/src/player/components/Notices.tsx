import { hourMinute, moment } from '../clock';
import type { Words } from '../i18n/words';
import { shrinksOnSlowLine } from '../plan';
import { choiceOf, warningOf } from '../reading';
import type { PageState, Warning } from '../state';
import { Icon } from './icons';
import { usePage } from './page-context';

function whyOf(warning: Warning, state: PageState, words: Words): string {
  const signedAt = state.view.value?.signedAt ?? state.now.value;
  switch (warning) {
    case 'clockWrong':
      return words.clockWrongWhy(moment(signedAt, state.now.value, words));
    case 'trustOld':
      return words.trustOldWhy(hourMinute(signedAt, words));
    case 'lineSlow': {
      const event = state.facts.value?.event;
      return event !== undefined && shrinksOnSlowLine(event, choiceOf(state)) ? words.lineSlowWhy : words.lineSlowSameWhy;
    }
    default:
      return words[`${warning}Why`];
  }
}

/** A standing warning, and what has just been caught. */
export function Notices() {
  const { state, ask, words } = usePage();
  const warning = warningOf(state);
  return (
    <div class="notices" aria-live="polite">
      {warning !== null && (
        <div class={`notice standing${warning === 'lineSlow' ? ' mild' : ''}`}>
          <Icon name={warning === 'lineSlow' ? 'leaf' : 'warning'} />
          <p>
            <strong>{words[warning]}</strong>
            <span>{whyOf(warning, state, words)}</span>
          </p>
        </div>
      )}
      {state.notices.value.map(({ id, sentence, detail }) => (
        <div class="notice" key={id}>
          <Icon name="verified" />
          <p>
            <strong>{words[sentence] as string}</strong>
            {detail !== null && <bdi>{detail}</bdi>}
            <button type="button" class="link" onClick={() => ask.open('details')}>
              {words.details}
            </button>
          </p>
          <button type="button" class="round small" aria-label={words.close} onClick={() => ask.dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
