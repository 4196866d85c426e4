/** The files that the player waits for: ask, hedge, hop, and never give up (spec/client.md, S5, S6, M5, M10). Twin of wants.py. */
import {
  BETTER_FACTOR,
  CRAWL_FACTOR,
  FETCH_EVERY_MS,
  RATE_MIN_BYTES,
  RETRY_MAX_MS,
  ROUND_MIRRORS,
  STICKY_MIRRORS,
} from '../limits';
import { blame } from './blame';
import type { Context } from './context';
import { type Pace, type Purpose, type Request, type Target, need } from './requests';
import type { WantFileEvent } from './types';

/** One file that is waited for. `tried` holds for a round, `slow` for the whole want. */
interface Waiting {
  readonly want: WantFileEvent;
  target: Target;
  nextAt: number;
  reqs: number[];
  tried: string[];
  slow: Map<string, number>;
  first: string | null;
  round: number;
  slowRounds: number;
}

/** Were two mirrors about as slow? */
const areAlike = (a: number, b: number): boolean => a <= BETTER_FACTOR * b && b <= BETTER_FACTOR * a;

/** All files that are waited for. */
export class Files {
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly context: Context,
    private readonly ownerOf: (path: string) => string | null,
  ) {}

  /** The player waits for a file. */
  add(want: WantFileEvent): void {
    const { context } = this;
    context.wants(want.rendition);
    this.remove(want.want);
    const state = { reqs: [], tried: [], slow: new Map(), first: null, round: 0, slowRounds: 0 };
    this.waiting.set(want.want, { want, target: context.fileTarget(want), nextAt: context.mono, ...state });
  }

  /** The player waits no longer. */
  remove(want: number): boolean {
    const waiting = this.waiting.get(want);
    for (const req of waiting?.reqs ?? []) this.context.flights.cancel(req);
    return this.waiting.delete(want);
  }

  /** After a suspension: all that was in flight is asked for again. */
  restart(): void {
    for (const waiting of this.waiting.values()) {
      waiting.target = this.context.fileTarget(waiting.want);
      Object.assign(waiting, { reqs: [], tried: [], slow: new Map(), round: 0, slowRounds: 0, nextAt: this.context.mono });
    }
  }

  /** Ask for what is due. */
  drive(): void {
    for (const waiting of [...this.waiting.values()]) {
      if (waiting.reqs.length > 0) this.hedgeIfDue(waiting);
      else if (this.context.mono >= waiting.nextAt) this.ask(waiting);
    }
  }

  /** When something is due next. */
  dueAt(): number[] {
    return [...this.waiting.values()].flatMap((waiting) => {
      const hedgeAt = this.hedgeAt(waiting);
      return [...(waiting.reqs.length > 0 ? [] : [waiting.nextAt]), ...(hedgeAt === null ? [] : [hedgeAt])];
    });
  }

  // -- asking ------------------------------------------------------------------------------------------

  private ask(waiting: Waiting): void {
    const { board, mono } = this.context;
    let names = this.candidates(waiting);
    if (names.length === 0 && waiting.round === 0 && board.clearIfAll(mono)) names = this.candidates(waiting);
    if (names[0] === undefined) this.nextRound(waiting);
    else if (!this.launch(waiting, names[0], 'play')) waiting.nextAt = mono + FETCH_EVERY_MS;
  }

  /** Whom to ask in this round, best first. */
  private candidates(waiting: Waiting): string[] {
    const { board, mono, lineSlow } = this.context;
    if (waiting.tried.length >= ROUND_MIRRORS) return [];
    let names = board.order('file', mono);
    const owner = waiting.first ?? waiting.want.fromMirror ?? this.ownerOf(waiting.want.path);
    if (owner !== null && names.includes(owner) && (waiting.first !== null || !board.favourite.has('file'))) {
      names = [owner, ...names.filter((name) => name !== owner)];
    }
    names = names.slice(0, STICKY_MIRRORS + waiting.round);
    if (lineSlow) names = board.bestOnSlowLine(names, mono);
    return names.filter((name) => !waiting.tried.includes(name));
  }

  private nextRound(waiting: Waiting): void {
    const { context } = this;
    context.board.clearIfAll(context.mono);
    waiting.round += 1;
    waiting.tried = [];
    waiting.first = null;
    waiting.nextAt = context.mono + (context.board.ranked.length > 0 ? context.backoff(waiting.round) : RETRY_MAX_MS);
  }

  private launch(waiting: Waiting, mirror: string, purpose: Purpose): boolean {
    const request = this.context.launch(waiting.target, mirror, purpose, waiting.want.want);
    if (request === null) return false;
    waiting.reqs.push(request.id);
    waiting.tried.push(mirror);
    return true;
  }

  // -- hedging -----------------------------------------------------------------------------------------

  /** M10: when half a segment went by without a first byte, and there is a token. */
  private hedgeAt(waiting: Waiting): number | null {
    const flying = waiting.reqs.flatMap((req) => this.context.flights.get(req) ?? []);
    if (flying.length === 0 || flying.some(({ firstAt }) => firstAt !== null)) return null;
    return this.candidates(waiting).length > 0 ? this.context.hedgeAt(flying, waiting.want.rendition) : null;
  }

  private hedgeIfDue(waiting: Waiting): void {
    const at = this.hedgeAt(waiting);
    const [mirror] = this.candidates(waiting);
    if (at !== null && mirror !== undefined && this.context.mono >= at) this.launch(waiting, mirror, 'hedge');
  }

  /** M10: whoever speaks first is listened to; the other is cancelled, and not blamed. */
  onFirstByte(request: Request): void {
    const waiting = this.of(request);
    if (waiting === undefined) return;
    this.context.endRace(request, waiting.reqs);
    waiting.reqs = [request.id];
  }

  // -- ends --------------------------------------------------------------------------------------------

  private of({ want }: Request): Waiting | undefined {
    return want === null ? undefined : this.waiting.get(want);
  }

  private landed(waiting: Waiting, request: Request): void {
    waiting.reqs = waiting.reqs.filter((req) => req !== request.id);
  }

  /** The digest is right: deliver. */
  onFile(request: Request): void {
    const { context } = this;
    const waiting = this.of(request);
    if (waiting === undefined) return;
    this.noteRate(request);
    if (!context.lineSlow) context.board.prefer('file', request.mirror, context.mono, request.started);
    context.out.push({ type: 'deliver', want: waiting.want.want, req: request.id });
    this.landed(waiting, request);
    this.remove(waiting.want.want);
  }

  private noteRate(request: Request): void {
    const { context } = this;
    if (request.bytes < RATE_MIN_BYTES) return;
    context.board.sawRate(request.mirror, request.rate, context.mono);
    const inTime = context.mono - request.started <= request.target.nominalMs;
    if (!context.lineSlow || !inTime) return;
    context.lineSlow = false;
    context.note('line-ok', { mirror: request.mirror });
  }

  /** Nothing came of this request: the next mirror, at once. A young segment: first the playlist's own mirror. */
  onFailed(request: Request, young: boolean): void {
    const waiting = this.of(request);
    if (waiting === undefined) return;
    this.landed(waiting, request);
    waiting.nextAt = Math.min(waiting.nextAt, this.context.mono);
    if (young) waiting.first = waiting.want.fromMirror ?? this.ownerOf(waiting.want.path);
  }

  /** M5 slow: hop if another mirror, or an earlier moment, was better; else it is the viewer's own line. */
  onSlow(request: Request, pace: Pace): void {
    const { board, flights, mono } = this.context;
    const waiting = this.of(request);
    if (waiting === undefined) return;
    const current = pace === 'stalled' ? 0 : Math.floor((request.bytes * 1000) / Math.max(mono - (request.firstAt ?? 0), 1));
    const known = Math.floor(board.bestRate(mono) / Math.max(flights.activeFiles(), 1));
    const before = [...waiting.slow].flatMap(([mirror, rate]) => (mirror === request.mirror ? [] : [rate]));
    waiting.slow.set(request.mirror, current);
    board.sawRate(request.mirror, current, mono);
    const others = this.notSlowYet(waiting);
    if (others.length > 0 && this.shouldHop(request, current, known, before, others)) {
      this.hop(waiting, request, known > BETTER_FACTOR * current);
    } else if (others.length === 0 && this.isSpent(waiting, request)) {
      waiting.slow = new Map([[request.mirror, current]]);
      waiting.slowRounds += 1;
      this.hop(waiting, request, false);
    } else {
      this.stay(waiting, request);
    }
  }

  /** Mirrors that may be asked and were not slow for this want; one that failed in this round counts again. */
  private notSlowYet(waiting: Waiting): string[] {
    const names = this.context.board.order('file', this.context.mono).slice(0, STICKY_MIRRORS + waiting.round);
    return names.filter((name) => !waiting.slow.has(name));
  }

  /** All crawl: after a while, longer each time, begin again elsewhere, lest one drip hold us for ever. */
  private isSpent(waiting: Waiting, request: Request): boolean {
    const limit = request.target.nominalMs * CRAWL_FACTOR * 2 ** Math.min(waiting.slowRounds, 10);
    return this.context.mono - request.started >= limit && this.context.board.ranked.length > 1;
  }

  private shouldHop(request: Request, current: number, known: number, before: number[], others: string[]): boolean {
    const { board, lineSlow, mono } = this.context;
    if (current * CRAWL_FACTOR < need(request.target)) return true;
    if (lineSlow || before.some((rate) => areAlike(rate, current))) return false;
    return known > BETTER_FACTOR * current || others.some((name) => board.rate(name, mono) === null);
  }

  private hop(waiting: Waiting, request: Request, blamed: boolean): void {
    this.context.flights.cancel(request.id);
    this.landed(waiting, request);
    waiting.tried = [...waiting.slow.keys()];
    waiting.nextAt = this.context.mono;
    blame(this.context, request, 'too-slow', { received: 0, excused: !blamed });
  }

  private stay(waiting: Waiting, request: Request): void {
    const { context } = this;
    request.leaveAlone(context.mono);
    if (context.lineSlow) return;
    context.lineSlow = true;
    context.note('line-slow', { mirror: request.mirror });
    for (const mirror of waiting.slow.keys()) context.board.forgive(mirror, 'file', context.mono);
  }
}
