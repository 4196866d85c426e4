import type { UiLanguage } from '../words/words';
import { DICTIONARIES } from '../words/words';

interface LanguageButtonProps {
  readonly language: UiLanguage;
  readonly setLanguage: (language: UiLanguage) => void;
}

/** There are two: the button names the other one, in its own words. */
export function LanguageButton({ language, setLanguage }: LanguageButtonProps) {
  const other = language === 'en' ? 'fa' : 'en';
  return (
    <button type="button" class="quiet language" lang={other} onClick={() => setLanguage(other)}>
      {DICTIONARIES[language].otherName}
    </button>
  );
}
