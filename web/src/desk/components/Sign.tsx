/** A shape for each state, beside its words: full and round is well, a triangle is late, an octagon is wrong, hollow is unknown. */
import { Mark } from '../../shared/components/parts';
import type { Standing } from '../outside';
import type { PlaceState } from '../state';

export function Sign({ state }: { readonly state: Standing | PlaceState }) {
  if (state === 'late' || state === 'away') return <Mark mood="warn" />;
  if (state === 'wrong' || state === 'off') return <Mark mood="bad" />;
  return <span class={`sign ${state}`} aria-hidden="true" />;
}
