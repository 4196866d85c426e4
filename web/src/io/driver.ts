/**
 * Runs a WatchSession in a page: does what it commands, and tells it what was found.
 *
 * Bytes are judged here, before the session hears of them and before anyone is handed them: a playlist by its signature,
 * a file by its digest. What leaves through `onPlaylist` and `onFile` is verified; there is no other door.
 */
import { HumaError } from '../protocol/errors';
import { offered } from '../protocol/offered';
import type { LivePlaylist } from '../protocol/playlist';
import type {
  Failure,
  FetchCommand,
  SessionCommand,
  SessionEvent,
  SessionView,
  TrustEvent,
} from '../protocol/session/types';
import type { Counters, DriverPorts, FileWant, Fortune, Timing, Want } from './driverports';
import { FetchFailed } from './fetch';
import { Shelf } from './shelf';
import { WaitingList } from './waiting';

export type { Counters, DriverPorts, FileWant, Fortune, Judge, PlaylistWant, Timing, Want } from './driverports';

interface Request {
  readonly command: FetchCommand;
  readonly abort: AbortController;
  readonly asked: number;
  first: number;
  received: number;
  reportedAt: number;
  reported: number;
}

interface Body {
  readonly bytes: Uint8Array;
  readonly playlist: LivePlaylist | null;
  readonly timing: Timing;
}

const PROGRESS_BYTES = 16 * 1024;
const PROGRESS_MS = 100;
const SHELF_BYTES = 24 * 1024 * 1024;
/** A timer that comes this late means that the page was asleep. Browsers wake a hidden page once a minute: that is no sleep,
 *  and must not loosen what is believed of the future (B3). */
