/** Whose fault is it? A table, so that it can be argued with (spec/client.md, M6 to M9). Twin of blame.py. */
import { FORGING_STRIKES } from '../limits';
import type { Context } from './context';
import type { Kind } from './mirrors';
import type { Request } from './requests';
import type { Failure } from './types';

const NETWORK: ReadonlySet<Failure> = new Set<Failure>(['network', 'timeout']);
const REFUSED: ReadonlySet<Failure> = new Set<Failure>(['mismatch', 'bad-signature', 'malformed', 'long']);
export const FORGED: ReadonlySet<Failure> = new Set<Failure>(['mismatch', 'bad-signature']);
export const NOT_FOUND: ReadonlySet<number> = new Set([404, 410]);

export interface Circumstance {
  readonly received: number;
  readonly excused: boolean;
}

/** Note what was refused; strike the mirror, unless the failure is excused. */
export function blame(context: Context, request: Request, how: Failure, { received, excused }: Circumstance): void {
  const { mirror, target, purpose } = request;
  context.lastFault = how;
  if (REFUSED.has(how)) {
    context.refusals += 1;
    context.refusedBytes += Math.max(received, request.bytes);
    context.note('refusal', { mirror, code: how });
  }
  const { proven } = context.board.standing(mirror);
  if (excused || (purpose === 'poll' && !NETWORK.has(how) && proven)) return;
  if (FORGED.has(how)) suspect(context, request);
  const penalty = context.board.fault(mirror, target.kind, how, context.mono);
  if (penalty > 0) context.note('penalty', { mirror, code: how, ms: penalty });
}

/** M9 forging: twice, the second time on a fresh connection, while another mirror verifies. */
function suspect(context: Context, { mirror, target, fresh }: Request): void {
  const standing = context.board.standing(mirror);
  if (standing.forged === 0) {
    standing.forged = 1;
    standing.forgedAt = context.mono;
  } else if (fresh) {
    standing.forged += 1;
  }
  if (standing.forged >= FORGING_STRIKES && anotherVerified(context, mirror, target.kind)) context.catch(mirror, 'forging');
}

/** Has another mirror given what verifies since this one first did not? */
export function anotherVerified({ board }: Context, mirror: string, kind: Kind): boolean {
  const since = board.standing(mirror).forgedAt;
  return board.ranked.some(({ id }) => id !== mirror && (board.standing(id).verifiedAt.get(kind) ?? -1) >= since);
}
