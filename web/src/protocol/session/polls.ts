/** The live playlists that the player waits for: judge what comes, deliver what is newer (spec/client.md, S2 to S4). Twin of polls.py. */
import { type Outcome, type Verdict, believe, floorOf, rankOf } from '../belief';
import { ENDED_POLL_FOR_MS, FRESH_MS, FUTURE_MS, START_GRACE_MS, YOUNG_SEGMENT_MS } from '../limits';
import { Asking } from './asking';
import type { Context } from './context';
import { type Freshness, isAhead } from './freshness';
import { type Answer, Poll } from './poll';
import type { Request } from './requests';
import type { OfferedPlaylist, WantPlaylistEvent } from './types';

/** All renditions whose playlists are, or were, waited for. */
export class Polls {
  askingSince: number | null = null;
  private readonly asking: Asking;
  private readonly polls = new Map<string, Poll>();

  constructor(
    private readonly context: Context,
    private readonly freshness: Freshness,
  ) {
    this.asking = new Asking(context);
  }

  // -- what the player says ----------------------------------------------------------------------------

  /** The player waits for a playlist newer than the last delivered, or than the one it says it has. */
  add({ want, rendition, have }: WantPlaylistEvent): void {
    const { context } = this;
    this.remove(want);
    context.wants(rendition);
    const poll = this.poll(rendition);
    if (poll.wants.size === 0) this.beginWaiting(poll);
    const rank = context.belief === null ? 0 : rankOf(context.belief);
    poll.wants.set(want, have === null || have === undefined ? poll.delivered : { rank, tick: have });
  }

  private poll(rendition: string): Poll {
    let poll = this.polls.get(rendition);
    if (poll === undefined) this.polls.set(rendition, (poll = new Poll(rendition)));
    return poll;
  }

  /** After a pause in which nobody asked, silence and lateness are counted anew. */
  private beginWaiting(poll: Poll): void {
    const now = this.context.mono;
    const pause = 2 * this.context.segmentMs(poll.rendition);
    if (!this.isWaitedFor) {
      const last = Math.max(0, ...[...this.polls.values()].map(({ wantedUntil }) => wantedUntil ?? 0));
      if (this.askingSince === null || now - last > pause) this.askingSince = now;
    }
    poll.waitingSince = now;
    if (poll.wantedUntil === null || now - poll.wantedUntil > pause) poll.nextAt = Math.min(poll.nextAt, now);
  }

  /** The player waits no longer. */
  remove(want: number): boolean {
    for (const poll of this.polls.values()) {
      if (!poll.wants.delete(want)) continue;
      this.stopIfDone(poll);
      return true;
    }
    return false;
  }

  private stopIfDone(poll: Poll): void {
    if (poll.wants.size > 0) return;
    poll.wantedUntil = this.context.mono;
    for (const req of poll.reqs) this.context.flights.cancel(req);
    poll.reqs = [];
    this.forgetAnswers(poll);
  }

  private forget(req: number): void {
    this.context.out.push({ type: 'forget', req });
  }

  private forgetAnswers(poll: Poll): void {
    for (const { request } of poll.answers ?? []) this.forget(request.id);
    poll.answers = null;
    poll.closeAt = null;
  }

  /** After a suspension. */
  restart(): void {
    this.askingSince = this.context.mono;
    for (const poll of this.polls.values()) {
      this.forgetAnswers(poll);
      poll.restart(this.context.mono);
    }
  }

  // -- what others ask ---------------------------------------------------------------------------------

  /** Does anybody wait for a playlist? */
  get isWaitedFor(): boolean {
    return [...this.polls.values()].some(({ wants }) => wants.size > 0);
  }

  /** S4: until when to look whether ENDED is taken back; null before it came. */
  get endedUntil(): number | null {
    return this.asking.endedUntil;
  }

  /** The rendition to compare mirrors by: of those waited for, or just now, the latest to advance. */
  get busiest(): string | null {
    let busiest: string | null = null;
    let latest = -1;
    for (const poll of this.polls.values()) {
      const held = this.context.belief?.held.get(poll.rendition);
      if (held === undefined || held.advancedMono <= latest || !this.isInUse(poll)) continue;
      busiest = poll.rendition;
      latest = held.advancedMono;
    }
    return busiest;
  }

