import { DICTIONARIES, isUiLanguage } from '../i18n/words';
import type { Words } from '../i18n/words';
import { Choice, Sheet, Switch } from './Sheet';
import { usePage } from './page-context';

const keys = (words: Words): readonly (readonly [string, string])[] => [
  ['space', words.keyPlay],
  ['m', words.keyMute],
  ['f', words.keyFull],
  ['↑ ↓', words.keyVolume],
  ['← →', words.keySeek],
  ['l', words.keyLive],
  ['c', words.keyAudio],
  ['p', words.keyPicture],
  ['d', words.keyDetails],
  ['?', words.keyHelp],
];

export function SettingsSheet() {
  const { state, ask, words } = usePage();
  return (
    <Sheet title={words.settings}>
      <h3>{words.pageLanguage}</h3>
      <div class="choices" role="radiogroup" aria-label={words.pageLanguage}>
        {Object.keys(DICTIONARIES)
          .filter(isUiLanguage)
          .map((language) => (
            <Choice
              key={language}
              group="language"
              label={DICTIONARIES[language].name}
              lang={language}
              chosen={state.language.value === language}
              onChoose={() => ask.setLanguage(language)}
            />
          ))}
      </div>
      <Switch
        label={words.noTrace}
        why={`${words.noTraceWhy} ${words.noTraceCost}`}
        on={state.noTrace.value}
        onChange={(on) => ask.setNoTrace(on)}
      />
      <Switch label={words.volunteers} why={words.volunteersWhy} on={state.volunteers.value} onChange={(on) => ask.setVolunteers(on)} />
      <h3 class="keys-title">{words.keyboard}</h3>
      <dl class="keys">
        {keys(words).map(([key, does]) => (
          <div key={key}>
            <dt dir="ltr">
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