const ASLEEP_MS = 5_000;
const ASLEEP_HIDDEN_MS = 90_000;
const WATCH_SLEEP_MS = 1_000;
const LESS_THAN = 0x3c;
const REFRESH_RETRY_MS = 10_000;

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export class SessionDriver {
  readonly counters: Counters = { verified: 0, refused: 0, unverifiedPlayed: 0 };
  readonly fortune: Fortune = { verifiedAt: 0, failures: 0, webPages: 0 };
  private readonly wants = new WaitingList();
  private readonly requests = new Map<number, Request>();
  private readonly bodies = new Map<number, Body>();
  private readonly shelf = new Shelf(SHELF_BYTES);
  private readonly sealed = new WeakSet<ArrayBufferLike>();
  private readonly introduced = new Set<string>();
  private wakeTimer: ReturnType<typeof setTimeout> | undefined;
  private sleepTimer: ReturnType<typeof setInterval> | undefined;
  private refreshing = false;
  private stopped = false;

  constructor(private readonly ports: DriverPorts) {
    let last = ports.mono();
    this.sleepTimer = setInterval(() => {
      const now = ports.mono();
      const hidden = typeof document !== 'undefined' && document.hidden;
      if (now - last > WATCH_SLEEP_MS + (hidden ? ASLEEP_HIDDEN_MS : ASLEEP_MS)) this.tell({ type: 'suspended' });
      last = now;
    }, WATCH_SLEEP_MS);
  }

  get view(): SessionView {
    return this.ports.session.view(this.ports.wall(), this.ports.mono());
  }

  /** The session starts with the first, and goes by the newest. */
  trust(event: TrustEvent): void {
    this.tell(event);
  }

  rootSeen(mirror: string): void {
    this.tell({ type: 'root_seen', mirror });
  }

  /** Ask for something; it comes when it is there and verified, however long that takes. Returns how to stop asking. */
  want(want: Want): () => void {
    if (want.kind === 'file') return this.wantFile(want);
    const id = this.wants.addPlaylist(want);
    this.tell({ type: 'want_playlist', want: id, rendition: want.rendition, have: want.have });
    return () => this.unwant(id);
  }

  private wantFile(want: FileWant): () => void {
    const kept = this.shelf.get(want.digest);
    if (kept !== undefined) return this.fromShelf(want, kept);
    const { path, digest, size, rendition } = want;
    const { id, first } = this.wants.addFile(want);
    if (first) this.tell({ type: 'want_file', want: id, path, digest, size, rendition });
    return () => {
      if (this.wants.leave(id, want)) this.unwant(id);
    };
  }

  private unwant(id: number): void {
    if (this.wants.remove(id)) this.tell({ type: 'unwant', want: id });
  }

  /** The last gate before a decoder: only buffers that left this driver verified may pass. */
  admit(buffer: ArrayBufferLike): boolean {
    if (this.sealed.has(buffer)) return true;
    this.counters.unverifiedPlayed += buffer.byteLength;
    return false;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.wakeTimer);
    clearInterval(this.sleepTimer);
    for (const { abort } of this.requests.values()) abort.abort();
    this.requests.clear();
    this.wants.clear();
    this.bodies.clear();
  }

  private tell(event: SessionEvent): void {
    if (this.stopped) return;
    const { session, wall, mono, onChange } = this.ports;
    for (const command of session.handle(event, wall(), mono())) this.obey(command);
    onChange();
  }

  private obey(command: SessionCommand): void {
    switch (command.type) {
      case 'fetch':
        void this.fetch(command);
        return;
      case 'cancel':
        this.requests.get(command.req)?.abort.abort();
        this.requests.delete(command.req);
        return;
      case 'deliver':
        this.deliver(command.want, command.req);
        return;
      case 'forget':
        this.bodies.delete(command.req);
        return;
      case 'give_up':
        this.wants.remove(command.want);
        return;
      case 'wake_at':
        this.wakeAt(command.mono);
        return;
      case 'note':
        this.ports.onNote(command);
        return;
      case 'refresh_trust':
        void this.refreshTrust();
        return;
      case 'save':
        this.ports.save(command.state);
        return;
      default:
        command satisfies never;
    }
  }

  private wakeAt(mono: number): void {
    clearTimeout(this.wakeTimer);
    this.wakeTimer = setTimeout(() => this.tell({ type: 'wake' }), Math.max(0, mono - this.ports.mono()));
  }

  private async fetch(command: FetchCommand): Promise<void> {
    const request: Request = {
      command,
      abort: new AbortController(),
      asked: this.ports.mono(),
      first: 0,
      received: 0,
      reportedAt: 0,
      reported: 0,
    };
    this.requests.set(command.req, request);
    this.introduce(command);
    const finding = await this.find(request);
    if (this.requests.get(command.req) !== request) {
      this.bodies.delete(command.req); // cancelled while it was being judged: nobody will ask for it
      return;
    }
    this.requests.delete(command.req);
    this.remember(finding);
    try {
      this.tell(finding);
    } finally {
      if (command.kind === 'file') this.bodies.delete(command.req);
    }
  }

  private introduce({ mirror, url, path }: FetchCommand): void {
    if (this.introduced.has(mirror)) return;
    this.introduced.add(mirror);
    this.ports.judge.introduce(mirror, url.slice(0, url.length - path.length));
  }

  private remember(finding: SessionEvent): void {
    if (finding.type !== 'failed') {
      Object.assign(this.fortune, { verifiedAt: this.ports.mono(), failures: 0, webPages: 0 });
      return;
    }
    this.counters.refused += finding.bytes ?? 0;
    this.fortune.failures += 1;
    if (finding.how === 'redirect') this.fortune.webPages += 1;
  }

  /** Fetch and judge: the finding that the session will hear. */
  private async find(request: Request): Promise<SessionEvent> {
    const { req } = request.command;
    try {
      const bytes = await this.body(request);
      return await this.judged(request, bytes);
    } catch (error) {
      if (error instanceof FetchFailed) {
        const how = error.how === 'cancelled' ? 'network' : error.how;
        // a body that is too long is left at the chunk that goes beyond: at least as much as was signed came, and was refused
        const bytes = how === 'long' ? Math.max(request.received, request.command.size ?? 1) : request.received;
        return { type: 'failed', req, how, status: error.status, bytes };
      }
      return { type: 'failed', req, how: 'malformed', bytes: request.received };
    }
  }

  private async body(request: Request): Promise<Uint8Array> {
    const { command, abort } = request;
    const { bytes } = await this.ports.fetch(command.url, {
      maxBytes: command.maxBytes,
      firstByteMs: this.patience(command),
      minBytesPerSecond: 0,
      signal: abort.signal,
      ...(command.size === null ? {} : { exactBytes: command.size }),
      ...(command.fresh ? { cache: 'no-store' as const } : command.kind === 'file' ? {} : { cache: 'no-cache' as const }),
      onFirstByte: () => {
        request.first = this.ports.mono();
        if (this.requests.get(command.req) === request) this.tell({ type: 'first_byte', req: command.req });
      },
      onProgress: (received) => this.progress(request, received),
    });
    return bytes;
  }

  /** The session lays blame by its own clock; ours only ends what it has forgotten. */
  private patience(command: FetchCommand): number {
    return Math.max(60_000, 2 * command.firstByteMs);
  }

  private progress(request: Request, received: number): void {
    const { req, path, digest } = request.command;
    if (this.requests.get(req) !== request) return;
    request.received = received;
    const now = this.ports.mono();
    for (const want of this.wants.of(path, digest)) want.onProgress?.(received);
    if (received - request.reported < PROGRESS_BYTES && now - request.reportedAt < PROGRESS_MS) return;
    request.reported = received;
    request.reportedAt = now;
    this.tell({ type: 'progress', req, bytes: received });
  }

  private async judged(request: Request, bytes: Uint8Array): Promise<SessionEvent> {
    const { command } = request;
    const { req } = command;
    request.received = bytes.length;
    this.ports.onMeasured(bytes.length, this.timingOf(request));
    const { judge } = this.ports;
    switch (command.kind) {
      case 'file':
        return this.judgedFile(request, bytes);
      case 'playlist':
        return this.judgedPlaylist(request, bytes);
      case 'revoked':
        return { type: 'revoked', req, keyids: await judge.revoked(bytes) };
      case 'timestamp':
        return { type: 'timestamp', req, newer: await judge.newerTimestamp(bytes) };
    }
  }

  private async judgedFile(request: Request, bytes: Uint8Array): Promise<SessionEvent> {
    const { req, digest } = request.command;
    const found = toHex(await this.ports.crypto.sha256(bytes));
    if (found !== digest) return this.refused(req, 'mismatch', bytes);
    this.keep(request, bytes, null);
    return { type: 'file', req };
  }

  private async judgedPlaylist(request: Request, bytes: Uint8Array): Promise<SessionEvent> {
    const { req, rendition } = request.command;
    try {
      const playlist = await this.ports.judge.playlist(bytes, rendition ?? '');
      this.keep(request, bytes, playlist);
      return { type: 'playlist', req, playlist: offered(playlist) };
    } catch (error) {
      return this.refused(req, this.blame(error, bytes), bytes);
    }
  }

  private refused(req: number, how: Failure, bytes: Uint8Array): SessionEvent {
    if (bytes[0] === LESS_THAN) this.fortune.webPages += 1;
    return { type: 'failed', req, how, bytes: bytes.length };
  }

  /** A bad signature counts as forging only under a playlist that claims to be ours; all else is just broken. */
  private blame(error: unknown, bytes: Uint8Array): Failure {
    const code = error instanceof HumaError ? error.code : 'malformed';
    return code === 'bad-signature' && this.ports.judge.looksLikeOurs(bytes) ? 'bad-signature' : 'malformed';
  }

  private timingOf(request: Request): Timing {
    const last = this.ports.mono();
    return { asked: request.asked, first: request.first || last, last, kept: false };
  }

  private keep(request: Request, bytes: Uint8Array, playlist: LivePlaylist | null): void {
    this.bodies.set(request.command.req, { bytes, playlist, timing: this.timingOf(request) });
  }

  private deliver(id: number, req: number): void {
    const waiting = this.wants.get(id);
    const body = this.bodies.get(req);
    if (waiting === undefined || body === undefined) return;
    this.wants.remove(id);
    this.counters.verified += body.bytes.length;
    if ('playlist' in waiting) {
      const { playlist } = body;
      if (playlist !== null) apart(() => waiting.playlist.onPlaylist(playlist, body.timing));
      return;
    }
    for (const want of waiting.files) {
      this.shelf.put(want.digest, body.bytes);
      this.handOut(want, body.bytes, body.timing);
    }
  }

  /** A copy goes out: a decoder takes the buffer away, and what is kept stays what was verified. */
  private handOut(want: FileWant, bytes: Uint8Array, timing: Timing): void {
    const copy = bytes.slice();
    this.sealed.add(copy.buffer);
    apart(() => want.onFile(copy, timing));
  }

  private fromShelf(want: FileWant, bytes: Uint8Array): () => void {
    let wanted = true;
    const now = this.ports.mono();
    queueMicrotask(() => {
      if (wanted && !this.stopped) this.handOut(want, bytes, { asked: now, first: now, last: now, kept: true });
    });
    return () => {
      wanted = false;
    };
  }

  private async refreshTrust(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    try {
      this.tell(await this.ports.judge.refresh());
    } catch {
      // no mirror gave a whole walk: what is held stays in force, and the next newer timestamp asks again
      await new Promise((resolve) => setTimeout(resolve, REFRESH_RETRY_MS));
    } finally {
      this.refreshing = false;
    }
  }
}

/** A mistake of who takes a delivery is told to the console, and costs nobody else theirs. */
function apart(delivery: () => void): void {
  try {
    delivery();
  } catch (error) {
    globalThis.reportError?.(error);
  }
}
