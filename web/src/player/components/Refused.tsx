import { Icon } from './icons';
import { usePage } from './page-context';

/** One error, what it means and what to do; and nothing of the event. */
export function Refused() {
  const { state, words } = usePage();
  const refusal = state.refusal.value;
  if (refusal === null) return null;
  return (
    <main class="refused">
      <span class="refused-sign">
        <Icon name="warning" />
      </span>
      <div role="alert">
        <h1>{words[refusal]}</h1>
        <p>{words[`${refusal}Why`]}</p>
      </div>
    </main>
  );
}
