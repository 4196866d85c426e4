/** The one sentence that everybody opens this page for. */
import { number, span } from '../../shared/figures';
import { countOf, standingOf } from '../outside';
import type { Office } from '../office';
import type { DeskState } from '../state';
import type { Words } from '../words/words';
import { Sign } from './Sign';

export interface PartProps {
  readonly office: Office;
  readonly state: DeskState;
  readonly words: Words;
}

export function Verdict({ office, state, words }: PartProps) {
  const standing = office.isAway ? null : standingOf(state);
  const [mirrors, stores] = [countOf('mirror', state), countOf('store', state)];
  return (
    <section class={`verdict ${standing ?? 'unknown'}`} data-standing={standing ?? 'unknown'}>
      <p class="big" role="status">
        <Sign state={standing ?? 'looking'} />
        <span>{standing === null ? words.lostOnAir : words.standing[standing]}</span>
      </p>
      <p class="counts">
        {mirrors.of > 0 ? <b>{words.mirrorsShow(number(mirrors.showing, words), number(mirrors.of, words))}</b> : state.mirrors.length === 0 && <b>{words.noMirrors}</b>}
        {stores.of > 0 && <span>{words.storesShow(number(stores.showing, words), number(stores.of, words))}</span>}
        <span class="soft">{planned(state, words)}</span>
      </p>
      {standing !== null && <p class="soft">{words.standingHelps[standing]}</p>}
    </section>
  );
}

function planned({ at, event }: DeskState, words: Words): string {
  const now = Date.parse(at);
  const said = (ms: number): string => span(ms / 1000, words);
  if (now < event.start_ms) return words.plannedBegins(said(event.start_ms - now));
  return now <= event.end_ms ? words.plannedEnds(said(event.end_ms - now)) : words.plannedOver(said(now - event.end_ms));
}
