/** How loud each language is, and where its own sound is laid. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from '../desk';
import { inSeconds, number, plain, typed } from '../../shared/figures';
import { HIGHEST_LUFS, LOWEST_LUFS, TARGETS_LUFS, peaksTooHigh, place } from '../meter';
import { Refusal } from '../../shared/server';
import type { ConsoleState, Language, Levels, OwnSource } from '../state';
import type { Words } from '../words/words';
import { Card, Figure, Named } from '../../shared/components/parts';

const LATEST_MS = 5_000;
const STEP_MS = 10;
/** A position that was sent stands until the state says it, or does not. */
const SENT_FOR_MS = 1_500;

interface LanguagesProps {
  readonly desk: Desk;
  readonly state: ConsoleState;
  readonly words: Words;
}

export function Languages({ desk, state, words }: LanguagesProps) {
  return (
    <Card name={words.languages} id="languages">
      {state.languages.map((language) => (
        <article class="language" key={language.code} data-language={language.code}>
          <h3>
            <Named>{language.name}</Named>
          </h3>
          {!state.copy && <Meter language={language} words={words} />}
          {language.own === null ? <p class="soft">{words.fromProgramme}</p> : <Own language={language} own={language.own} desk={desk} words={words} />}
        </article>
      ))}
    </Card>
  );
}

/** An instrument, not a text: its numbers grow from left to right in every language. */
function Meter({ language, words }: { readonly language: Language; readonly words: Words }) {
  const { momentary, short_term: shortTerm, integrated, true_peak: truePeak } = language.levels;
  return (
    <>
      <div
        class="meter"
        dir="ltr"
        role="meter"
        aria-label={`${words.momentary}, ${language.name}`}
        aria-valuemin={LOWEST_LUFS}
        aria-valuemax={HIGHEST_LUFS}
        aria-valuenow={Math.max(LOWEST_LUFS, momentary ?? LOWEST_LUFS)}
        aria-valuetext={momentary === null ? words.noSound : words.lufs(number(momentary, words))}
      >
        <div class="fill" style={{ clipPath: `inset(0 ${100 - place(momentary)}% 0 0)` }} />
        {TARGETS_LUFS.map((target) => (
          <span key={target} class="target" style={{ insetInlineStart: `${place(target)}%` }} />
        ))}
        {shortTerm !== null && <span class="short" style={{ insetInlineStart: `${place(shortTerm)}%` }} />}
      </div>
      <div class="scale soft" dir="ltr" aria-hidden="true">
        {[LOWEST_LUFS, ...TARGETS_LUFS, HIGHEST_LUFS].map((mark) => (
          <span key={mark} style={{ insetInlineStart: `${place(mark)}%` }}>
            {number(mark, words)}
          </span>
        ))}
      </div>
      <LevelFigures levels={language.levels} words={words} tooHigh={peaksTooHigh(truePeak)} integrated={integrated} />
    </>
  );
}

interface LevelFiguresProps {
  readonly levels: Levels;
  readonly words: Words;
  readonly tooHigh: boolean;
  readonly integrated: number | null;
}

function LevelFigures({ levels, words, tooHigh, integrated }: LevelFiguresProps) {
  const loudness = (value: number | null): string => (value === null ? words.noSound : words.lufs(number(value, words, 1)));
  return (
    <dl class="figures levels">
      <Figure name={words.shortTerm} id="short-term">
        {loudness(levels.short_term)}
      </Figure>
      <Figure name={words.integrated} id="integrated">
        {loudness(integrated)}
      </Figure>
      <Figure name={words.truePeak} id="true-peak" mood={tooHigh ? 'bad' : undefined}>
        {levels.true_peak === null ? words.noSound : words.dbtp(number(levels.true_peak, words, 1))}
        {tooHigh && <span class="too"> {words.tooHigh}</span>}
      </Figure>
    </dl>
  );
}

function Own({ language, own, desk, words }: { readonly language: Language; readonly own: OwnSource; readonly desk: Desk; readonly words: Words }) {
  return (
    <>
      <p class={`status ${own.status}`}>
        <span class="dot" aria-hidden="true" />
        {words.ownSource}: {words.status[own.status] ?? own.status}
        {' · '}
        <span class={own.heard === 'own' ? undefined : 'warn'} data-heard={own.heard}>
          {words.heard[own.heard] ?? own.heard}
        </span>
      </p>
      <Offset language={language} own={own} desk={desk} words={words} />
    </>
  );
}

interface OffsetProps {
  readonly language: Language;
  readonly own: OwnSource;
  readonly desk: Desk;
  readonly words: Words;
}

/** Sends when it is let go; while a hand is on it, the state does not move it. */
function Offset({ language, own, desk, words }: OffsetProps) {
  const [held, setHeld] = useState<number | null>(null);
  const [written, setWritten] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const shown = held ?? own.offset_ms;
  const send = async (offset: number): Promise<void> => {
    setHeld(offset);
    await desk.do('lay', { language: language.code, offset_ms: offset }, `lay ${language.code}`);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setHeld(null), SENT_FOR_MS);
  };
  const set = (): void => {
    const offset = written === null ? null : typed(written, own.earliest_ms, LATEST_MS);
    if (offset === null) desk.problem.value = new Refusal(0, 'number');
    else {
      setWritten(null);
      void send(Math.round(offset));
    }
  };
  const exact = (offset: number): string => words.milliseconds(`${offset > 0 ? '+' : ''}${number(offset, words)}`);
  return (
    <div class="offset">
      <label class="slider">
        <span>
          {words.offset}: <b>{exact(shown)}</b>
        </span>
        <input
          type="range"
          min={own.earliest_ms}
          max={LATEST_MS}
          step={STEP_MS}
          value={shown}
          aria-valuetext={exact(shown)}
          onInput={(event) => setHeld(event.currentTarget.valueAsNumber)}
          onChange={(event) => void send(event.currentTarget.valueAsNumber)}
        />
      </label>
      <p class="ends soft" aria-hidden="true">
        <span>{words.earlier}</span>
        <span>{words.later}</span>
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set();
        }}
      >
        <button type="button" disabled={shown === 0} onClick={() => void send(0)}>
          {words.inStep}
        </button>
        <input
          type="text"
          inputMode="numeric"
          autocomplete="off"
          maxLength={6}
          aria-label={words.exactly}
          value={written ?? plain(shown, words)}
          onInput={(event) => setWritten(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setWritten(null)}
        />
        <span class="soft">{words.milliseconds('').trim()}</span>
        <button type="submit" disabled={written === null}>
          {words.delaySet}
        </button>
      </form>
      {own.earliest_ms > -LATEST_MS && <p class="soft note">{own.earliest_ms < 0 ? words.earliest(inSeconds(-own.earliest_ms, words)) : words.notEarlier}</p>}
    </div>
  );
}
