/**
 * One read from a mirror, bounded in bytes and in time (spec/trust.md, F).
 *
 * A mirror is a stranger: it may send for ever, one byte a second, a bomb that unpacks to gigabytes, or a redirect to
 * another machine. Every read counts the bytes after decompression and ends at the limit, waits only so long for the
 * first byte, and asks for a rate; no redirect is followed, because a page learns only afterwards where it went.
 */
import { HumaError } from '../protocol/errors';
import { RATE_WINDOW_MS } from '../protocol/limits';

export type FailedHow = 'network' | 'timeout' | 'status' | 'short' | 'long' | 'redirect' | 'too-slow' | 'cancelled';

/** What went wrong on the way. Blame is for the session to lay; `cancelled` is our own doing. */
export class FetchFailed extends HumaError {
  constructor(
    readonly how: FailedHow,
    readonly status: number | null = null,
  ) {
    super('transport', status === null ? how : `${how} ${status}`);
    this.name = 'FetchFailed';
  }
}

export interface FetchBounds {
  /** After decompression. */
  readonly maxBytes: number;
  /** To the first byte of the body, so that a mirror which sends headers and then hangs counts as silent. */
  readonly firstByteMs: number;
  /** Over any window of two seconds after the first byte. */
  readonly minBytesPerSecond: number;
  /** The signed size, where there is one: fewer bytes are `short`, more are `long`. */
  readonly exactBytes?: number;
  readonly signal?: AbortSignal;
  readonly cache?: RequestCache;
  /** The ETag of the copy in hand: "nothing new" may then come back as status 304 without a body. */
  readonly etag?: string | null;
  readonly onFirstByte?: () => void;
  /** Bytes so far. */
  readonly onProgress?: (bytes: number) => void;
}

export interface Fetched {
  /** 200, or 304 where `etag` was given. */
  readonly status: number;
  readonly bytes: Uint8Array;
  /** null where the server does not expose it to other origins. */
  readonly etag: string | null;
}

const RATE_CHECK_MS = 250;
const FIRST_ROOM = 16 * 1024;

/** A body of unknown length in one buffer that doubles: a drip of single bytes costs no more memory than one gulp. */
class Body {
  length = 0;
  private buffer = new Uint8Array(0);

