/**
 * What a page remembers between visits: version counters, floors and revocations (PROTOCOL 6.5, spec/trust.md, T9), and the
 * seed that chooses this viewer's mirrors (spec/client.md, M2). Nothing else.
 *
 * The former are there to be harder to lie to, the seed so that a visit tomorrow shows the viewer's address to the same few
 * mirrors as today. It is sent to nobody; none of it says who watched, when, or what. Where the browser denies storage
 * it lasts as long as the page. "Leave no trace" erases it and writes no more.
 */
import { boundedSaved } from '../protocol/belief';
import { MAX_INTEGER, MAX_LIVE_KEYS, MAX_RENDITIONS, MAX_REVOKED } from '../protocol/limits';
import { isEventId, isKeyid, isRenditionName } from '../protocol/names';
import type { SavedBelief } from '../protocol/session/types';
import { type Json, type JsonObject, type Members, asMembers, byteLength, encodeUtf8, isObject, parseJson } from '../protocol/strictjson';
import { type TrustState, parseTrustState } from '../protocol/trust';

/** What is remembered of one event. */
export interface Remembered {
  readonly trust: TrustState | null;
  readonly belief: SavedBelief | null;
  readonly seed: number | null;
}

/** The part of `Storage` that is needed. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export const STORE_KEY = 'huma:1';
const EVENTS_KEPT = 8;
const STORE_MAX_BYTES = 256 * 1024;
const NOTHING: Remembered = { trust: null, belief: null, seed: null };
const SEEDS = 2 ** 32;

/** localStorage, or null where the browser or its settings deny it: then even looking throws. */
export function browserStore(): TextStore | null {
  try {
    const store = globalThis.localStorage;
    store.getItem(STORE_KEY);
    return store;
  } catch {
    return null;
  }
}

export class Memory {
  /** By event id, the most recent last. */
  private events: Map<string, Remembered>;
  private silent = false;

  constructor(private readonly store: TextStore | null = browserStore()) {
    this.events = this.read();
  }

  recall(eventId: string): Remembered {
    return this.events.get(eventId) ?? NOTHING;
  }

  saveTrust(state: TrustState): void {
    this.save(state.event, { ...NOTHING, trust: state });
  }

  saveBelief(belief: SavedBelief): void {
    this.save(belief.eventId, { ...NOTHING, belief });
  }

  /** The seed of this viewer for this event, drawn once. It is stored together with the first thing that proves the event. */
  seedOf(eventId: string, draw: () => number): number {
    const seed = this.recall(eventId).seed ?? draw();
    this.put(eventId, { ...NOTHING, seed });
    return seed;
  }

  get leavesNoTrace(): boolean {
    return this.silent;
  }

  /** On: erase everything, and write no more. The switch itself is not remembered: that would be a trace. */
  leaveNoTrace(on: boolean): void {
    this.silent = on;
    if (on) this.erase();
    else this.write();
  }

  /** Another tab may have learned more meanwhile: what is stored is merged, never overwritten. */
  private save(eventId: string, news: Remembered): void {
    if (!this.silent) for (const [id, stored] of this.read()) this.put(id, stored);
    this.put(eventId, news);
    while (this.events.size > EVENTS_KEPT) this.events.delete(this.events.keys().next().value as string);
    this.write();
  }

  private put(eventId: string, news: Remembered): void {
    const merged = merge(this.events.get(eventId) ?? NOTHING, news);
    this.events.delete(eventId);
    this.events.set(eventId, merged);
  }

  private read(): Map<string, Remembered> {
    try {
      const text = this.store?.getItem(STORE_KEY) ?? null;
      return text === null ? new Map() : parseRemembered(text);
    } catch {
      return new Map();
    }
  }

  private write(): void {
    const proved = new Map([...this.events].filter(([, { trust, belief }]) => trust !== null || belief !== null));
    if (this.silent || proved.size === 0) return;
    try {
      this.store?.setItem(STORE_KEY, renderRemembered(proved));
    } catch {
      // full, or denied since: it lasts as long as the page
    }
  }

  private erase(): void {
    try {
      this.store?.removeItem(STORE_KEY);
    } catch {
      // denied: nothing was written either
    }
  }
}

