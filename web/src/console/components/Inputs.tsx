/** What comes in, and which of it is on the air. */
import type { Desk } from '../desk';
import { NOTHING, inSeconds, number, plain, span } from '../../shared/figures';
import type { ConsoleState, Door, Input } from '../state';
import { canBeChosen, onAirOf, tooFewKeyFrames } from '../state';
import { known } from '../../shared/words/known';
import type { Words } from '../words/words';
import { inputName } from '../words/words';
import { Card, Figure, Mark, Named } from '../../shared/components/parts';

interface InputsProps {
  readonly desk: Desk;
  readonly state: ConsoleState;
  readonly words: Words;
}

export function Inputs({ desk, state, words }: InputsProps) {
  if (state.inputs.length === 0) return null;
  return (
    <Card name={words.inputs} id="inputs">
      {state.inputs.map((input) => (
        <InputRow key={`${input.language} ${input.name}`} input={input} desk={desk} state={state} words={words} />
      ))}
      {state.programme.messages.length > 0 && (
        <details>
          <summary>{words.messages}</summary>
          <ul class="messages" lang="en" dir="ltr">
            {state.programme.messages.map((message, n) => (
              <li key={n}>{message}</li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}

function InputRow({ input, desk, state, words }: InputsProps & { readonly input: Input }) {
  const name = inputName(input, state.languages, words);
  return (
    <article class={input.on_air ? 'input live' : 'input'} data-input={input.name} data-status={input.status}>
      <header>
        <h3>
          <Named>{name}</Named> <span class="protocol">{input.protocol}</span>
        </h3>
        {input.on_air && <Tally state={state} words={words} />}
        {canBeChosen(input) && (
          <button
            type="button"
            class="choose"
            aria-label={words.putThisOnAir(name)}
            aria-busy={desk.pending.value.has(`choose ${input.name}`)}
            onClick={() => void desk.do('choose', { input: input.name }, `choose ${input.name}`)}
          >
            {words.putOnAir}
          </button>
        )}
      </header>
      <p class={`status ${input.status}`}>
        <span class="dot" aria-hidden="true" />
        {words.status[input.status] ?? input.status}
        {input.protocol === 'test' && <span class="soft"> · {words.madeHere}</span>}
      </p>
      {input.protocol !== 'test' && <Arriving input={input} words={words} />}
      {input.door !== null && <DoorLine door={input.door} words={words} />}
    </article>
  );
}

/** Red only while its picture goes out: behind the slate it is merely the one that would. */
function Tally({ state, words }: { readonly state: ConsoleState; readonly words: Words }) {
  const out = onAirOf(state) === 'air';
  return (
    <span class={out ? 'tally' : 'tally behind'}>
      {out ? words.onAirNow : words.chosen}
      {state.input.held && ` · ${words.held}`}
    </span>
  );
}

function Arriving({ input, words }: { readonly input: Input; readonly words: Words }) {
  const rare = tooFewKeyFrames(input);
  return (
    <>
      <dl class="figures">
        <Figure name={words.bitrate} id="kbps">
          {words.kbps(number(input.kbps, words))}
        </Figure>
        {input.language === null && (
          <>
            <Figure name={words.keyInterval} id="key-interval" mood={rare ? 'warn' : undefined}>
              {input.key_interval_s === null ? NOTHING : words.seconds(number(input.key_interval_s, words, 1))}
            </Figure>
            <Figure name={words.picture}>
              {input.width === null || input.height === null ? NOTHING : <bdi dir="ltr">{`${plain(input.width, words)}×${plain(input.height, words)}`}</bdi>}
            </Figure>
            <Figure name={words.frameRate}>{input.frame_rate === null ? NOTHING : words.perSecond(number(input.frame_rate, words, Number.isInteger(input.frame_rate) ? 0 : 2))}</Figure>
          </>
        )}
        <Figure name={words.codecs}>
          <bdi dir="ltr">{input.codecs.join(', ') || NOTHING}</bdi>
        </Figure>
        <Figure name={words.faults} id="faults" mood={input.faults > 0 ? 'warn' : undefined}>
          {number(input.faults, words)}
        </Figure>
        {input.opened > 1 && <Figure name={words.opened}>{words.openedTimes(number(input.opened, words))}</Figure>}
        {input.door !== null && input.door.round_trip_ms !== null && <Figure name={words.roundTrip}>{words.milliseconds(number(input.door.round_trip_ms, words))}</Figure>}
        {input.delay_s > 0 && <Figure name={words.heldNow}>{words.heldOf(number(input.held_s, words, 1), inSeconds(input.delay_s * 1000, words))}</Figure>}
      </dl>
      {rare && <p class="mend">{words.keyMend}</p>}
    </>
  );
}

function DoorLine({ door, words }: { readonly door: Door; readonly words: Words }) {
  const refused = Object.entries(door.refused).filter(([, count]) => count > 0);
  const ends = door.key_left_s < 86_400;
  return (
    <div class="door soft">
      <p>
        {door.open ? words.someoneSends : words.nobodySends}
        {' · '}
        <span class={ends ? 'warn' : undefined}>
          {ends && <Mark mood={door.key_left_s <= 0 ? 'bad' : 'warn'} />}
          {door.key_left_s <= 0 ? words.keyEnded : words.keyEnds(span(door.key_left_s, words))}
        </span>
      </p>
      {door.lost > 0 && (
        <p class="warn">
          {words.doorLost}: {number(door.lost, words)}
        </p>
      )}
      {refused.length > 0 && (
        <p>
          {words.turnedAway}:{' '}
          {refused.map(([reason, count], n) => (
            <span key={reason}>
              {n > 0 && words.comma}
              {known(words.turnedAwayWords, reason) ?? reason} {number(count, words)}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