  constructor(private readonly maxBytes: number) {}

  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > this.maxBytes) throw new FetchFailed('long');
    if (length > this.buffer.length) {
      const larger = new Uint8Array(Math.min(this.maxBytes, Math.max(length, 2 * this.buffer.length, FIRST_ROOM)));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(chunk, this.length);
    this.length = length;
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

/** Calls `tooSlow` when a window of two seconds brought less than the rate. A page that slept starts a new window. */
class RateFloor {
  private timer: ReturnType<typeof setInterval> | undefined;
  private samples: { at: number; bytes: number }[] = [];

  constructor(
    private readonly bytesPerSecond: number,
    private readonly tooSlow: () => void,
  ) {}

  start(received: () => number): void {
    if (this.bytesPerSecond <= 0) return;
    this.samples = [{ at: performance.now(), bytes: 0 }];
    this.timer = setInterval(() => this.check(performance.now(), received()), RATE_CHECK_MS);
  }

  private check(at: number, bytes: number): void {
    const last = this.samples.at(-1);
    if (last === undefined || at - last.at > RATE_WINDOW_MS) this.samples = [];
    this.samples.push({ at, bytes });
    while ((this.samples[1]?.at ?? at) <= at - RATE_WINDOW_MS) this.samples.shift();
    const first = this.samples[0] as { at: number; bytes: number };
    const elapsed = at - first.at;
    if (elapsed >= RATE_WINDOW_MS && (bytes - first.bytes) * 1000 < this.bytesPerSecond * elapsed) this.tooSlow();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** One abort for three causes (the caller, the first byte, the rate), which remembers the first of them. */
class Ending {
  private readonly controller = new AbortController();
  private readonly cancel = (): void => this.end(new FetchFailed('cancelled'));
  private readonly timer: ReturnType<typeof setTimeout>;
  private cause: FetchFailed | null = null;

  constructor(
    firstByteMs: number,
    private readonly caller: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(() => this.end(new FetchFailed('timeout')), firstByteMs);
    if (caller?.aborted === true) this.cancel();
    caller?.addEventListener('abort', this.cancel);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(cause: FetchFailed): void {
    this.cause ??= cause;
    this.controller.abort();
  }

  firstByte(): void {
    clearTimeout(this.timer);
  }

  /** An abort of ours carries its cause; all else that `fetch` throws is the network. */
  explain(error: unknown): FetchFailed {
    if (this.cause !== null) return this.cause;
    return error instanceof FetchFailed ? error : new FetchFailed('network');
  }

  /** Frees the timer, the listener and the connection, whatever state they are in. */
  close(): void {
    clearTimeout(this.timer);
    this.caller?.removeEventListener('abort', this.cancel);
    this.controller.abort();
  }
}

const sameOrigin = (url: string): boolean =>
  typeof location === 'undefined' || new URL(url).origin === location.origin;

/**
 * A header of ours on a request to another origin makes the browser ask permission first (OPTIONS), which plain file
 * servers refuse. There the browser's own cache does the asking: `no-cache` sends its If-None-Match.
 */
function conditional(url: string, bounds: FetchBounds): Pick<RequestInit, 'cache' | 'headers'> {
  const { etag, cache = 'default' } = bounds;
  if (etag === undefined || etag === null) return { cache };
  return sameOrigin(url) ? { cache: 'no-store', headers: { 'If-None-Match': etag } } : { cache: 'no-cache' };
}

function checkResponse(response: Response, bounds: FetchBounds): void {
  const { status, type, redirected } = response;
  const notModified = status === 304 && bounds.etag !== undefined && bounds.etag !== null;
  if (type === 'opaqueredirect' || redirected || (status >= 300 && status < 400 && status !== 304)) {
    throw new FetchFailed('redirect', status === 0 ? null : status);
  }
  if (status !== 200 && !notModified) throw new FetchFailed('status', status);
  if (Number(response.headers.get('content-length') ?? 0) > bounds.maxBytes) throw new FetchFailed('long');
}

async function readBody(response: Response, bounds: FetchBounds, ending: Ending): Promise<Uint8Array> {
  const body = new Body(bounds.exactBytes ?? bounds.maxBytes);
  const rate = new RateFloor(bounds.minBytesPerSecond, () => ending.end(new FetchFailed('too-slow')));
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const read = await reader?.read();
      if (read === undefined || read.done) return body.bytes();
      if (body.length === 0 && read.value.length > 0) {
        ending.firstByte();
        bounds.onFirstByte?.();
        rate.start(() => body.length);
      }
      body.add(read.value);
      bounds.onProgress?.(body.length);
    }
  } finally {
    rate.stop();
  }
}

/**
 * Fetch `url` within `bounds`.
 *
 * Nothing of the viewer goes along: no cookie, no referrer, no header of ours that would need permission.
 *
 * @throws {FetchFailed} for everything that does not end in a whole body of status 200 (or an expected 304).
 */
export async function fetchBounded(url: string, bounds: FetchBounds): Promise<Fetched> {
  const ending = new Ending(bounds.firstByteMs, bounds.signal);
  try {
    const response = await fetch(url, {
      ...conditional(url, bounds),
      signal: ending.signal,
      redirect: 'manual',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      mode: 'cors',
    });
    checkResponse(response, bounds);
    const bytes = response.status === 304 ? new Uint8Array(0) : await readBody(response, bounds, ending);
    if (response.status === 200 && bytes.length < (bounds.exactBytes ?? 0)) throw new FetchFailed('short');
    return { status: response.status, bytes, etag: response.headers.get('etag') };
  } catch (error) {
    throw ending.explain(error);
  } finally {
    ending.close();
  }
}
