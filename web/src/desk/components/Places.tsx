/** Every mirror and every store: what it shows to whoever comes from outside. */
import type { ComponentChildren } from 'preact';
import { Card, Figure, Mark, Named } from '../../shared/components/parts';
import { age, number } from '../../shared/figures';
import { known } from '../../shared/words/known';
import type { MirrorSeen } from '../outside';
import { mirrorsSeen, storesSeen } from '../outside';
import type { DeskState, Seen } from '../state';
import type { Words } from '../words/words';
import { codeSaid } from '../words/words';
import { Sign } from './Sign';
import type { PartProps } from './Verdict';

export function Mirrors({ office, state, words }: PartProps) {
  return (
    <Card name={words.mirrors} id="mirrors">
      {state.mirrors.length === 0 && <p class="soft">{words.noMirrors}</p>}
      {mirrorsSeen(state).map((each) => (
        <MirrorRow key={each.mirror.id} {...each} office={office} state={state} words={words} />
      ))}
    </Card>
  );
}

function MirrorRow({ mirror, seen, office, state, words }: MirrorSeen & PartProps) {
  const { id, operator } = mirror;
  const waits = ['withdraw', 'restore', 'remove-mirror'].some((each) => office.pending.value.has(each));
  return (
    <article class="place" data-mirror={id}>
      <header>
        <h3>
          <Named>{operator}</Named>
        </h3>
        <span class="soft kind">
          {known(words.classWords, mirror.class) ?? mirror.class} · {known(words.tierWords, mirror.tier) ?? mirror.tier}
        </span>
      </header>
      <p class="soft url" dir="ltr">
        <bdi>{id}</bdi> · <bdi>{mirror.url}</bdi>
      </p>
      {mirror.withdrawn && (
        <p class="warn">
          <Mark mood="warn" />
          {words.withdrawn}
        </p>
      )}
      {!mirror.signed && <p class="warn">{words.notSigned}</p>}
      {seen !== null ? <Shown seen={seen} state={state} words={words} /> : mirror.class === 'onion' && <p class="soft">{words.onionUnseen}</p>}
      <div class="answers">
        {mirror.withdrawn ? (
          <button type="button" class="strong" data-do="restore" aria-label={words.restoreThis(operator)} aria-haspopup="dialog" aria-busy={waits} onClick={() => office.ask({ kind: 'restore', mirror: id })}>
            {words.restore}
          </button>
        ) : (
          <button type="button" class="strong" data-do="withdraw" aria-label={words.withdrawThis(operator)} aria-haspopup="dialog" aria-busy={waits} onClick={() => office.ask({ kind: 'withdraw', mirror: id })}>
            {words.withdraw}
          </button>
        )}
        <button type="button" class="quiet" data-do="remove-mirror" aria-label={words.removeThis(operator)} aria-haspopup="dialog" aria-busy={waits} onClick={() => office.ask({ kind: 'remove-mirror', mirror: id })}>
          {words.remove}
        </button>
      </div>
    </article>
  );
}

export function Stores({ state, words }: Pick<PartProps, 'state' | 'words'>) {
  const stores = storesSeen(state);
  if (stores.length === 0) return null;
  return (
    <Card name={words.storesOutside} id="outside">
      {stores.map((seen, n) => (
        <article class="place" key={n} data-store={n + 1}>
          <h3>
            <Named>{seen.name}</Named>
          </h3>
          <Shown seen={seen} state={state} words={words} />
        </article>
      ))}
    </Card>
  );
}

const MOODS = { on: undefined, late: 'warn', ended: undefined, wrong: 'bad', away: 'warn', unseen: undefined } as const;

/** What it showed. Numbers of a place that cannot be read any more are old, and still say when it went. */
function Shown({ seen, state, words }: { readonly seen: Seen; readonly state: DeskState; readonly words: Words }) {
  const looked = seen.at_ms === null ? null : words.looked(age(Math.max(0, Date.parse(state.at) - seen.at_ms), words));
  return (
    <>
      <p class={`shows ${MOODS[seen.state] ?? ''}`} data-state={seen.state}>
        <Sign state={seen.state} />
        <b>{known(words.placeState, seen.state) ?? seen.state}</b>
        {seen.code !== '' && <span>: {codeSaid(seen.code, words)}</span>} {looked !== null && <span class="soft">{looked}</span>}
      </p>
      {seen.tick !== null && (
        <dl class="figures">
          <Figure name={words.tick} id="tick">
            {number(seen.tick, words)}
          </Figure>
          <Figure name={words.lastSigned} id="age" mood={seen.state === 'late' ? 'warn' : undefined}>
            {seen.age_ms === null ? '–' : words.ago(age(Math.max(0, seen.age_ms), words))}
          </Figure>
          <Figure name={words.rank} id="rank">
            {number(seen.rank, words)}
          </Figure>
          <Figure name={words.segment} id="weighed" mood={seen.weighed === false ? 'bad' : undefined}>
            {weighedSaid(seen.weighed, words)}
          </Figure>
        </dl>
      )}
    </>
  );
}

function weighedSaid(weighed: boolean | null, words: Words): ComponentChildren {
  if (weighed === null) return words.weighedNever;
  return weighed ? words.weighed : words.weighedNot;
}
