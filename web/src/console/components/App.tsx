/** The technician's page. */
import type { Desk } from '../desk';
import { Alarms } from '../../shared/components/Alarms';
import { ContactLine } from '../../shared/components/ContactLine';
import { Problem } from '../../shared/components/Problem';
import { Trust } from '../../shared/components/Trust';
import type { AppProps } from '../../shared/start';
import { Bar } from './Bar';
import { Figures } from './Figures';
import { Graphs } from './Graphs';
import { Inputs } from './Inputs';
import { Languages } from './Languages';
import { Outputs, RecordingCard } from './Outputs';
import { Stores } from './Stores';
import { Switches } from './Switches';

export function App({ link: desk, setLanguage }: AppProps<Desk>) {
  const language = desk.language.value;
  const words = desk.words.value;
  const state = desk.state.value;
  return (
    <div class={`page console ${desk.isAway ? 'away' : 'here'}`} lang={language} dir={words.dir}>
      <Bar desk={desk} setLanguage={setLanguage} />
      <p class="spoken" aria-live="assertive">
        {desk.spoken.value}
      </p>
      <ContactLine link={desk} />
      <Problem problem={desk.problem.value} words={words} close={() => (desk.problem.value = null)} />
      {state !== null && (
        <fieldset class="desk" disabled={desk.isAway}>
          <div class="head">
            <Figures state={state} words={words} />
            {state.copy ? <p class="soft">{words.copyNote}</p> : <Switches desk={desk} state={state} words={words} />}
          </div>
          <Alarms link={desk} />
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
              <Trust documents={state.trust} words={words} />
            </div>
          </main>
          <Graphs desk={desk} state={state} words={words} />
        </fieldset>
      )}
    </div>
  );
}
