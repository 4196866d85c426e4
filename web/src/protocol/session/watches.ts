/** What is asked for whether the player waits or not: revocations and the timestamp (spec/client.md, S9). Twin of watches.py. */
import {
  ENDED_POLL_MS,
  FETCH_EVERY_MS,
  REVOKED_MAX_BYTES,
  REVOKED_POLL_MS,
  REVOKED_START_MIRRORS,
  TIMESTAMP_MAX_BYTES,
  TIMESTAMP_POLL_JITTER,
  TIMESTAMP_POLL_MS,
  WATCH_TRIES,
} from '../limits';
import type { Context } from './context';
import type { Request, Target } from './requests';

/** One document that is asked for again and again, in turn over the set. */
interface Watch {
  readonly target: Target;
  readonly everyMs: number;
  readonly jitterPercent: number;
  nextAt: number;
  atOnce: number;
  turn: number;
  tries: number;
  asked: string[];
}

const document = (kind: Target['kind'], path: string, maxBytes: number): Target => {
  return { kind, path, maxBytes, rendition: null, digest: null, size: null, nominalMs: 0 };
};

/** `revoked.json` and `timestamp.json`. */
export class Watches {
  private readonly watches = new Map<string, Watch>();

  constructor(private readonly context: Context) {}

  /** The first trust documents are here: revocations at once, from two mirrors; the timestamp in a while. */
  begin(): void {
    const nextAt = this.context.mono;
    const state = { nextAt, atOnce: 1, turn: 0, tries: 0, asked: [] };
    const revoked = document('revoked', 'live/revoked.json', REVOKED_MAX_BYTES);
    this.watches.set('revoked', { ...state, target: revoked, everyMs: REVOKED_POLL_MS, jitterPercent: 0, atOnce: REVOKED_START_MIRRORS });
    const timestamp = document('timestamp', 'trust/timestamp.json', TIMESTAMP_MAX_BYTES);
    const jitterPercent = Math.round(TIMESTAMP_POLL_JITTER * 100);
    const watch: Watch = { ...state, target: timestamp, everyMs: TIMESTAMP_POLL_MS, jitterPercent };
    this.watches.set('timestamp', watch);
    this.schedule(watch, false);
  }

  /** After a suspension a revocation may be waiting. */
  restart(): void {
    for (const watch of this.watches.values()) watch.nextAt = this.context.mono;
  }

  /** Ask for what is due; more seldom after ENDED, and no more when that too is long ago. */
  drive(ended: boolean, over: boolean): void {
    for (const watch of this.watches.values()) {
      if (over || this.context.mono < watch.nextAt) continue;
      watch.asked = [];
      watch.tries = WATCH_TRIES;
      const { atOnce } = watch;
      for (let n = 0; n < atOnce; n += 1) this.ask(watch);
      watch.atOnce = 1;
      this.schedule(watch, ended);
    }
  }

  /** When something is due next. */
  dueAt(over: boolean): number[] {
    return over ? [] : [...this.watches.values()].map(({ nextAt }) => nextAt);
  }

  private schedule(watch: Watch, ended: boolean): void {
    const every = ended ? Math.max(watch.everyMs, ENDED_POLL_MS) : watch.everyMs;
    const wait = watch.jitterPercent > 0 ? this.context.chance.jitter(every, watch.jitterPercent) : every;
    watch.nextAt = this.context.mono + wait;
  }

  /** The next of the set in turn; in want of a free one, whoever is first. */
  private ask(watch: Watch): void {
    const { board, mono } = this.context;
    const free = board.sticky(mono).flatMap(({ id }) => (board.isFree(id, mono) ? [id] : []));
    const names = free.length > 0 ? free : board.order('playlist', mono);
    const left = names.filter((name) => !watch.asked.includes(name));
    const mirror = left[watch.turn % left.length];
    if (mirror === undefined || watch.tries === 0) return;
    watch.turn += 1;
    watch.tries -= 1;
    watch.asked.push(mirror);
    if (this.context.launch(watch.target, mirror, 'poll') === null) {
      watch.nextAt = Math.min(watch.nextAt, mono + FETCH_EVERY_MS);
    }
  }

  /** Another mirror, at once, but not all of them. */
  onFailed(request: Request): void {
    const watch = this.watches.get(request.target.kind);
    if (watch !== undefined && request.purpose === 'poll') this.ask(watch);
  }
}
