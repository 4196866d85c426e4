/** Which standing warnings hold: a reading of what is known, so that each can be tested without its trouble. */
import type { Fortune } from '../io/driver';
import type { SessionView } from '../protocol/session/types';
import type { Trouble } from './opening';
import type { Warning } from './state';

export interface Circumstances {
  readonly view: SessionView | null;
  /** Why the event does not open yet. */
  readonly trouble: Trouble | null;
  readonly fortune: Fortune | null;
  /** Roles whose documents have expired by this device's clock. */
  readonly expired: readonly string[];
  readonly lineSlow: boolean;
  readonly online: boolean;
  /** An engine broke just now, and is being built anew. */
  readonly faulty: boolean;
  readonly wall: number;
  readonly mono: number;
}

const CLOCK_OFF_MS = 60_000;
/** Nothing verified for this long, with failures all the while: say so. */
const NO_LUCK_MS = 6_000;
const NO_LUCK_FAILURES = 4;

export function warningsOf(circumstances: Circumstances): Warning[] {
  const { view, lineSlow, online, faulty } = circumstances;
  const found: Warning[] = [];
  if (view?.twoVersions === true) found.push('twoVersions');
  if (faulty) found.push('playerFault');
  const luck = luckOf(circumstances);
  if (luck !== null) found.push(online ? luck : 'offline');
  if (clockIsWrong(circumstances)) found.push('clockWrong');
  else if (trustIsOld(circumstances)) found.push('trustOld');
  if (lineSlow) found.push('lineSlow');
  return found;
}

/** Signed in the future, or agreed live by mirrors of different operators while this clock says otherwise. */
function clockIsWrong({ view, wall }: Circumstances): boolean {
  if (view?.signedAt == null) return false;
  const ahead = view.signedAt - wall;
  return ahead > CLOCK_OFF_MS || (view.status === 'live' && Math.abs(ahead) > CLOCK_OFF_MS);
}

/** Roster and steering may expire: weights are then equal, and nothing else changes. */
const trustIsOld = ({ expired }: Circumstances): boolean => expired.some((role) => role !== 'roster' && role !== 'steering');

function luckOf({ trouble, fortune, mono }: Circumstances): 'noMirror' | 'loginNetwork' | null {
  if (trouble === 'noMirror' || trouble === 'loginNetwork') return trouble;
  if (fortune === null || fortune.failures < NO_LUCK_FAILURES || mono - fortune.verifiedAt < NO_LUCK_MS) return null;
  return fortune.webPages * 2 > fortune.failures ? 'loginNetwork' : 'noMirror';
}
