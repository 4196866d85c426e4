import { number } from '../clock';
import { mostCost, qualityChoices, saverCost, soundOnlyCost } from '../quality';
import { audiosOf, videosOf } from '../multivariant';
import { Choice, Sheet, Switch } from './Sheet';
import { usePage } from './page-context';

export function SoundSheet() {
  const { state, ask, words } = usePage();
  const facts = state.facts.value;
  if (facts === null) return null;
  const spoken = new Set(audiosOf(facts.event).map(({ language }) => language));
  return (
    <Sheet title={words.audioLanguage}>
      <div class="choices" role="radiogroup" aria-label={words.audioLanguage}>
        {facts.event.languages
          .filter(({ code }) => spoken.has(code))
          .map(({ code, name }) => (
            <Choice
              key={code}
              group="sound"
              label={name}
              lang={code}
              chosen={state.audioLanguage.value === code}
              onChoose={() => ask.setAudioLanguage(code)}
            />
          ))}
      </div>
    </Sheet>
  );
}

export function QualitySheet() {
  const { state, ask, words } = usePage();
  const facts = state.facts.value;
  if (facts === null) return null;
  const quality = state.quality.value;
  const free = !state.saver.value && !state.soundOnly.value;
  const cost = (megabytes: number): string => words.perHour(number(megabytes, words));
  const choices = qualityChoices(facts.event);
  const pictures = videosOf(facts.event).length > 0;
  return (
    <Sheet title={words.quality}>
      <div class="choices" role="radiogroup" aria-label={words.quality}>
        <Choice
          group="quality"
          label={words.auto}
          aside={words.upTo(cost(mostCost(facts.event)))}
          chosen={free && quality.kind === 'auto'}
          onChoose={() => ask.setQuality({ kind: 'auto' })}
        />
        {choices.map(({ rendition, height, megabytesPerHour }) => (
          <Choice
            key={rendition}
            group="quality"
            label={words.lines(number(height, words))}
            aside={cost(megabytesPerHour)}
            chosen={free && quality.kind === 'fixed' && quality.rendition === rendition}
            onChoose={() => ask.setQuality({ kind: 'fixed', rendition })}
          />
        ))}
      </div>
      <Switch
        label={words.dataSaver}
        why={`${pictures ? words.dataSaverWhy : words.dataSaverSoundWhy} ${cost(saverCost(facts.event))}`}
        on={state.saver.value}
        onChange={(on) => ask.setSaver(on)}
      />
      {pictures && (
        <Switch
          label={words.audioOnly}
          why={cost(soundOnlyCost(facts.event, state.saver.value))}
          on={state.soundOnly.value}
          onChange={(on) => ask.setSoundOnly(on)}
        />
      )}
    </Sheet>
  );
}
