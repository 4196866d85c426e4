/** What a person is asked before it is done, and whether what they typed is what was asked for. */
import { latinDigits } from '../shared/figures';
import type { DeskState, LiveKey, Mirror } from './state';

export type Asking =
  | { readonly kind: 'withdraw' | 'restore' | 'remove-mirror'; readonly mirror: string }
  | { readonly kind: 'revoke'; readonly keyid: string }
  | { readonly kind: 'add-live-key' }
  | { readonly kind: 'release-root'; readonly version: number };

/** What a question is about, as it stands now. */
export type Subject =
  | { readonly kind: 'withdraw' | 'restore' | 'remove-mirror'; readonly mirror: Mirror }
  | { readonly kind: 'revoke'; readonly key: LiveKey; readonly isLast: boolean }
  | { readonly kind: 'add-live-key' }
  | { readonly kind: 'release-root'; readonly version: number };

/** Null where there is nothing left to ask: somebody else was quicker. */
export function subjectOf(asking: Asking, state: Pick<DeskState, 'mirrors' | 'live_keys' | 'sealed_root'>): Subject | null {
  switch (asking.kind) {
    case 'add-live-key':
      return asking;
    case 'release-root':
      return state.sealed_root === asking.version ? asking : null;
    case 'revoke': {
      const key = state.live_keys.find(({ keyid, revoked }) => keyid === asking.keyid && !revoked);
      if (key === undefined) return null;
      return { kind: 'revoke', key, isLast: state.live_keys.every((each) => each.revoked || each === key) };
    }
    default: {
      const mirror = state.mirrors.find(({ id }) => id === asking.mirror);
      if (mirror === undefined) return null;
      const isDone = (asking.kind === 'withdraw' && mirror.withdrawn) || (asking.kind === 'restore' && !mirror.withdrawn);
      return isDone ? null : { kind: asking.kind, mirror };
    }
  }
}

/** What has to be typed, letter by letter; null where a press is enough. */
export function wantedOf(subject: Subject): string | null {
  if (subject.kind === 'revoke') return subject.key.keyid;
  return subject.kind === 'release-root' ? String(subject.version) : null;
}

/** The whole of it, on whatever keyboard. */
export const isTyped = (text: string, wanted: string): boolean => latinDigits(text.trim()).toLowerCase() === wanted.toLowerCase();
