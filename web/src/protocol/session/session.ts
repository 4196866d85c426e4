/** The viewer's session: one event in, commands out (spec/client.md, S). Twin of session.py. */
import { beginBelief, hasTwoVersions, newestOf, rankOf, revoke, unanchored, woken } from '../belief';
import { Grid } from '../grid';
import { FETCH_EVERY_MS, SUSPENDED_MS } from '../limits';
import { FORGED, NOT_FOUND, blame } from './blame';
import { Context } from './context';
import { Freshness } from './freshness';
import { type Listening, changesAt, status } from './liveness';
import { Looks } from './looks';
import { Polls } from './polls';
import { rankMirrors } from './ranking';
import type { Request } from './requests';
import type { Failure, Session, SessionCommand, SessionConfig, SessionEvent, SessionView, Status, TrustEvent } from './types';
import { Files } from './wants';
import { Watches } from './watches';

type Report = Extract<SessionEvent, { readonly req: number }>;

/** What a viewer's client does, given what happens to it. The seed is kept per event and viewer (M2). */
export class WatchSession implements Session {
  private readonly context: Context;
  private readonly freshness: Freshness;
  private readonly polls: Polls;
  private readonly files: Files;
  private readonly watches: Watches;
  private readonly looks: Looks;
  private status: Status = 'waiting';
  private wakeAt: number | null = null;
  private mirror: string | null = null;
  private began = false;
  private silentSince: number | null = null;

  constructor(config: SessionConfig, seed: number) {
    this.context = new Context(config, seed);
    this.freshness = new Freshness(this.context);
    this.polls = new Polls(this.context, this.freshness);
    this.files = new Files(this.context, (path) => this.polls.ownerOf(path));
    this.watches = new Watches(this.context);
    this.looks = new Looks(this.context);
  }

  /** S1: take one event at this time; return what is to be done, in order. What is delivered comes last: whoever gets it may
   *  want the next thing before this batch is done. */
  handle(event: SessionEvent, wall: number, mono: number): SessionCommand[] {
    const { context } = this;
    context.out.length = 0;
    context.wall = wall;
    context.mono = Math.max(mono, context.mono);
    if (this.wakeAt !== null && context.mono > this.wakeAt + SUSPENDED_MS) this.suspended();
    this.take(event);
    this.run();
    this.tell();
    this.askToWake();
    const isDelivery = ({ type }: SessionCommand): number => (type === 'deliver' ? 1 : 0);
    return [...context.out].sort((a, b) => isDelivery(a) - isDelivery(b));
  }

  /** What a page shows. */
  view(wall: number, mono: number): SessionView {
    const { context } = this;
    const { belief } = context;
    const signedAt = (belief === null ? null : newestOf(belief))?.playlist.issuedMs ?? null;
    return {
      status: status(belief, this.listening(), { wall, mono: Math.max(mono, context.mono) }),
      signedAt,
      mirror: this.inUse(),
      rank: belief === null ? 0 : rankOf(belief),
      refusedBytes: context.refusedBytes,
      refusals: context.refusals,
      caught: [...context.caught],
      twoVersions: belief !== null && hasTwoVersions(belief),
      behindMs: signedAt === null ? null : Math.max(0, wall - signedAt),
      lineSlow: context.lineSlow,
    };
  }

  // -- events ------------------------------------------------------------------------------------------

  private take(event: SessionEvent): void {
    const { context } = this;
    switch (event.type) {
      case 'trust':
        return this.trust(event);
      case 'want_playlist':
        return this.polls.add(event);
      case 'want_file':
        return this.files.add(event);
      case 'unwant':
        if (this.polls.remove(event.want) || this.files.remove(event.want)) {
          context.out.push({ type: 'give_up', want: event.want });
        }
        return;
      case 'root_seen':
        return context.board.introduced(event.mirror, context.mono);
      case 'suspended':
        return this.suspended();
      case 'wake':
        this.wakeAt = null;
        return;
      default: {
        const request = context.flights.get(event.req);
        if (request !== undefined) this.report(request, event);
      }
    }
  }

