/** The organiser's page. */
import { Alarms } from '../../shared/components/Alarms';
import { ContactLine } from '../../shared/components/ContactLine';
import { Trust } from '../../shared/components/Trust';
import type { AppProps } from '../../shared/start';
import type { Office } from '../office';
import { AddMirror } from './AddMirror';
import { Bar } from './Bar';
import { DeskCard } from './DeskCard';
import { Keys } from './Keys';
import { Mirrors, Stores } from './Places';
import { Question } from './Question';
import { TakeOverCard } from './TakeOverCard';
import { Verdict } from './Verdict';

export function App({ link: office, setLanguage }: AppProps<Office>) {
  const language = office.language.value;
  const words = office.words.value;
  const state = office.state.value;
  const asking = office.asking.value;
  return (
    <div class={`page console organiser ${office.isAway ? 'away' : 'here'}`} lang={language} dir={words.dir}>
      <Bar office={office} setLanguage={setLanguage} />
      <p class="spoken" aria-live="assertive">
        {office.spoken.value}
      </p>
      <ContactLine link={office} />
      {state !== null && (
        <fieldset class="desk" disabled={office.isAway}>
          <Verdict office={office} state={state} words={words} />
          <Alarms link={office} />
          <main class="columns">
            <div class="column">
              <Mirrors office={office} state={state} words={words} />
              <AddMirror office={office} words={words} />
              <Stores state={state} words={words} />
            </div>
            <div class="column">
              <Keys office={office} state={state} words={words} />
              <TakeOverCard office={office} state={state} words={words} />
              <Trust documents={state.trust} words={words} />
              <DeskCard state={state} words={words} />
            </div>
          </main>
        </fieldset>
      )}
      {asking !== null && state !== null && <Question key={JSON.stringify(asking)} office={office} asking={asking} state={state} words={words} />}
    </div>
  );
}
