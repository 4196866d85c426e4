/** What to do where the page was opened without its token, or with one that is not good. */
import type { UiLanguage } from '../words/words';
import { DICTIONARIES } from '../words/words';
import { LanguageButton } from './LanguageButton';

export interface TokenCardProps {
  readonly language: UiLanguage;
  readonly wrong: boolean;
  readonly setLanguage: (language: UiLanguage) => void;
}

export function TokenCard({ language, wrong, setLanguage }: TokenCardProps) {
  const words = DICTIONARIES[language];
  return (
    <div class="page console closed" lang={language} dir={words.dir}>
      <header class="bar">
        <span class="space" />
        <LanguageButton language={language} setLanguage={setLanguage} />
      </header>
      <main class="card token-card">
        <h1>{wrong ? words.tokenWrong : words.tokenNeeded}</h1>
        <p>{words.tokenWhy}</p>
        <pre dir="ltr">
          <code>huma status --address</code>
        </pre>
        <p class="soft">{words.tokenThen}</p>
      </main>
    </div>
  );
}
