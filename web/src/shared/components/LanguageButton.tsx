import type { CommonWords } from '../words/en';
import type { UiLanguage } from '../words/words';

interface LanguageButtonProps {
  readonly language: UiLanguage;
  readonly words: CommonWords;
  readonly setLanguage: (language: UiLanguage) => void;
}

/** There are two: the button names the other one, in its own words. */
export function LanguageButton({ language, words, setLanguage }: LanguageButtonProps) {
  const other = language === 'en' ? 'fa' : 'en';
  return (
    <button type="button" class="quiet language" lang={other} onClick={() => setLanguage(other)}>
      {words.otherName}
    </button>
  );
}
