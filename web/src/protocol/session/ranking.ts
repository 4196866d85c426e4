/** In which order mirrors are asked, and which three a viewer keeps to (spec/client.md, M1 to M3). Twin of ranking.py. */
import { STICKY_MIRRORS } from '../limits';
import { Mulberry32, fnv1a } from './chance';
import type { MirrorListing, SessionConfig, TrustEvent } from './types';

const LISTED = 0;
const UNLISTED = 1;
const WITHDRAWN = 2;
const HINTS_VOICE = 'hints of a link';

/** A mirror that may be asked. `operator` spreads the set; `voice` is what counts as one operator in B3 and B6. */
export interface Listing {
  readonly id: string;
  readonly url: string;
  readonly operator: string;
  readonly voice: string;
  readonly class: string;
  readonly tier: string;
  readonly group: number;
  readonly score: number;
}

const schemeOf = (url: string): string => (url.split('://', 1)[0] ?? '').toLowerCase();
const authorityOf = (url: string): string => (url.slice(url.indexOf('://') + 3).split('/', 1)[0] ?? '').toLowerCase();

/** Scheme, host and port: the operator of whoever names none. */
export const origin = (url: string): string => `${schemeOf(url)}://${authorityOf(url)}`;

/** Is this reached through Tor? */
export function isOnion(url: string, mirrorClass: string): boolean {
  return mirrorClass === 'onion' || (authorityOf(url).split(':', 1)[0] ?? '').endsWith('.onion');
}

/** M1: all mirrors that this client may ask, by group, then by weighted chance that holds over renewals. */
export function rankMirrors(trust: TrustEvent, config: SessionConfig, seed: number): readonly Listing[] {
  const listed = trust.mirrors.map((mirror) => ofRoster(trust, mirror, seed));
  const known = new Set(listed.map(({ url }) => url));
  const hints = [...new Set(trust.hints)].filter((url) => !known.has(url));
  const hinted = hints.map((url) => ofHint(trust, url, seed));
  return [...listed, ...hinted].filter((listing) => mayAsk(listing, config)).sort(byRank);
}

function byRank(a: Listing, b: Listing): number {
  return a.group - b.group || a.score - b.score || (a.id < b.id ? -1 : 1);
}

function ofRoster({ weights, withdrawn }: TrustEvent, mirror: MirrorListing, seed: number): Listing {
  const weight = Object.hasOwn(weights, mirror.id) ? weights[mirror.id] : undefined;
  const listed = Object.keys(weights).length === 0 || weight !== undefined ? LISTED : UNLISTED;
  const group = withdrawn.includes(mirror.id) ? WITHDRAWN : listed;
  const { id, url, operator, tier } = mirror;
  return { id, url, operator, voice: operator, class: mirror.class, tier, group, score: score(seed, id, weight ?? 1) };
}

/** Nobody signed a hint: it has no tier, and all hints of a link have one voice. */
function ofHint({ mirrors }: TrustEvent, url: string, seed: number): Listing {
  const group = mirrors.length > 0 ? UNLISTED : LISTED;
  const common = { id: url, url, operator: origin(url), voice: HINTS_VOICE, class: 'server', tier: 'hint' };
  return { ...common, group, score: score(seed, url, 1) };
}

/** Weighted rendezvous: a changed weight moves this mirror alone, whatever happens to the others. */
function score(seed: number, name: string, weight: number): number {
  return -Math.log((new Mulberry32(seed ^ fnv1a(name)).next() + 1) / 4294967297) / weight;
}

function mayAsk({ url, class: mirrorClass, tier }: Listing, config: SessionConfig): boolean {
  if (isOnion(url, mirrorClass) && !config.onion) return false;
  return config.schemes.includes(schemeOf(url)) && (config.volunteers || tier !== 'volunteer');
}

/** M2: three of different operators, one of them trusted where there is one; fewer where there are fewer. */
export function pickSet(ranked: readonly Listing[], benched: ReadonlySet<string>): Listing[] {
  const chosen: Listing[] = [];
  for (const listing of ranked) {
    if (chosen.length === STICKY_MIRRORS || (listing.group === WITHDRAWN && chosen.length > 0)) break;
    if (benched.has(listing.id) || chosen.some(({ operator }) => operator === listing.operator)) continue;
    chosen.push(listing);
  }
  if (chosen.length > 0 && chosen.every(({ tier }) => tier !== 'trusted')) includeTrusted(chosen, ranked, benched);
  return chosen;
}

function includeTrusted(chosen: Listing[], ranked: readonly Listing[], benched: ReadonlySet<string>): void {
  const trusted = ranked.find(({ id, tier, group }) => tier === 'trusted' && group !== WITHDRAWN && !benched.has(id));
  if (trusted === undefined) return;
  const same = chosen.findIndex(({ operator }) => operator === trusted.operator);
  if (same >= 0) chosen[same] = trusted;
  else if (chosen.length < STICKY_MIRRORS) chosen.push(trusted);
  else chosen[chosen.length - 1] = trusted;
}
