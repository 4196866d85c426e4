/** Mirrors as people read them. */
import type { MirrorListing } from '../protocol/session/types';

/** The host of a mirror: its id is the roster's, or for a hint its URL. */
export function hostOf(mirror: string, listed: readonly MirrorListing[]): string {
  const url = listed.find(({ id }) => id === mirror)?.url ?? mirror;
  try {
    return new URL(url).host;
  } catch {
    return mirror;
  }
}
