/** The delay, and throwing away what it holds. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Desk } from '../desk';
import { plain, typed } from '../../shared/figures';
import { Refusal } from '../../shared/server';
import type { ConsoleState } from '../state';
import type { Words } from '../words/words';

const LONGEST_DELAY_S = 60;

interface SwitchesProps {
  readonly desk: Desk;
  readonly state: ConsoleState;
  readonly words: Words;
}

export function Switches({ desk, state, words }: SwitchesProps) {
  return (
    <div class="switches">
      <Dump desk={desk} words={words} />
      <Delay desk={desk} delayS={state.delay_s} words={words} />
    </div>
  );
}

/** Asks once; the answer that is right most often has the focus, so that two presses of Enter are enough. */
function Dump({ desk, words }: Pick<SwitchesProps, 'desk' | 'words'>) {
  const [asks, setAsks] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const door = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  // at once, not after the next picture: the key that comes then must find it
  useLayoutEffect(() => {
    if (asks) first.current?.focus();
    else if (asked.current) door.current?.focus();
    asked.current = asks;
  }, [asks]);
  const close = (): void => setAsks(false);
  const choose = (refill: boolean): void => {
    void desk.do('dump', { refill });
    close();
  };
  if (!asks) {
    return (
      <div class="dump">
        <button type="button" ref={door} class="strong" title={words.dumpWhat} aria-busy={desk.pending.value.has('dump')} onClick={() => setAsks(true)}>
          {words.dump}
        </button>
        <p class="said" role="status">
          {desk.note.value}
        </p>
      </div>
    );
  }
  return (
    <div class="dump asks" role="group" aria-labelledby="dump-asks" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <p id="dump-asks">{words.dumpAsk}</p>
      <div class="answers">
        <button type="button" ref={first} class="strong" data-answer="refill" onClick={() => choose(true)}>
          {words.dumpRefill}
        </button>
        <button type="button" class="strong" data-answer="go-on" onClick={() => choose(false)}>
          {words.dumpGoOn}
        </button>
        <button type="button" class="quiet" onClick={close}>
          {words.dumpNot}
        </button>
      </div>
    </div>
  );
}

/** What is written stands until it is set or taken back: the state does not write over a person's shoulder. */
function Delay({ desk, delayS, words }: { readonly desk: Desk; readonly delayS: number; readonly words: Words }) {
  const [written, setWritten] = useState<string | null>(null);
  const seconds = written === null ? delayS : typed(written, 0, LONGEST_DELAY_S);
  const changes = seconds !== null && seconds !== delayS;
  const set = async (): Promise<void> => {
    if (seconds === null) {
      desk.problem.value = new Refusal(0, 'number');
    } else if (!changes || (await desk.do('delay', { ms: Math.round(seconds * 1000) }))) {
      setWritten(null);
    }
  };
  return (
    <form
      class="delay"
      onSubmit={(event) => {
        event.preventDefault();
        void set();
      }}
    >
      <label>
        <span>{words.delay}</span>
        <input
          type="text"
          inputMode="decimal"
          autocomplete="off"
          maxLength={6}
          value={written ?? plain(delayS, words)}
          aria-invalid={seconds === null}
          onInput={(event) => setWritten(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setWritten(null)}
        />
      </label>
      <span class="soft">{words.seconds('').trim()}</span>
      <button type="submit" disabled={written === null} aria-busy={desk.pending.value.has('delay')}>
        {words.delaySet}
      </button>
      {changes && <p class="said">{seconds > delayS ? words.delayLonger : words.delayShorter}</p>}
    </form>
  );
}
