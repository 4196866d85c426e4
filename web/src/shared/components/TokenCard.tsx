/** What to do where the page was opened without its token, or with one that is not good. */
import type { ShellWords, UiLanguage } from '../words/words';
import { LanguageButton } from './LanguageButton';

export interface TokenCardProps {
  readonly language: UiLanguage;
  readonly words: ShellWords;
  readonly wrong: boolean;
  readonly setLanguage: (language: UiLanguage) => void;
}

export function TokenCard({ language, words, wrong, setLanguage }: TokenCardProps) {
  return (
    <div class="page console closed" lang={language} dir={words.dir}>
      <header class="bar">
        <span class="space" />
        <LanguageButton language={language} words={words} setLanguage={setLanguage} />
      </header>
      <main class="card token-card">
        <h1>{wrong ? words.tokenWrong : words.tokenNeeded}</h1>
        <p>{words.tokenWhy}</p>
        <pre dir="ltr">
          <code>{words.tokenPlace}</code>
        </pre>
        <p class="soft">{words.tokenThen}</p>
      </main>
    </div>
  );
}
