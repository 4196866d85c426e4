/** What goes into a session and what comes out (spec/client.md, section S): the twin of session/events.py and session/commands.py.
 *  Bytes are judged before they get here: an event carries a finding, never raw bytes. All times are integers in milliseconds. */

/** How a request ended without anything usable (spec/client.md, M7). */
export type Failure =
  | 'network' | 'timeout' | 'status' | 'short' | 'long' | 'mismatch' | 'bad-signature' | 'malformed' | 'redirect' | 'too-slow';

export interface RenditionPlan {
  readonly name: string;
  readonly kind: string;
  readonly ticksPerSegment: number;
  readonly maxBytes: number;
  readonly bandwidth: number;
}

/** One entry of roster.json. */
export interface MirrorListing {
  readonly id: string;
  readonly url: string;
  readonly operator: string;
  readonly class: string;
  readonly tier: string;
}

export interface LiveKeyPlan {
  readonly keyid: string;
  readonly rank: number;
}

/** A live playlist whose signature is good. `uris` are paths below the mirror: `media/<hex>.m4s`, in order. `targetDuration` in seconds. */
export interface OfferedPlaylist {
  readonly rank: number;
  readonly keyid: string;
  readonly rendition: string;
  readonly tick: number;
  readonly issuedMs: number;
  readonly mediaSequence: number;
  readonly uris: readonly string[];
  readonly targetDuration: number;
  readonly ended: boolean;
  readonly signedDigest: string;
  readonly prev: string | null;
  readonly prevTick: number | null;
}

/** What is kept over restarts (spec/client.md, B8). Floors: rank → rendition → tick. */
export interface SavedBelief {
  readonly v: 1;
  readonly eventId: string;
  readonly floors: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly revoked: readonly string[];
}

export interface SessionConfig {
  /** What an earlier session of the same event saved; ignored if it is of another event. */
  readonly restored: SavedBelief | null;
  /** May volunteers' mirrors be asked? The viewer can turn them off. */
  readonly volunteers: boolean;
  /** URL schemes that this client can ask: an https page cannot ask http. */
  readonly schemes: readonly string[];
  /** Can this client reach onion services? */
  readonly onion: boolean;
}

export interface TrustEvent {
  readonly type: 'trust';
  readonly eventId: string;
  readonly copy: boolean;
  readonly tick: readonly [number, number];
  readonly epochMs: number;
  readonly renditions: readonly RenditionPlan[];
  readonly mirrors: readonly MirrorListing[];
  readonly hints: readonly string[];
  readonly weights: Readonly<Record<string, number>>;
  readonly withdrawn: readonly string[];
  readonly liveKeys: readonly LiveKeyPlan[];
}

/** The player waits for a playlist newer than the last one delivered for this rendition;
 *  `have` replaces "the last one delivered": the tick that this asker holds, or -1 for none. */
export interface WantPlaylistEvent {
  readonly type: 'want_playlist';
  readonly want: number;
  readonly rendition: string;
  readonly have?: number | null;
}

/** The player waits for a content-addressed file. `size` is the signed size, or null where none is signed (a chapter). */
export interface WantFileEvent {
  readonly type: 'want_file';
  readonly want: number;
  readonly path: string;
  readonly digest: string;
  readonly size: number | null;
  readonly rendition: string;
  readonly fromMirror?: string | null;
}

export type SessionEvent =
  | TrustEvent
  | WantPlaylistEvent
  | WantFileEvent
  | { readonly type: 'unwant'; readonly want: number }
  | { readonly type: 'first_byte'; readonly req: number }
  /** `bytes` of the body are here so far, after content decoding. */
  | { readonly type: 'progress'; readonly req: number; readonly bytes: number }
  | { readonly type: 'playlist'; readonly req: number; readonly playlist: OfferedPlaylist }
  | { readonly type: 'file'; readonly req: number }
  /** `bytes` is what was received and thrown away. */
  | { readonly type: 'failed'; readonly req: number; readonly how: Failure; readonly status?: number | null; readonly bytes?: number }
  | { readonly type: 'revoked'; readonly req: number; readonly keyids: readonly string[] }
  | { readonly type: 'timestamp'; readonly req: number; readonly newer: boolean }
  /** This mirror (its id; for a hint: its URL) has served this event's 1.root.json. */
  | { readonly type: 'root_seen'; readonly mirror: string }
  | { readonly type: 'wake' }
  | { readonly type: 'suspended' };

/** Ask `mirror` for `url`; report first_byte, progress (each 16 KiB or 100 ms), then one finding (playlist, file, revoked, timestamp, failed).
 *  The shell enforces `maxBytes` and refuses redirects. The session itself cancels what is silent or slow: `firstByteMs` and
 *  `minBytesPerS` only say what it will hold the mirror to. `fresh` forbids caches: a second look at a mirror under suspicion. */
export interface FetchCommand {
  readonly type: 'fetch';
  readonly req: number;
  readonly mirror: string;
  readonly url: string;
  readonly kind: 'playlist' | 'file' | 'revoked' | 'timestamp';
  readonly path: string;
  readonly rendition: string | null;
  readonly digest: string | null;
  readonly size: number | null;
  readonly maxBytes: number;
  readonly firstByteMs: number;
  readonly minBytesPerS: number;
  readonly fresh: boolean;
}

export interface NoteCommand {
  readonly type: 'note';
  /** hop refusal caught penalty rank two-versions implausible revoked waiting live unconfirmed cut-off ended line-slow line-ok */
  readonly what: string;
  readonly mirror: string | null;
  readonly code: string | null;
  readonly ms: number | null;
  readonly rank: number | null;
  readonly tick: number | null;
}

export type SessionCommand =
  | FetchCommand
  /** Stop this request; whatever it still reports is ignored. */
  | { readonly type: 'cancel'; readonly req: number }
  /** Hand the bytes got by `req` to the one who wanted. A file: in the very batch that answers its `file` event, or never.
   *  The bytes of a verified playlist may be delivered later too: keep them until `forget`. */
  | { readonly type: 'deliver'; readonly want: number; readonly req: number }
  /** The bytes of this playlist request will not be asked for any more. */
  | { readonly type: 'forget'; readonly req: number }
  /** The answer to `unwant`: nothing will be delivered for this want. */
  | { readonly type: 'give_up'; readonly want: number }
  /** Send `wake` at this monotonic time; replaces every earlier wish. */
  | { readonly type: 'wake_at'; readonly mono: number }
  | NoteCommand
  /** A newer timestamp exists: run the trust workflow, then send `trust`. */
  | { readonly type: 'refresh_trust' }
  | { readonly type: 'save'; readonly state: SavedBelief };

export type Status = 'waiting' | 'live' | 'unconfirmed' | 'cut_off' | 'ended';

export interface SessionView {
  readonly status: Status;
  /** ISSUED of the newest believed playlist, Unix ms. */
  readonly signedAt: number | null;
  /** Id of the mirror in use (for a hint: its URL). */
  readonly mirror: string | null;
  readonly rank: number;
  readonly refusedBytes: number;
  readonly refusals: number;
  readonly caught: readonly { readonly mirror: string; readonly what: string }[];
  readonly twoVersions: boolean;
  /** wall clock − signedAt, never below 0: by this machine's clock. */
  readonly behindMs: number | null;
  readonly lineSlow: boolean;
}

/** WatchSession: `handle` one event, get commands; `view` is what a page shows. */
export interface Session {
  handle(event: SessionEvent, wall: number, mono: number): SessionCommand[];
  view(wall: number, mono: number): SessionView;
}
