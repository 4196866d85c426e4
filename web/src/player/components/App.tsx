import { useEffect } from 'preact/hooks';
import { inLanguage } from '../i18n/words';
import { sceneOf } from '../reading';
import { About } from './About';
import { DetailsSheet } from './DetailsSheet';
import { Notices } from './Notices';
import { Refused } from './Refused';
import { SettingsSheet } from './SettingsSheet';
import { ShareSheet } from './ShareSheet';
import { QualitySheet, SoundSheet } from './ChoiceSheets';
import { Stage } from './Stage';
import { Icon, Wing } from './icons';
import { usePage } from './page-context';

function Header() {
  const { state, ask, words } = usePage();
  const other = state.language.value === 'en' ? 'fa' : 'en';
  return (
    <header class="top">
      <Wing />
      <p class="top-title">{words.huma}</p>
      <button type="button" class="quiet" lang={other} onClick={() => ask.setLanguage(other)}>
        {words.otherName}
      </button>
      <button type="button" class="round" aria-label={words.settings} title={words.settings} onClick={() => ask.open('settings')}>
        <Icon name="settings" />
      </button>
    </header>
  );
}

function Sheets() {
  const { state } = usePage();
  switch (state.sheet.value) {
    case 'details':
      return <DetailsSheet />;
    case 'share':
      return <ShareSheet />;
    case 'sound':
      return <SoundSheet />;
    case 'quality':
      return <QualitySheet />;
    case 'settings':
      return <SettingsSheet />;
    case null:
      return null;
  }
}

/** Language and direction belong to the document, so that the browser's own parts follow them. */
function useDocumentLanguage(): void {
  const { state, words } = usePage();
  const language = state.language.value;
  const facts = state.facts.value;
  // the title stands in the browser's history
  const title = facts === null || state.noTrace.value ? words.huma : inLanguage(facts.event.title, language);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = words.dir;
    document.title = title;
  }, [language, words, title]);
}

export function App({ screen }: { readonly screen: (element: HTMLElement | null) => void }) {
  const { state, words } = usePage();
  useDocumentLanguage();
  const scene = sceneOf(state);
  return (
    <div class="page" dir={words.dir} lang={state.language.value}>
      <Header />
      {scene === 'refused' ? (
        <Refused />
      ) : (
        <main>
          <div class="theatre">
            <Stage screen={screen} />
            <Notices />
          </div>
          <About />
        </main>
      )}
      <footer>
        <p>{words.about}</p>
        <p>{state.noTrace.value ? words.noTraceOn : words.kept}</p>
      </footer>
      <Sheets />
    </div>
  );
}