/** The text that is stored: the newest events that fit. One that is too large costs neither the older nor the smaller ones. */
export function renderRemembered(events: ReadonlyMap<string, Remembered>): string {
  const [head, end] = ['{"v":1,"events":[', ']}'];
  let room = STORE_MAX_BYTES - head.length - end.length;
  const newestFirst = [...events.values()].reverse().map((remembered) => JSON.stringify(remembered));
  const fitting = newestFirst.filter((entry) => {
    const bytes = byteLength(entry) + 1;
    const fits = bytes <= room;
    if (fits) room -= bytes;
    return fits;
  });
  return head + fitting.reverse().join(',') + end;
}

/** What is stored, event by event; a spoilt entry, or one too large, costs only itself. */
export function parseRemembered(text: string): Map<string, Remembered> {
  const found = new Map<string, Remembered>();
  const { events } = JSON.parse(text) as { events: unknown[] };
  for (const entry of events.slice(-EVENTS_KEPT)) {
    const value = orNull(JSON.stringify(entry) as Json, (own) => parseJson(encodeUtf8(own as string), STORE_MAX_BYTES));
    const remembered = value !== null && isObject(value) ? parseEvent(value) : NOTHING;
    const eventId = remembered.trust?.event ?? remembered.belief?.eventId;
    if (eventId !== undefined) found.set(eventId, remembered);
  }
  return found;
}

function parseEvent(value: JsonObject): Remembered {
  const trust = orNull(value['trust'], parseTrustState);
  const seed = orNull(value['seed'], () => asMembers(value, 'an event').integer('seed', 0, SEEDS - 1));
  const belief = orNull(value['belief'], parseBelief);
  const sameEvent = trust === null || belief === null || trust.event === belief.eventId;
  return sameEvent ? { trust, belief, seed } : NOTHING;
}

function orNull<Found>(value: Json | undefined, parse: (value: Json) => Found): Found | null {
  try {
    return value === undefined || value === null ? null : parse(value);
  } catch {
    return null;
  }
}

const isRank = (text: string): boolean => /^[1-9][0-9]{0,15}$/.test(text) && Number(text) <= MAX_INTEGER;

/** What was kept of a belief (spec/client.md, B8), or `malformed`. */
export function parseBelief(value: Json): SavedBelief {
  const members = asMembers(value, 'a belief');
  const eventId = members.text('eventId', 52);
  const revoked = members.texts('revoked', MAX_REVOKED, 16);
  if (!isEventId(eventId) || !revoked.every(isKeyid)) members.refuse('revoked', 'a list of live keys');
  const floors = members.inner('floors');
  const ranks = Object.keys(floors.members);
  if (ranks.length > MAX_LIVE_KEYS || !ranks.every(isRank)) {
    members.refuse('floors', 'ticks by rank and rendition');
  }
  members.integer('v', 1, 1);
  return { v: 1, eventId, revoked, floors: Object.fromEntries(ranks.map((rank) => [rank, parseFloors(floors.inner(rank))])) };
}

function parseFloors(floors: Members): Record<string, number> {
  const names = Object.keys(floors.members);
  if (names.length > MAX_RENDITIONS || !names.every(isRenditionName)) floors.refuse('floors', 'ticks by rendition');
  return Object.fromEntries(names.map((name) => [name, floors.integer(name, 0, MAX_INTEGER)]));
}

const merge = (before: Remembered, news: Remembered): Remembered => ({
  trust: mergeTrust(before.trust, news.trust),
  belief: mergeBelief(before.belief, news.belief),
  seed: before.seed ?? news.seed,
});

/** Versions under a newer root count alone: a new root may have forgotten the old ones on purpose. */
function mergeTrust(a: TrustState | null, b: TrustState | null): TrustState | null {
  if (a === null || b === null) return a ?? b;
  if (a.root !== b.root) return a.root > b.root ? a : b;
  return { ...b, versions: highest(a.versions, b.versions) };
}

function mergeBelief(a: SavedBelief | null, b: SavedBelief | null): SavedBelief | null {
  if (a === null || b === null) return a ?? b;
  const ranks = new Set([...Object.keys(a.floors), ...Object.keys(b.floors)]);
  const floors = Object.fromEntries([...ranks].map((rank) => [rank, highest(a.floors[rank] ?? {}, b.floors[rank] ?? {})]));
  return boundedSaved({ ...b, floors, revoked: [...new Set([...a.revoked, ...b.revoked])] });
}

function highest(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}
