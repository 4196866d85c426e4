/**
 * The token that lets one see and press: it comes behind # in the address, which no browser sends, and is kept for as
 * long as the tab lives. It leaves the address bar at once, so that it stands in no screenshot and no history.
 */

const TOKEN = /^#([A-Za-z0-9_-]{16,256})$/;
const KEPT = 'huma-console:token';

/** What of a window is needed; a browser that keeps nothing throws when it is asked for its storage. */
export interface TokenPlace {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
}

/** The token of this tab; null where none was ever shown. */
export function takeToken(place: TokenPlace): string | null {
  const { location, history } = place;
  const given = TOKEN.exec(location.hash)?.[1] ?? null;
  if (given === null) return quietly(() => place.sessionStorage.getItem(KEPT)) ?? null;
  history.replaceState(null, '', location.pathname + location.search);
  quietly(() => place.sessionStorage.setItem(KEPT, given));
  return given;
}

/** It was refused: the next visit asks for another one. */
export function forgetToken(place: TokenPlace): void {
  quietly(() => place.sessionStorage.removeItem(KEPT));
}

function quietly<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
