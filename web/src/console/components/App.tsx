/** The technician's page. */
import type { Desk } from '../desk';
import type { UiLanguage } from '../words/words';
import { refusalSaid } from '../words/words';
import { Alarms } from './Alarms';
import { Bar } from './Bar';
import { Figures } from './Figures';
import { Graphs } from './Graphs';
import { Inputs } from './Inputs';
import { Languages } from './Languages';
import { Outputs, RecordingCard } from './Outputs';
import { Stores } from './Stores';
import { Switches } from './Switches';
import { Trust } from './Trust';

interface AppProps {
  readonly desk: Desk;
  readonly setLanguage: (language: UiLanguage) => void;
}

export function App({ desk, setLanguage }: AppProps) {
  const language = desk.language.value;
  const words = desk.words.value;
  const state = desk.state.value;
  return (
    <div class={`page console ${desk.isAway ? 'away' : 'here'}`} lang={language} dir={words.dir}>
      <Bar desk={desk} setLanguage={setLanguage} />
      <p class="spoken" aria-live="assertive">
        {desk.spoken.value}
      </p>
      <ContactLine desk={desk} />
      <Problem desk={desk} />
      {state !== null && (
        <fieldset class="desk" disabled={desk.isAway}>
          <div class="head">
            <Figures state={state} words={words} />
            {state.copy ? <p class="soft">{words.copyNote}</p> : <Switches desk={desk} state={state} words={words} />}
          </div>
          <Alarms desk={desk} state={state} words={words} />
          <main class="columns">
            <div class="column">
              <Inputs desk={desk} state={state} words={words} />
            </div>
            <div class="column">
              <Languages desk={desk} state={state} words={words} />
            </div>
            <div class="column">
              <Stores state={state} words={words} />
              <RecordingCard state={state} words={words} />
              <Outputs state={state} words={words} />
              <Trust state={state} words={words} />
            </div>
          </main>
          <Graphs desk={desk} state={state} words={words} />
        </fieldset>
      )}
    </div>
  );
}

/** Whether anybody answers. The seconds are not spoken aloud: that there is no connection is. */
function ContactLine({ desk }: { readonly desk: Desk }) {
  const contact = desk.contact.value;
  const words = desk.words.value;
  if (contact.kind === 'opening') return <p class="contact soft">{words.opening}</p>;
  if (contact.kind !== 'lost') return null;
  const time = words.seconds(contact.seconds.toLocaleString(words.locale));
  const says = contact.answers ? words.unsaid : desk.state.value === null ? words.lostAtFirst : words.lost;
  return <p class="contact lost">{says(time)}</p>;
}

function Problem({ desk }: { readonly desk: Desk }) {
  const problem = desk.problem.value;
  const words = desk.words.value;
  if (problem === null) return null;
  return (
    <div class="problem" role="alert">
      <p>
        <b>{words.refused}:</b> {refusalSaid(problem.code, words)}
        {problem.message !== '' && (
          <span class="soft" lang="en" dir="ltr">
            {' '}
            {problem.message}
            {problem.hint !== '' && ` ${problem.hint}`}
          </span>
        )}
      </p>
      <button type="button" class="quiet" onClick={() => (desk.problem.value = null)}>
        {words.close}
      </button>
    </div>
  );
}
