/** Whom to ask for a live playlist, and when: in time, late, hedged, in rounds (spec/client.md, S2, S4, M5, M10). Twin of asking.py. */
import {
  ENDED_POLL_MS,
  FETCH_EVERY_MS,
  REASK_AGAIN_SEGMENTS,
  RETRY_MAX_MS,
  ROUND_MIRRORS,
  START_MIRRORS,
  STICKY_MIRRORS,
} from '../limits';
import type { Context } from './context';
import type { Poll } from './poll';
import type { Purpose } from './requests';

/** How polls turn into requests. */
export class Asking {
  endedUntil: number | null = null;

  constructor(private readonly context: Context) {}

  /** Is the held playlist the last one? */
  isEnded(poll: Poll): boolean {
    return this.context.belief?.held.get(poll.rendition)?.playlist.ended ?? false;
  }

  /** S4: after ENDED it is asked for all the same, for half an hour, since ENDED may be a thief's. */
  isWanted(poll: Poll): boolean {
    if (this.isEnded(poll)) return this.endedUntil !== null && this.context.mono < this.endedUntil;
    return poll.wants.size > 0;
  }

  /** Ask, if it is time. */
  askIfDue(poll: Poll): void {
    const now = this.context.mono;
    if (poll.answers !== null || !this.isWanted(poll)) return;
    const lateAt = this.lateAt(poll);
    const hedgeAt = this.hedgeAt(poll);
    if (lateAt !== null && now >= lateAt) this.beLate(poll);
    else if (poll.reqs.length === 0) {
      if (now >= poll.nextAt) this.ask(poll, 'play');
    } else if (hedgeAt !== null && now >= hedgeAt) this.ask(poll, 'hedge');
  }

  /** When something is due next. */
  dueAt(poll: Poll): number[] {
    if (poll.answers !== null) return poll.closeAt === null ? [] : [poll.closeAt];
    if (!this.isWanted(poll)) return [];
    const moments = [this.lateAt(poll), this.hedgeAt(poll), poll.reqs.length > 0 ? null : poll.nextAt];
    return moments.filter((at) => at !== null);
  }

  /** M5 late: since the last advance; after a pause, since the player waits again. Once an advance. */
  private lateAt(poll: Poll): number | null {
    const held = this.context.belief?.held.get(poll.rendition);
    if (held === undefined || held.playlist.ended || poll.wants.size === 0 || poll.lateTold) return null;
    const since = Math.max(held.advancedMono, poll.waitingSince - this.context.segmentMs(poll.rendition));
    return since + this.context.lateMs(poll.rendition);
  }

  /** Ask the next of the set, whatever is in flight; no blame. */
  private beLate(poll: Poll): void {
    poll.lateTold = true;
    poll.tried = [...new Set([...poll.tried, ...poll.unchanged])];
    this.ask(poll, 'play');
  }

  private ask(poll: Poll, purpose: Purpose): void {
    const { belief, board, mono } = this.context;
    if (belief?.held.size === 0 && poll.round === 0 && purpose === 'play') {
      this.start(poll);
      return;
    }
    let names = this.candidates(poll);
    if (names.length === 0 && poll.round === 0 && board.clearIfAll(mono)) names = this.candidates(poll);
    if (names[0] !== undefined) {
      if (!this.launch(poll, names[0], purpose)) poll.nextAt = mono + FETCH_EVERY_MS;
    } else if (purpose === 'play') {
      this.nextRound(poll);
    }
  }

  /** Whom to ask in this round, best first; each round reaches one further. */
  candidates(poll: Poll): string[] {
    const { board, flights, mono } = this.context;
    if (poll.tried.length >= ROUND_MIRRORS) return [];
    const asked = poll.reqs.map((req) => flights.get(req)?.mirror);
    const names = board.order('playlist', mono).slice(0, STICKY_MIRRORS + poll.round);
    return names.filter((name) => !poll.tried.includes(name) && !asked.includes(name));
  }

  private launch(poll: Poll, mirror: string, purpose: Purpose): boolean {
    const request = this.context.launch(this.context.playlistTarget(poll.rendition), mirror, purpose);
    if (request !== null) poll.reqs.push(request.id);
    return request !== null;
  }

  /** S2: nothing is believed yet, so a mirror that is stale already would show no freeze: ask several. */
  private start(poll: Poll): void {
    const { board, mono } = this.context;
    board.clearIfAll(mono);
    for (const mirror of board.firstAsked(START_MIRRORS, mono)) this.launch(poll, mirror, 'start');
    if (poll.reqs.length > 0) {
      poll.answers = [];
      poll.closeAt = null;
    } else {
      this.nextRound(poll);
    }
  }

  /** This mirror had nothing for us: the next, at once; when all were asked, a round later. */
  tried(poll: Poll, mirror: string): void {
    if (!poll.tried.includes(mirror)) poll.tried.push(mirror);
    if (poll.reqs.length > 0) return;
    if (this.candidates(poll).length > 0 && !this.isEnded(poll)) poll.nextAt = this.context.mono;
    else this.nextRound(poll);
  }

  /** All were asked: wait a little, then again from the first. */
  nextRound(poll: Poll): void {
    const { context } = this;
    context.board.clearIfAll(context.mono);
    poll.round += 1;
    poll.tried = [];
    const some = context.board.ranked.length > 0;
    poll.nextAt = context.mono + (some ? Math.max(context.backoff(poll.round), this.reaskMs(poll)) : RETRY_MAX_MS);
  }

  /** S4: how long to wait after an answer that brought nothing new. */
  reaskMs(poll: Poll): number {
    return this.isEnded(poll) ? ENDED_POLL_MS : Math.floor(REASK_AGAIN_SEGMENTS * this.context.segmentMs(poll.rendition));
  }

  /** M10: when half a segment went by without a whole answer, and there is a token. */
  private hedgeAt(poll: Poll): number | null {
    const flying = poll.reqs.flatMap((req) => this.context.flights.get(req) ?? []);
    return flying.length > 0 && this.candidates(poll).length > 0 ? this.context.hedgeAt(flying, poll.rendition) : null;
  }
}
