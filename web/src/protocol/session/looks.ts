/** A second look, on a fresh connection, at a mirror that gave what does not verify (spec/client.md, M9). Twin of looks.py. */
import { LOOK_EVERY_MS } from '../limits';
import { anotherVerified } from './blame';
import type { Context } from './context';
import type { Request, Target } from './requests';

/** At most one look at a mirror in a while, and only once another mirror has given what verifies. */
export class Looks {
  private readonly wanted = new Map<string, Target>();

  constructor(private readonly context: Context) {}

  /** This request brought what does not verify. */
  consider({ mirror, purpose, target }: Request): void {
    if (purpose === 'look' || (target.kind !== 'file' && target.kind !== 'playlist')) return;
    const last = this.context.board.standing(mirror).lookedAt;
    if (last !== null && this.context.mono - last < LOOK_EVERY_MS) return;
    if (!this.wanted.has(mirror)) this.wanted.set(mirror, target);
  }

  /** Look, when it can tell something and the line can bear it. */
  drive(): void {
    const { context } = this;
    for (const [mirror, target] of [...this.wanted]) {
      if (context.lineSlow || context.isAudioOnly(target.rendition ?? '')) continue;
      if (!anotherVerified(context, mirror, target.kind)) continue;
      this.wanted.delete(mirror);
      context.board.standing(mirror).lookedAt = context.mono;
      context.launch(target, mirror, 'look');
    }
  }

  /** It was a flipped bit, not a lie. */
  onVerified({ mirror, purpose }: Request): void {
    if (purpose === 'look') this.context.board.standing(mirror).forged = 0;
  }
}
