/** roster.json: which mirrors exist, and who runs them (spec/documents.md, D48). Twin of roster.py. */
import { HumaError, malformed } from './errors';
import { isAddress, parseMirrorUrl, zoneOf } from './hosts';
import { MAX_ADDRESSES, MAX_MIRRORS, METADATA_MAX_BYTES, URL_MAX_BYTES } from './limits';
import { isDigest } from './names';
import { type Members, parseMembers, parseVersion } from './strictjson';

export type MirrorClass = 'cdn' | 'server' | 'home' | 'onion' | 'lan';
export type MirrorTier = 'trusted' | 'volunteer';

const CLASSES: readonly MirrorClass[] = ['cdn', 'server', 'home', 'onion', 'lan'];
const TIERS: readonly MirrorTier[] = ['trusted', 'volunteer'];
const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** One mirror. `addresses` are pinned IP addresses, `spki` the SHA-256 of keys that its certificate may have. */
export interface Mirror {
  readonly id: string;
  readonly url: string;
  readonly operator: string;
  readonly class: MirrorClass;
  readonly tier: MirrorTier;
  readonly addresses: readonly string[];
  readonly spki: readonly string[];
}

export interface Roster {
  readonly mirrors: readonly Mirror[];
}

export const isMirrorId = (text: string): boolean => ID.test(text);

/** The roster that `data` holds, or one of our errors. */
export function parseRoster(data: Uint8Array): Roster {
  const members = parseMembers(data, METADATA_MAX_BYTES, 'roster.json');
  parseVersion(members);
  const mirrors = members.objects('mirrors', MAX_MIRRORS).map(readMirror);
  if (new Set(mirrors.map((mirror) => mirror.id)).size !== mirrors.length) {
    throw malformed('roster.json: two mirrors have one id');
  }
  return { mirrors };
}

function readMirror(members: Members): Mirror {
  const mirror: Mirror = {
    id: members.text('id', 32),
    url: members.text('url', URL_MAX_BYTES),
    operator: members.text('operator', 128),
    class: members.choice('class', CLASSES),
    tier: members.choice('tier', TIERS),
    addresses: members.texts('addresses', MAX_ADDRESSES, 45),
    spki: members.texts('spki', MAX_ADDRESSES, 64),
  };
  if (!isMirrorId(mirror.id)) members.refuse('id', 'lower-case letters, digits and hyphens');
  if (!mirror.addresses.every(isAddress) || !mirror.spki.every(isDigest)) {
    members.refuse('addresses', 'IP addresses, with SHA-256 digests as pins');
  }
  const zone = zoneOf(parseMirrorUrl(mirror.url).host);
  if ((zone === 'private' || zone === 'loopback') && mirror.class !== 'lan') {
    throw new HumaError('private-address', 'an address in the own network of somebody is for class lan');
  }
  if ((zone === 'onion') !== (mirror.class === 'onion')) {
    throw new HumaError('bad-url', 'onion addresses and class onion belong together');
  }
  return mirror;
}