  /** Something about a request in flight; of any other, nothing is taken. */
  private report(request: Request, event: Report): void {
    switch (event.type) {
      case 'first_byte':
        return this.firstByte(request);
      case 'progress':
        return this.progress(request, event.bytes);
      case 'failed':
        return this.failed(request, event.how, event.status ?? null, event.bytes ?? 0);
      case 'playlist':
        if (event.playlist.rendition !== request.target.rendition || request.target.kind !== 'playlist') {
          return this.failed(request, 'malformed', null, 0);
        }
        this.verified(request);
        return this.polls.onPlaylist(request, event.playlist);
      case 'file':
        if (request.target.size !== null) this.progress(request, request.target.size);
        this.verified(request);
        return this.files.onFile(request);
      case 'revoked':
        this.verified(request);
        return this.revoked(event.keyids);
      case 'timestamp':
        this.verified(request);
        if (event.newer) this.context.out.push({ type: 'refresh_trust' });
        return;
      default:
        event satisfies never;
    }
  }

  /** S1: the verified documents; another event's change nothing. */
  private trust(trust: TrustEvent): void {
    const { context } = this;
    if (context.trust !== null && context.trust.eventId !== trust.eventId) {
      context.note('refusal', { code: 'wrong-event' });
      return;
    }
    const first = context.trust === null;
    context.trust = trust;
    context.plans = new Map(trust.renditions.map((plan) => [plan.name, plan]));
    context.board.renew(rankMirrors(trust, context.config, context.seed), context.mono);
    const grid = new Grid(trust.tick, trust.epochMs);
    const ticksPerSegment = new Map(trust.renditions.map((plan) => [plan.name, plan.ticksPerSegment]));
    if (context.belief === null) {
      context.belief = beginBelief(trust.eventId, grid, ticksPerSegment, context.config.restored);
    } else {
      context.belief = { ...context.belief, grid, ticksPerSegment };
    }
    if (!first) return;
    this.watches.begin();
    this.polls.restart();
    this.files.restart();
  }

  private firstByte(request: Request): void {
    const { board, mono } = this.context;
    if (request.firstAt !== null) return;
    request.firstAt = mono;
    request.movedAt = mono;
    board.sawFirstByte(request.mirror, mono - request.started);
    this.files.onFirstByte(request);
  }

  private progress(request: Request, received: number): void {
    this.firstByte(request);
    if (received <= request.bytes) return;
    request.bytes = received;
    request.movedAt = this.context.mono;
  }

  private verified(request: Request): void {
    const { board, flights, mono } = this.context;
    this.firstByte(request);
    flights.land(request.id);
    board.verified(request.mirror, request.target.kind, mono);
    this.looks.onVerified(request);
  }

  private failed(request: Request, how: Failure, httpStatus: number | null, received: number): void {
    const { context, polls } = this;
    const { kind, path, rendition } = request.target;
    context.flights.land(request.id);
    const missing = how === 'status' && httpStatus !== null && NOT_FOUND.has(httpStatus);
    const young = missing && kind === 'file' && polls.isYoung(path);
    const unknown = missing && kind === 'playlist' && polls.isUnknown(rendition);
    if (unknown) context.board.doubt(request.mirror, context.mono);
    blame(context, request, how, { received, excused: young || unknown });
    if (FORGED.has(how)) this.looks.consider(request);
    this.files.onFailed(request, young);
    polls.onFailed(request);
    this.watches.onFailed(request);
  }

  /** B9: from this moment on nothing of these keys is believed. */
  private revoked(keyids: readonly string[]): void {
    const { context } = this;
    const { belief } = context;
    const fresh = [...new Set(keyids)].filter((keyid) => belief?.revoked.has(keyid) === false).sort();
    if (belief === null || fresh.length === 0) return;
    for (const keyid of fresh) context.note('revoked', { code: keyid });
    context.believeNow(revoke(belief, fresh));
  }

