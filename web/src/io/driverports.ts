/** What the driver needs, what can be wanted of it, and what it counts. */
import type { Crypto } from '../protocol/crypto';
import type { LivePlaylist } from '../protocol/playlist';
import type { NoteCommand, SavedBelief, Session, TrustEvent } from '../protocol/session/types';
import type { FetchFile } from './anymirror';

/** Judges what mirrors send, with the trust documents in force. Each throws one of our errors, or returns what is good. */
export interface Judge {
  playlist(bytes: Uint8Array, rendition: string): Promise<LivePlaylist>;
  /** Whether these are bytes of a live playlist of our event, whatever their signature is worth. */
  looksLikeOurs(bytes: Uint8Array): boolean;
  /** The live keys that valid entries revoke. */
  revoked(bytes: Uint8Array): Promise<readonly string[]>;
  /** Whether a validly signed timestamp is newer than the one held. */
  newerTimestamp(bytes: Uint8Array): Promise<boolean>;
  /** Walk the trust documents again and say what the session must know of them. */
  refresh(): Promise<TrustEvent>;
  /** Ask a mirror for this event's 1.root.json: it has one try until it has shown that it is one of ours. */
  introduce(mirror: string, url: string): void;
}

export interface DriverPorts {
  readonly session: Session;
  readonly judge: Judge;
  readonly crypto: Crypto;
  readonly fetch: FetchFile;
  readonly wall: () => number;
  readonly mono: () => number;
  readonly save: (state: SavedBelief) => void;
  readonly onNote: (note: NoteCommand) => void;
  /** A body came whole: what it says of the line. */
  readonly onMeasured: (bytes: number, timing: Timing) => void;
  /** After each batch of commands: something that the page shows may have changed. */
  readonly onChange: () => void;
}

export interface PlaylistWant {
  readonly kind: 'playlist';
  readonly rendition: string;
  /** The tick that the asker holds; -1 for none. */
  readonly have: number;
  readonly onPlaylist: (playlist: LivePlaylist, timing: Timing) => void;
}

export interface FileWant {
  readonly kind: 'file';
  readonly path: string;
  readonly digest: string;
  readonly size: number | null;
  readonly rendition: string;
  readonly onFile: (bytes: Uint8Array, timing: Timing) => void;
  readonly onProgress?: (bytes: number) => void;
}

export type Want = PlaylistWant | FileWant;

/** When a delivered body was asked for, began, and was whole; monotonic milliseconds. */
export interface Timing {
  readonly asked: number;
  readonly first: number;
  readonly last: number;
  /** From memory: says nothing about the line. */
  readonly kept: boolean;
}

/** How asking goes, for the sentences of the page. */
export interface Fortune {
  /** When something verified last came; monotonic milliseconds. */
  verifiedAt: number;
  /** Failed requests since then. */
  failures: number;
  /** Those of them that brought a web page, or led elsewhere: what a network does that wants a login. */
  webPages: number;
}

export interface Counters {
  /** Bytes that verified and were handed out. */
  verified: number;
  /** Bytes that came and did not verify, or were not whole. */
  refused: number;
  /** Bytes that reached a decoder without having been verified. Stays 0. */
  unverifiedPlayed: number;
}
