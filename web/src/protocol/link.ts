/** Links: the event id that everything starts from, and hints where to ask first (spec/documents.md, D56, D57). Twin of link.py. */
import { HumaError } from './errors';
import { parseMirrorUrl, zoneOf } from './hosts';
import { LINK_MAX_BYTES, MAX_HINTS } from './limits';
import { isEventId } from './names';

const LINK = /^(?:huma:|(?:https?|file):\/\/[!-"$-~]*#|#)([0-9]{1,3}):([^?]*)(?:\?(.*))?$/;
const PAGE = /^(?:https?|file):\/\/[!-"$-~]*$/;
const PRINTABLE = /^[!-~]*$/;

/** An event, and mirrors to ask first. The mirrors of a link are hints, and count as one operator. */
export interface Link {
  readonly eventId: string;
  readonly mirrors: readonly string[];
}

/** Which addresses a link may lead to beside public ones: the command line may ask this machine, a flag allows private networks. */
export interface LinkPolicy {
  readonly loopback?: boolean;
  readonly private?: boolean;
}

const bad = (message: string): HumaError =>
  new HumaError('bad-link', message, 'Copy the whole link again, from the first letter to the last.');

/** The link that somebody was given: `huma:1:…`, a page's URL with `#1:…`, or that fragment alone. */
export function parseLink(given: string, policy: LinkPolicy = {}): Link {
  const text = given.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  const found = PRINTABLE.test(text) && text.length <= LINK_MAX_BYTES ? LINK.exec(text) : null;
  if (found === null) throw bad('this is not a link of huma');
  const [, version, eventId, query] = found as unknown as [string, string, string, string | undefined];
  if (version !== '1') throw new HumaError('unknown-version', 'this link needs a newer huma', 'Update huma, then try again.');
  if (!isEventId(eventId)) throw bad('the link is cut short, or a letter of its event id is wrong');
  const hints = (query ?? '')
    .split('&')
    .filter((part) => part === 'm' || part.startsWith('m='))
    .map((part) => decode(part.slice(2)));
  if (hints.length > MAX_HINTS) throw bad(`a link names at most ${MAX_HINTS} mirrors`);
  return { eventId, mirrors: [...new Set(hints.map((hint) => readHint(hint, policy)))] };
}

/** The link for programs: `huma:1:<event id>?m=…`. */
export const renderLink = (link: Link): string => `huma:${renderFragment(link)}`;

/** The link for browsers: all of it stands in the fragment, which no browser sends to a server. */
export function renderPageLink(pageUrl: string, link: Link): string {
  if (!PAGE.test(pageUrl)) throw bad('the page needs a URL of http, https or file, without a fragment');
  return `${pageUrl}#${renderFragment(link)}`;
}

/** What both forms end in: `1:<event id>?m=…`. */
export function renderFragment(link: Link): string {
  if (!isEventId(link.eventId) || link.mirrors.length > MAX_HINTS) throw bad('a link names one event and at most 8 mirrors');
  for (const mirror of link.mirrors) readHint(mirror, { loopback: true, private: true });
  const hints = link.mirrors.map((mirror) => `m=${mirror.replace(/[^A-Za-z0-9._~:/-]/g, encodeURIComponent)}`);
  return `1:${link.eventId}${hints.length > 0 ? `?${hints.join('&')}` : ''}`;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw bad('the link has a broken percent sign');
  }
}

/** `text`, if it is a mirror that a link may send somebody to. A final slash that got lost is put back. */
function readHint(text: string, policy: LinkPolicy): string {
  const url = text.endsWith('/') ? text : `${text}/`;
  const { scheme, zone } = locate(url);
  if ((zone === 'loopback' && !policy.loopback) || (zone === 'private' && !policy.private)) {
    throw new HumaError('private-address', 'the link leads into a private network');
  }
  if (zone === 'public' && scheme !== 'https') {
    throw new HumaError('insecure-address', 'the link names a mirror without https', 'Ask the organiser for a new link.');
  }
  return url;
}

function locate(url: string): { scheme: string; zone: string } {
  try {
    const { scheme, host } = parseMirrorUrl(url);
    return { scheme, zone: zoneOf(host) };
  } catch {
    throw bad('the link names something that is not the address of a mirror');
  }
}