  /** S10: nobody is to blame for what timed out in our sleep, and the network may be another one. */
  private suspended(): void {
    const { context } = this;
    for (const { id } of context.flights.all()) context.flights.cancel(id);
    if (context.belief !== null) context.belief = woken(context.belief, context.wall, context.mono);
    context.board.forgetPenalties(context.mono);
    this.freshness.restart();
    this.polls.restart();
    this.files.restart();
    this.watches.restart();
  }

  // -- what is due -------------------------------------------------------------------------------------

  /** S1: all that is due at this time, in this order. */
  private run(): void {
    if (this.context.trust === null) return;
    this.checkPaces();
    this.polls.dropUnheld();
    this.polls.drive();
    this.files.drive();
    this.watches.drive(this.polls.endedUntil !== null, this.isOver);
    this.freshness.drive(this.polls.busiest);
    this.looks.drive();
  }

  private checkPaces(): void {
    const { flights, mono } = this.context;
    for (const request of flights.all()) {
      const pace = request.pace(mono);
      if (pace === 'fine') continue;
      if (pace === 'slow' || pace === 'stalled') {
        if (request.purpose === 'look') flights.cancel(request.id);
        else this.files.onSlow(request, pace);
        continue;
      }
      flights.cancel(request.id);
      this.failed(request, pace === 'silent' ? 'timeout' : 'too-slow', null, 0);
    }
  }

  /** S4: ENDED, and not taken back for half an hour. */
  private get isOver(): boolean {
    return this.polls.endedUntil !== null && this.context.mono >= this.polls.endedUntil;
  }

  private listening(): Listening {
    const newest = this.context.belief === null ? null : newestOf(this.context.belief);
    return {
      since: this.polls.isWaitedFor ? this.polls.askingSince : null,
      segmentMs: newest === null ? 0 : this.context.segmentMs(newest.playlist.rendition),
      began: this.began,
      wasCutOff: newest !== null && newest.advancedMono === this.silentSince,
    };
  }

  // -- what is told ------------------------------------------------------------------------------------

  private inUse(): string | null {
    const { favourite } = this.context.board;
    return favourite.get('file') ?? favourite.get('playlist') ?? null;
  }

  /** Notes about what changed: the status, the mirror in use. */
  private tell(): void {
    const { context } = this;
    const before = this.status;
    const newest = context.belief === null ? null : newestOf(context.belief);
    this.began ||= newest !== null;
    this.status = status(context.belief, this.listening(), context);
    if (this.status !== before) {
      context.note(this.status.replace('_', '-'));
      if (this.status === 'cut_off' && context.belief !== null && newest !== null) {
        context.belief = unanchored(context.belief);
        this.silentSince = newest.advancedMono;
      }
    }
    const mirror = this.inUse();
    if (mirror === this.mirror) return;
    if (this.mirror !== null) context.note('hop', { mirror, code: context.lastFault || null });
    this.mirror = mirror;
    context.lastFault = '';
  }

  private askToWake(): void {
    const { context } = this;
    if (context.trust === null) return;
    const due = [
      ...context.flights.all().map((request) => request.checkAt()),
      ...this.polls.dueAt(),
      ...this.files.dueAt(),
      ...this.watches.dueAt(this.isOver),
      ...this.freshness.dueAt(this.polls.busiest !== null),
      ...(context.belief === null ? [] : changesAt(context.belief, this.listening(), context)),
    ];
    if (due.length === 0) {
      this.wakeAt = null;
      return;
    }
    const at = Math.min(...due.map((moment) => (moment > context.mono ? moment : context.mono + FETCH_EVERY_MS)));
    if (at === this.wakeAt) return;
    this.wakeAt = at;
    context.out.push({ type: 'wake_at', mono: at });
  }
}
