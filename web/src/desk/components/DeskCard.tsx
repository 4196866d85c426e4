/** What this desk did in its last turn, and how its stores took it. */
import { Card, Figure, Mark, Named } from '../../shared/components/parts';
import { age, number } from '../../shared/figures';
import type { DeskState, DeskTurn } from '../state';
import type { Words } from '../words/words';
import { codeSaid } from '../words/words';

interface DeskCardProps {
  readonly state: DeskState;
  readonly words: Words;
}

export function DeskCard({ state, words }: DeskCardProps) {
  return (
    <Card name={words.desk} id="this-desk">
      {state.desk === null ? <p class="soft">{words.noTurn}</p> : <Turn turn={state.desk} now={Date.parse(state.at)} words={words} />}
    </Card>
  );
}

function Turn({ turn, now, words }: { readonly turn: DeskTurn; readonly now: number; readonly words: Words }) {
  return (
    <>
      <dl class="figures">
        <Figure name={words.lastTurn} id="turn">
          {words.ago(age(Math.max(0, now - turn.at_ms), words))}
        </Figure>
        <Figure name={words.timestamp} id="timestamp">
          {words.version(number(turn.timestamp, words))}
        </Figure>
        <Figure name={words.signedThen} id="signed">
          {turn.signed.length === 0 ? words.nothingSigned : <bdi dir="ltr">{turn.signed.join(', ')}</bdi>}
        </Figure>
      </dl>
      {turn.resting && (
        <p class="warn">
          <Mark mood="warn" />
          {words.resting}
        </p>
      )}
      {turn.stores.length === 0 && <p class="soft">{words.noStores}</p>}
      <ul class="desk-stores">
        {turn.stores.map((store, n) => (
          <li key={n} data-desk-store={n + 1}>
            <Named>{store.name}</Named>{' '}
            {store.ok ? (
              <span class="well">
                <span class="sign on" aria-hidden="true" />
                {words.ok} <span class="soft">{words.files(number(store.written, words))}</span>
              </span>
            ) : (
              <span class="warn">
                <Mark mood="warn" />
                {codeSaid(store.code, words)}
              </span>
            )}
          </li>
        ))}
      </ul>
      {turn.warnings.length > 0 && (
        <article>
          <h3>{words.warnings}</h3>
          {turn.warnings.map((each, n) => (
            <p key={n} data-warning={each.code}>
              <Mark mood="warn" />
              <b>{codeSaid(each.code, words)}</b>{' '}
              <span class="soft english" lang="en" dir="ltr">
                {each.message} {each.hint}
              </span>
            </p>
          ))}
        </article>
      )}
    </>
  );
}