  private isInUse({ rendition, wants, wantedUntil }: Poll): boolean {
    const until = wants.size > 0 ? this.context.mono : wantedUntil;
    return until !== null && this.context.mono - until <= 2 * this.context.segmentMs(rendition);
  }

  /** The mirror whose playlist named this segment. */
  ownerOf(path: string): string | null {
    return [...this.polls.values()].find(({ births }) => births.has(path))?.owner ?? null;
  }

  /** M5: was this segment named so lately that a mirror may not have it yet? */
  isYoung(path: string): boolean {
    const births = [...this.polls.values()].flatMap((poll) => poll.births.get(path) ?? []);
    return births.length > 0 && this.context.mono - Math.max(...births) < YOUNG_SEGMENT_MS;
  }

  /** Has nobody shown a live playlist of this rendition yet? Then its absence is no fault. */
  isUnknown(rendition: string | null): boolean {
    return this.context.belief?.held.has(rendition ?? '') !== true;
  }

  /** When something is due next. */
  dueAt(): number[] {
    const known = [...this.polls.values()].filter(({ rendition }) => this.context.plans.has(rendition));
    return known.flatMap((poll) => this.asking.dueAt(poll));
  }

  // -- answers -----------------------------------------------------------------------------------------

  /** Do what is due. */
  drive(): void {
    for (const poll of [...this.polls.values()]) {
      if (!this.context.plans.has(poll.rendition)) continue;
      this.closeStartIfDue(poll);
      this.deliver(poll);
      this.asking.askIfDue(poll);
    }
  }

  private pollOf({ id, target }: Request): Poll | undefined {
    const poll = this.polls.get(target.rendition ?? '');
    return poll?.reqs.includes(id) ? poll : undefined;
  }

  private landed(poll: Poll, { id }: Request): void {
    poll.reqs = poll.reqs.filter((req) => req !== id);
  }

  /** Nothing came: the next mirror, at once. */
  onFailed(request: Request): void {
    const poll = this.pollOf(request);
    if (poll === undefined) return;
    this.landed(poll, request);
    if (poll.answers === null) {
      this.asking.tried(poll, request.mirror);
      return;
    }
    poll.tried.push(request.mirror);
    this.closeStartIfDue(poll);
  }

  /** A verified playlist came. */
  onPlaylist(request: Request, offered: OfferedPlaylist): void {
    const poll = this.poll(offered.rendition);
    this.landed(poll, request);
    if (poll.answers === null || request.purpose !== 'start') {
      this.judge(poll, request, offered);
      return;
    }
    poll.answers.push({ request, offered });
    if (this.isFresh(offered)) poll.closeAt = this.context.mono;
    else poll.closeAt ??= this.context.mono + START_GRACE_MS;
    this.closeStartIfDue(poll);
  }

  /** S2: by this clock it was issued just now, so no second opinion is needed. */
  private isFresh({ rendition, issuedMs }: OfferedPlaylist): boolean {
    return Math.abs(this.context.wall - issuedMs) <= FRESH_MS + this.context.segmentMs(rendition);
  }

  /** S2: all have answered, or the first answer has waited long enough for a second opinion. */
  private closeStartIfDue(poll: Poll): void {
    const { flights, mono } = this.context;
    const { answers } = poll;
    if (answers === null) return;
    if (poll.reqs.length > 0 && (poll.closeAt === null || mono < poll.closeAt)) return;
    for (const req of poll.reqs) {
      const request = flights.get(req);
      if (request !== undefined) request.purpose = 'compare';
    }
    poll.answers = null;
    poll.closeAt = null;
    poll.reqs = [];
    for (const { request, offered } of this.bestFirst(answers)) this.judge(poll, request, offered);
    if (poll.heldReq !== null || poll.wants.size === 0) return;
    poll.tried.push(...answers.map(({ request }) => request.mirror));
    poll.round += 1;
    poll.nextAt = mono;
    if (this.asking.candidates(poll).length === 0) this.asking.nextRound(poll);
  }

  /** S2: what the clock finds plausible, then the highest. */
  private bestFirst(answers: readonly Answer[]): Answer[] {
    const { belief, wall } = this.context;
    const isFuture = ({ offered }: Answer): number =>
      belief === null || belief.grid.startMs(offered.tick) > wall + FUTURE_MS ? 1 : 0;
    return [...answers].sort(
      (a, b) => isFuture(a) - isFuture(b) || b.offered.rank - a.offered.rank || b.offered.tick - a.offered.tick,
    );
  }

