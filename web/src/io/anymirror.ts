/**
 * One file from any of several mirrors (spec/trust.md, L2): the next one is asked when the first refuses, lies, or is
 * silent for 2.5 seconds. Whoever verifies first wins, and the others are hung up on.
 */
import { HumaError } from '../protocol/errors';
import {
  SILENT_MS, SILENT_ONION_MS, TRUST_AT_ONCE, TRUST_FIRST_BYTE_MS, TRUST_MIN_BYTES_PER_S, TRUST_PATIENT_MS,
} from '../protocol/limits';
import { type FetchBounds, FetchFailed, type Fetched } from './fetch';

/** A place to ask. `id` is the roster's, or the URL for a hint; all hints count as one operator. */
export interface Source {
  readonly id: string;
  readonly url: string;
  readonly operator: string;
}

export type FetchFile = (url: string, bounds: FetchBounds) => Promise<Fetched>;

/** Why a mirror's answer was not taken: `how` of the transport, or the code of one of our errors. */
export interface Refusal {
  readonly source: Source;
  readonly path: string;
  readonly code: string;
  readonly status: number | null;
  /** Bytes that came and were thrown away. */
  readonly bytes: number;
}

export interface AskBounds {
  readonly maxBytes: number;
  readonly cache?: RequestCache;
  /** How many accepted answers are wanted (1). One in hand, the others get 2.5 seconds more. */
  readonly enough?: number;
  /** How many times "there is no such file" (403 or 404) settle that there is none. Without it, all are asked. */
  readonly enoughDenials?: number;
}

export interface Answer<Found> {
  readonly found: Found;
  readonly source: Source;
}

/** What asking around came to: what was accepted, in the order in which it came, and what was refused on the way. */
export interface Asked<Found> {
  readonly answers: readonly Answer<Found>[];
  readonly refusals: readonly Refusal[];
}

const isOnion = (url: string): boolean => new URL(url).hostname.endsWith('.onion');

export const isDenial = ({ status }: Pick<Refusal, 'status'>): boolean => status === 403 || status === 404;

/**
 * Ask `sources` in order for `path` until `accept` has taken enough answers. `accept` verifies, and throws one of our
 * errors for what it refuses. Bounded: each source is asked once, at most four at a time.
 */
export function fromAnyMirror<Found>(
  fetchFile: FetchFile,
  sources: readonly Source[],
  path: string,
  bounds: AskBounds,
  accept: (bytes: Uint8Array, source: Source) => Promise<Found>,
): Promise<Asked<Found>> {
  return new Promise((resolve) => new Asking(fetchFile, sources, path, bounds, accept, resolve).begin());
}

class Asking<Found> {
  private readonly answers: Answer<Found>[] = [];
  private readonly refusals: Refusal[] = [];
  /** Which requests are running, and whether bytes flow. */
  private readonly running = new Map<AbortController, boolean>();
  private readonly begun = performance.now();
  private next = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly fetchFile: FetchFile,
    private readonly sources: readonly Source[],
    private readonly path: string,
    private readonly bounds: AskBounds,
    private readonly accept: (bytes: Uint8Array, source: Source) => Promise<Found>,
    private readonly resolve: (asked: Asked<Found>) => void,
  ) {}

  begin(): void {
    for (let count = 0; count < Math.max(this.enough, this.bounds.enoughDenials ?? 1); count += 1) this.askNext();
    if (!this.endIfDone()) this.timer = setTimeout(() => this.hedge(), SILENT_MS);
  }

  private get enough(): number {
    return this.bounds.enough ?? 1;
  }

  private askNext(): void {
    const source = this.sources[this.next];
    if (source === undefined || this.running.size >= TRUST_AT_ONCE) return;
    this.next += 1;
    void this.ask(source);
  }

  /** Silence costs no bandwidth, so another may be asked beside it; bytes that flow would be slowed, and are waited for a while. */
  private hedge(): void {
    const flowing = [...this.running.values()].some((flows) => flows);
    if (!flowing || performance.now() - this.begun >= TRUST_PATIENT_MS) this.askNext();
    this.timer = setTimeout(() => this.hedge(), SILENT_MS);
  }

  private async ask(source: Source): Promise<void> {
    const abort = new AbortController();
    this.running.set(abort, false);
    let received = 0;
    try {
      const { bytes } = await this.fetchFile(source.url + this.path, {
        maxBytes: this.bounds.maxBytes,
        firstByteMs: isOnion(source.url) ? SILENT_ONION_MS : TRUST_FIRST_BYTE_MS,
        minBytesPerSecond: TRUST_MIN_BYTES_PER_S,
        cache: this.bounds.cache ?? 'default',
        signal: abort.signal,
        onFirstByte: () => void (this.running.has(abort) && this.running.set(abort, true)),
        onProgress: (count) => {
          received = count;
        },
      });
      received = bytes.length;
      this.answers.push({ found: await this.accept(bytes, source), source });
    } catch (error) {
      this.refusals.push({ source, path: this.path, bytes: received, ...reasonOf(error) });
    }
    this.running.delete(abort);
    this.goOn();
  }

  private goOn(): void {
    if (this.ended || this.endIfDone()) return;
    if (this.running.size < this.enough - this.answers.length) this.askNext();
    if (this.answers.length === 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), SILENT_MS);
  }

  private endIfDone(): boolean {
    const enough = this.answers.length >= this.enough;
    const denied = this.refusals.filter(isDenial).length >= (this.bounds.enoughDenials ?? Infinity);
    const exhausted = this.running.size === 0 && this.next >= this.sources.length;
    if (enough || denied || exhausted) this.end();
    return this.ended;
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    for (const abort of this.running.keys()) abort.abort();
    this.resolve({ answers: [...this.answers], refusals: [...this.refusals] });
  }
}

/** Anything that is not one of our errors is a mistake of ours, and must not be laid at a mirror's door in silence. */
function reasonOf(error: unknown): Pick<Refusal, 'code' | 'status'> {
  if (error instanceof FetchFailed) return { code: error.how, status: error.status };
  if (error instanceof HumaError) return { code: error.code, status: null };
  return { code: 'bug', status: null };
}
