/** A live playlist whose signature is good, as a mirror offered it: what belief and the session need of it. */
import type { LivePlaylist } from './playlist';
import type { OfferedPlaylist } from './session/types';

/** What the session must know of a verified playlist. */
export function offered(playlist: LivePlaylist): OfferedPlaylist {
  return {
    rank: playlist.rank,
    keyid: playlist.keyid,
    rendition: playlist.rendition,
    tick: playlist.tick,
    issuedMs: playlist.issuedMs,
    mediaSequence: playlist.mediaSequence,
    uris: playlist.entries.map(({ ref }) => `media/${ref.digest}.${ref.ext}`),
    targetDuration: playlist.targetDuration,
    ended: playlist.ended,
    signedDigest: playlist.signedDigest,
    prev: playlist.prev,
    prevTick: playlist.prevTick,
  };
}
