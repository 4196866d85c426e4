/** The state of an event as its desk sees it: docs/reference/desk.md names every member. */
import type { AnyState } from '../shared/state';

export type Verdict = 'on' | 'late' | 'ended' | 'off';
export type PlaceState = 'on' | 'late' | 'ended' | 'wrong' | 'away' | 'unseen';

/** What one place showed last, as a viewer would have seen it. */
export interface Seen {
  readonly name: string;
  readonly kind: 'mirror' | 'store';
  readonly state: PlaceState;
  readonly tick: number | null;
  readonly rank: number | null;
  readonly issued_ms: number | null;
  readonly age_ms: number | null;
  readonly ended: boolean;
  readonly weighed: boolean | null;
  readonly at_ms: number | null;
  readonly code: string;
  readonly message: string;
}

export interface Mirror {
  readonly id: string;
  readonly url: string;
  readonly operator: string;
  readonly class: string;
  readonly tier: string;
  readonly signed: boolean;
  readonly withdrawn: boolean;
}

export interface LiveKey {
  readonly rank: number;
  readonly name: string;
  readonly keyid: string;
  readonly revoked: boolean;
  readonly sealed: boolean;
}

export interface DeskStore {
  readonly name: string;
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
  readonly written: number;
}

export interface DeskTurn {
  readonly at_ms: number;
  readonly signed: readonly string[];
  readonly timestamp: number;
  readonly resting: boolean;
  readonly stores: readonly DeskStore[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly hint: string }[];
}

export interface DeskState extends AnyState {
  readonly on_air: Verdict;
  readonly seen: readonly Seen[];
  readonly mirrors: readonly Mirror[];
  readonly live_keys: readonly LiveKey[];
  readonly sealed_root: number | null;
  readonly desk: DeskTurn | null;
}
