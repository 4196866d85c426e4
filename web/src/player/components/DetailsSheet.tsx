import type { ComponentChildren } from 'preact';
import { hourMinuteSecond, moment, number, size } from '../clock';
import type { Words } from '../i18n/words';
import { hostOf } from '../mirrors';
import type { Caught, EventFacts } from '../state';
import { Sheet } from './Sheet';
import { Icon } from './icons';
import { usePage } from './page-context';

function operatorOf(mirror: string, facts: EventFacts, words: Words): string {
  const listed = facts.mirrors.find(({ id }) => id === mirror);
  return listed === undefined ? words.unlistedMirror : words.operatedBy(listed.operator);
}

const CAUGHT_SENTENCE = { forging: 'noteForging', frozen: 'noteFrozen', stale: 'noteStale' } as const;

function Fact({ name, why, children }: { readonly name: string; readonly why?: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>
        {name}
        {why !== undefined && <small>{why}</small>}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Words in English; in Farsi the same bits as digits. */
function Fingerprint({ facts }: { readonly facts: EventFacts }) {
  const { words } = usePage();
  const rtl = words.dir === 'rtl';
  return (
    <section class="fingerprint">
      <h3>{words.signedBy}</h3>
      <ol dir="ltr" class={rtl ? 'digits' : 'words'}>
        {(rtl ? facts.digits : facts.words).map((part, index) => (
          <li key={index}>{rtl ? part.replace(/\d/g, (digit) => number(Number(digit), words)) : part}</li>
        ))}
      </ol>
      <p class="soft">{words.compareWords}</p>
    </section>
  );
}

function CaughtList({ caught, facts }: { readonly caught: readonly Caught[]; readonly facts: EventFacts }) {
  const { ask, words } = usePage();
  return (
    <section class="caught">
      <h3>{words.caught}</h3>
      {caught.length === 0 ? (
        <p class="soft">{words.caughtNone}</p>
      ) : (
        <>
          <ul>
            {caught.map(({ at, mirror, what }) => (
              <li key={`${at}${mirror}`}>
                <Icon name="warning" />
                <span>
                  {words[CAUGHT_SENTENCE[what]]}
                  <small>{words.atMirror(hostOf(mirror, facts.mirrors), hourMinuteSecond(at, words))}</small>
                </span>
              </li>
            ))}
          </ul>
          <button type="button" class="second" onClick={() => ask.saveEvidence()}>
            {words.evidence}
          </button>
        </>
      )}
    </section>
  );
}

function Facts({ facts }: { readonly facts: EventFacts }) {
  const { state, words } = usePage();
  const view = state.view.value;
  const counters = state.counters.value;
  const engine = state.engine.value;
  const mirror = view?.mirror ?? null;
  const { at } = state.playback.value;
  const delay = at === null || state.mode.value === 'replay' ? null : state.now.value - at;
  return (
    <dl class="facts">
      {mirror !== null && (
        <Fact name={words.mirrorNow} why={operatorOf(mirror, facts, words)}>
          <bdi dir="ltr">{hostOf(mirror, facts.mirrors)}</bdi>
        </Fact>
      )}
      <Fact name={words.mirrorsKnown}>{number(facts.mirrors.length, words)}</Fact>
      {view?.signedAt != null && <Fact name={words.lastSigned}>{moment(view.signedAt, state.now.value, words)}</Fact>}
      {delay !== null && delay >= 0 && delay < 3_600_000 && (
        <Fact name={words.delay} why={words.delayWhy}>
          {words.seconds(number(delay / 1000, words, 1))}
        </Fact>
      )}
      <Fact name={words.checked}>{size(counters.verified, words)}</Fact>
      <Fact name={words.refused} why={words.refusedWhy}>
        {size(counters.refused, words)}
      </Fact>
      <Fact name={words.unverifiedPlayed}>{words.bytes(number(counters.unverifiedPlayed, words))}</Fact>
      {engine !== null && <Fact name={words.engine}>{engine === 'webcrypto' ? words.engineWeb : words.engineNoble}</Fact>}
    </dl>
  );
}

export function DetailsSheet() {
  const { state, words } = usePage();
  const facts = state.facts.value;
  if (facts === null) return null;
  return (
    <Sheet title={words.details}>
      <p class="lead">
        <Icon name="verified" />
        <span>{words.verifiedWhy}</span>
      </p>
      <Fingerprint facts={facts} />
      <CaughtList caught={state.caught.value} facts={facts} />
      <Facts facts={facts} />
    </Sheet>
  );
}