  private judge(poll: Poll, request: Request, offered: OfferedPlaylist): void {
    const { context } = this;
    if (context.belief === null) return;
    const rank = rankOf(context.belief);
    const operator = context.board.voice(request.mirror);
    const [belief, outcome] = believe(context.belief, offered, { operator, wall: context.wall, mono: context.mono });
    context.believeNow(belief);
    this.tell(request, offered, outcome, offered.rank > rank && rank > 0);
    if (outcome.verdict === 'advanced') {
      this.advanced(poll, request, offered);
    } else {
      this.forget(request.id);
      if (request.purpose === 'play' || request.purpose === 'hedge') this.useless(poll, request.mirror, outcome.verdict);
    }
    this.freshness.saw(request.mirror, offered);
  }

  private tell({ mirror }: Request, { keyid, rank, tick }: OfferedPlaylist, { verdict, proof }: Outcome, rose: boolean): void {
    const about = { mirror, code: keyid, rank, tick };
    if (proof !== null) this.context.note('two-versions', about);
    if (verdict === 'advanced' && rose) this.context.note('rank', about);
    if (verdict === 'implausible') this.context.note('implausible', about);
  }

  private advanced(poll: Poll, request: Request, offered: OfferedPlaylist): void {
    const { context } = this;
    this.freshness.advanced(request.mirror, offered, request.purpose);
    if (poll.heldReq !== null) this.forget(poll.heldReq);
    this.chooseFavourite(poll, request);
    context.endRace(request, poll.reqs);
    poll.reqs = [];
    poll.hold(request, offered, context.mono, context.segmentMs(poll.rendition));
    this.asking.endedUntil = offered.ended ? context.mono + ENDED_POLL_FOR_MS : null;
    if (offered.ended) poll.nextAt = context.mono + this.asking.reaskMs(poll);
    this.deliver(poll);
  }

  /** Who was first with an advance is asked first; one that was only compared must have been needed. */
  private chooseFavourite(poll: Poll, { mirror, purpose }: Request): void {
    const { context } = this;
    const current = context.board.favourite.get('playlist');
    const needed = current === undefined || poll.lateTold || !context.board.isFree(current, context.mono);
    if ((purpose === 'compare' || purpose === 'look') && !needed) return;
    if (current !== undefined && current !== mirror) {
      this.freshness.suspect(current, poll.rendition);
      if (poll.lateTold) {
        context.board.wasOutpaced(current, mirror, context.mono);
        context.lastFault = 'late';
      }
    }
    context.board.prefer('playlist', mirror, context.mono, context.mono);
  }

  /** Nothing new: ask again in a moment; or, if this mirror has nothing for us, ask another. */
  private useless(poll: Poll, mirror: string, verdict: Verdict): void {
    if (verdict !== 'unchanged' || poll.lateTold) {
      this.asking.tried(poll, mirror);
      return;
    }
    if (!poll.unchanged.includes(mirror)) poll.unchanged.push(mirror);
    poll.nextAt = this.context.mono + this.asking.reaskMs(poll);
  }

  // -- delivering --------------------------------------------------------------------------------------

  /** S3: all who wait for something newer than what they have get what is believed. */
  private deliver(poll: Poll): void {
    const { belief, out } = this.context;
    const held = belief?.held.get(poll.rendition)?.playlist;
    if (belief === null || held === undefined || poll.heldReq === null) return;
    if (held.tick < floorOf(belief, poll.rendition, held.rank)) return;
    for (const [want, had] of [...poll.wants]) {
      if (!isAhead(held, had)) continue;
      poll.wants.delete(want);
      out.push({ type: 'deliver', want, req: poll.heldReq });
      poll.delivered = { rank: held.rank, tick: held.tick };
      this.stopIfDone(poll);
    }
  }

  /** B9: what a revoked key signed, or a lower rank, is not delivered any more. */
  dropUnheld(): void {
    for (const poll of this.polls.values()) {
      if (poll.heldReq === null || this.context.belief?.held.has(poll.rendition)) continue;
      this.forget(poll.heldReq);
      poll.heldReq = null;
      poll.nextAt = this.context.mono;
    }
  }
}
