/** Requests in flight, and what the session holds them to (spec/client.md, M5, M10). Twin of requests.py. */
import { BODY_MS, FETCH_BURST, FETCH_EVERY_MS, HEDGE_REFILL, HEDGE_TOKENS, SLOW_GRACE_MS, STALL_MS } from '../limits';
import type { FetchCommand, SessionCommand } from './types';

const HEDGE_COST = 100;
const HEDGE_MOST = Math.round(HEDGE_TOKENS * HEDGE_COST);
const HEDGE_GAIN = Math.round(HEDGE_REFILL * HEDGE_COST);

/** Why something is asked for. */
export type Purpose = 'play' | 'hedge' | 'start' | 'compare' | 'look' | 'poll';

/** How a request is getting on. */
export type Pace = 'fine' | 'silent' | 'slow' | 'stalled' | 'hung';

/** What is asked for. `nominalMs` is the time in which a sized file must come for playing to keep up. */
export interface Target {
  readonly kind: FetchCommand['kind'];
  readonly path: string;
  readonly maxBytes: number;
  readonly rendition: string | null;
  readonly digest: string | null;
  readonly size: number | null;
  readonly nominalMs: number;
}

/** The bytes per second that keep up. */
export function need({ size, nominalMs }: Target): number {
  return size !== null && nominalMs > 0 ? Math.floor((size * 1000) / nominalMs) : 0;
}

/** One request in flight. */
export class Request {
  movedAt: number;
  firstAt: number | null = null;
  bytes = 0;
  private leaveUntil = 0;

  constructor(
    readonly id: number,
    readonly target: Target,
    readonly mirror: string,
    public purpose: Purpose,
    readonly started: number,
    readonly silentMs: number,
    readonly fresh: boolean,
    readonly want: number | null,
  ) {
    this.movedAt = started;
  }

  /** Bytes per second since the first byte, until the last. */
  get rate(): number {
    return Math.floor((this.bytes * 1000) / Math.max(this.movedAt - (this.firstAt ?? this.started), 1));
  }

  private get stallMs(): number {
    return Math.max(STALL_MS, Math.floor(this.target.nominalMs / 2));
  }

  /** When the mean falls under the need, if nothing more comes. */
  private get fallAt(): number {
    const { nominalMs, size } = this.target;
    const grace = Math.max(SLOW_GRACE_MS, Math.floor(nominalMs / 4));
    const earned = Math.floor((this.bytes * nominalMs) / (size || 1));
    return (this.firstAt ?? 0) + grace + earned + 1;
  }

  private get isWhole(): boolean {
    return this.target.size !== null && this.bytes >= this.target.size;
  }

  private get bodyMs(): number {
    return Math.max(BODY_MS, Math.floor(this.silentMs / 2));
  }

  /** M5: silent, hung, stalled or slow? */
  pace(now: number): Pace {
    if (this.firstAt === null) return now >= this.started + this.silentMs ? 'silent' : 'fine';
    if (this.target.kind !== 'file') return now >= this.firstAt + this.bodyMs ? 'hung' : 'fine';
    if (now >= this.movedAt + this.silentMs) return 'hung';
    if (this.isWhole || need(this.target) === 0 || now < this.leaveUntil) return 'fine';
    if (now >= this.movedAt + this.stallMs) return 'stalled';
    return now >= this.fallAt ? 'slow' : 'fine';
  }

  /** When `pace` can next say something else than fine, if nothing comes. */
  checkAt(): number {
    if (this.firstAt === null) return this.started + this.silentMs;
    if (this.target.kind !== 'file') return this.firstAt + this.bodyMs;
    const hungAt = this.movedAt + this.silentMs;
    if (this.isWhole || need(this.target) === 0) return hungAt;
    return Math.min(hungAt, Math.max(this.leaveUntil, Math.min(this.movedAt + this.stallMs, this.fallAt)));
  }

  /** It is slow, and nothing better is known: look again a little later. */
  leaveAlone(now: number): void {
    this.leaveUntil = now + this.stallMs;
  }
}

export interface Launch {
  readonly target: Target;
  readonly mirror: string;
  readonly url: string;
  readonly purpose: Purpose;
  readonly now: number;
  readonly silentMs: number;
  readonly fresh: boolean;
  readonly want: number | null;
}

/** All requests in flight, and the two buckets that bound how many there can be. */
export class Flights {
  private readonly flying = new Map<number, Request>();
  private last = 0;
  private hedges = HEDGE_MOST;
  private fetches = FETCH_BURST;
  private refilledAt = 0;

  constructor(private readonly out: SessionCommand[]) {}

  /** All that are in flight now. */
  all(): Request[] {
    return [...this.flying.values()];
  }

  /** The request of that number, if it is in flight. */
  get(req: number): Request | undefined {
    return this.flying.get(req);
  }

  /** S7: the bound on fetches per second, whatever anybody does. */
  mayLaunch(now: number): boolean {
    const gained = Math.floor((now - this.refilledAt) / FETCH_EVERY_MS);
    if (gained > 0) {
      this.fetches = Math.min(FETCH_BURST, this.fetches + gained);
      this.refilledAt = this.fetches === FETCH_BURST ? now : this.refilledAt + gained * FETCH_EVERY_MS;
    }
    return this.fetches > 0;
  }

  /** M10: is there a token? */
  get mayHedge(): boolean {
    return this.hedges >= HEDGE_COST;
  }

  /** Ask a mirror. The caller has looked at `mayLaunch`. */
  launch({ target, mirror, url, purpose, now, silentMs, fresh, want }: Launch): Request {
    this.last += 1;
    this.fetches -= 1;
    this.hedges = Math.min(HEDGE_MOST, this.hedges + HEDGE_GAIN);
    if (purpose === 'hedge') this.hedges -= HEDGE_COST;
    const request = new Request(this.last, target, mirror, purpose, now, silentMs, fresh, want);
    this.flying.set(request.id, request);
    const { kind, path, rendition, digest, size, maxBytes } = target;
    const limits = { maxBytes, firstByteMs: silentMs, minBytesPerS: need(target) };
    const asked = { req: request.id, mirror, url: url + path, kind, path, rendition, digest, size };
    this.out.push({ type: 'fetch', ...asked, ...limits, fresh });
    return request;
  }

  /** It ended by itself. */
  land(req: number): void {
    this.flying.delete(req);
  }

  /** Stop it; whatever it still reports finds nobody. */
  cancel(req: number): void {
    if (this.flying.delete(req)) this.out.push({ type: 'cancel', req });
  }

  /** How many files are being received: they share the line. */
  activeFiles(): number {
    return this.all().filter(({ target, firstAt }) => target.kind === 'file' && firstAt !== null).length;
  }
}
