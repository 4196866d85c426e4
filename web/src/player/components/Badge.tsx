import { moment, span } from '../clock';
import { badgeOf, behindMs, waitingSentence } from '../reading';
import { usePage } from './page-context';

/** Live, or exactly why not. Announced in one place, and not each second. */
export function Badge({ announced = false }: { readonly announced?: boolean }) {
  const { state, words } = usePage();
  const badge = badgeOf(state);
  const { at, to } = state.playback.value;
  const now = state.now.value;
  const signedAt = state.view.value?.signedAt ?? to;
  const text = {
    live: words.live,
    behind: words.behind(span(behindMs(state.playback.value) ?? 0, words)),
    unconfirmed: words.unconfirmed(moment(signedAt, now, words)),
    nothingNewer: words[waitingSentence(state)],
    cutOff: words.cutOff(moment(to || signedAt, now, words)),
    ended: words.ended,
    replay: at === null ? words.replay : words.replayOf(moment(at, now, words)),
    none: '',
  }[badge];
  if (text === '') return null;
  return (
    <span class={`badge badge-${badge}`} role={announced && badge !== 'behind' && badge !== 'replay' ? 'status' : undefined}>
      {badge === 'live' && <span class="dot" />}
      {text}
    </span>
  );
}
