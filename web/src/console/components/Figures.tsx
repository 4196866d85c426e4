/** How the broadcast runs, in a row of numbers. */
import { NOTHING, age, inSeconds, number, span } from '../../shared/figures';
import type { ConsoleState } from '../state';
import type { Words } from '../words/words';
import { Figure } from '../../shared/components/parts';

/** Slower than this, encoding falls behind: the alarm of the same name comes ten seconds later. */
const SLOW = 0.98;
const LATE_MS = 1_000;

interface FiguresProps {
  readonly state: ConsoleState;
  readonly words: Words;
}

export function Figures({ state, words }: FiguresProps) {
  const { programme, publisher } = state;
  const slow = programme.speed !== null && programme.speed < SLOW;
  return (
    <dl class="figures row">
      <Figure name={words.tick} id="tick">
        {number(publisher.tick, words)}
      </Figure>
      <Figure name={words.signingDelay} id="delay">
        {inSeconds(publisher.delay_ms, words)}
      </Figure>
      <Figure name={words.lastSigned} id="signed">
        {publisher.age_ms === null ? NOTHING : words.ago(age(publisher.age_ms, words))}
      </Figure>
      <Figure name={words.encoderSpeed} id="speed" mood={slow ? 'warn' : undefined}>
        {programme.speed === null ? NOTHING : words.times(number(programme.speed, words, 2))}
      </Figure>
      <Figure name={words.dropped} id="dropped" mood={programme.dropped > 0 ? 'warn' : undefined}>
        {number(programme.dropped, words)}
      </Figure>
      {programme.late_ms > LATE_MS && (
        <Figure name={words.late} mood="warn">
          {inSeconds(programme.late_ms, words)}
        </Figure>
      )}
      <Figure name={words.ranFor}>{span(publisher.programme_s, words)}</Figure>
      <Figure name={words.plannedEnd}>{plannedEnd(state, words)}</Figure>
    </dl>
  );
}

function plannedEnd({ at, event }: ConsoleState, words: Words): string {
  const left = (event.end_ms - Date.parse(at)) / 1000;
  return left >= 0 ? words.plannedIn(span(left, words)) : words.plannedPast(span(-left, words));
}
