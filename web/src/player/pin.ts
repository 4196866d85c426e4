/** Which event this page is to show: the one that it is pinned to, or the one in the address's fragment. */
import { HumaError } from '../protocol/errors';
import { parseLink, renderFragment } from '../protocol/link';
import type { LinkPolicy } from '../protocol/link';
import { isEventId } from '../protocol/names';
import type { Refusal } from './state';

/** What the file was given when it was made. */
export interface Pin {
  readonly event: string;
  readonly mirrors: readonly string[];
  /** 1.root.json, so that not even that must be fetched. */
  readonly root: string | null;
}

export interface Target {
  readonly eventId: string;
  readonly hints: readonly string[];
  readonly root: string | null;
  readonly pinned: boolean;
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');

/** The pin in the text of `#huma-pin`; null where it is empty. A spoilt pin throws: it must not turn into "no pin". */
export function parsePin(text: string): Pin | null {
  if (text.trim() === '') return null;
  const { event, mirrors = [], root = null } = JSON.parse(text) as Record<string, unknown>;
  if (typeof event !== 'string' || !isEventId(event) || !isTexts(mirrors) || (root !== null && typeof root !== 'string')) {
    throw new HumaError('malformed', 'the pin of this page is spoilt');
  }
  return { event, mirrors, root };
}

/** The event and where to ask, or the one reason why there is nothing to show. */
export function targetOf(pinText: string, fragment: string, policy: LinkPolicy): Target | Refusal {
  try {
    const pin = parsePin(pinText);
    const empty = fragment.length <= 1;
    if (pin === null) {
      if (empty) return 'noLink';
      const { eventId, mirrors } = parseLink(fragment, policy);
      return { eventId, hints: mirrors, root: null, pinned: false };
    }
    const link = empty ? null : parseLink(fragment, policy);
    if (link !== null && link.eventId !== pin.event) return 'otherEvent';
    return { eventId: pin.event, hints: [...new Set([...(link?.mirrors ?? []), ...pin.mirrors])], root: pin.root, pinned: true };
  } catch {
    return 'badLink';
  }
}

const MOST_SHARED = 3;

/** The link to hand on: this page where it is on the web, else the form that programs take. */
export function linkToShare(target: Target, mirrors: readonly string[], location: Location): string {
  const hints = [...new Set([...target.hints, ...mirrors])].filter((url) => url.startsWith('https:')).slice(0, MOST_SHARED);
  const fragment = renderFragment({ eventId: target.eventId, mirrors: hints.length > 0 ? hints : target.hints.slice(0, MOST_SHARED) });
  const web = location.protocol === 'https:' || location.protocol === 'http:';
  return web ? `${location.origin}${location.pathname.replace(/local\.html$/, '')}#${fragment}` : `huma:${fragment}`;
}
