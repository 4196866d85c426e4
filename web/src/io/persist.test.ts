import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SavedBelief } from '../protocol/session/types';
import { encodeUtf8, parseJson } from '../protocol/strictjson';
import type { TrustState } from '../protocol/trust';
import { Memory, STORE_KEY, type TextStore, browserStore, parseBelief } from './persist';

const EVENT = `${'a'.repeat(51)}q`;
const OTHER = `${'b'.repeat(51)}q`;

class FakeStore implements TextStore {
  readonly items = new Map<string, string>();
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, text: string): void => void this.items.set(name, text);
  removeItem = (name: string): void => void this.items.delete(name);
}

const trust = (root: number, versions: Record<string, number>, event = EVENT): TrustState => ({ event, root, versions });
const belief = (floors: SavedBelief['floors'], revoked: string[] = [], eventId = EVENT): SavedBelief => ({
  v: 1, eventId, floors, revoked,
});

const KEY_A = 'a'.repeat(16);
const KEY_B = 'b'.repeat(16);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('what is remembered', () => {
  it('comes back in the next visit', () => {
    const store = new FakeStore();
    const memory = new Memory(store);
    memory.saveTrust(trust(2, { timestamp: 7 }));
    memory.saveBelief(belief({ 1: { v360: 1239 } }, [KEY_A]));
    const again = new Memory(store).recall(EVENT);
    expect(again).toEqual({ trust: trust(2, { timestamp: 7 }), belief: belief({ 1: { v360: 1239 } }, [KEY_A]), seed: null });
    expect(new Memory(store).recall(OTHER)).toEqual({ trust: null, belief: null, seed: null });
  });

  it('is nothing but counters, floors, revocations and a seed, under one name', () => {
    const store = new FakeStore();
    new Memory(store).saveBelief(belief({ 1: { 'a-en': 5 } }, [KEY_B]));
    expect([...store.items]).toEqual([
      [STORE_KEY, JSON.stringify({ v: 1, events: [{ trust: null, belief: belief({ 1: { 'a-en': 5 } }, [KEY_B]), seed: null }] })],
    ]);
  });

  it('only rises, whichever tab writes last', () => {
    const store = new FakeStore();
    const [first, second] = [new Memory(store), new Memory(store)];
    first.saveTrust(trust(1, { timestamp: 9, snapshot: 2 }));
    first.saveBelief(belief({ 1: { v360: 900, 'a-en': 901 }, 2: { v360: 7 } }, [KEY_A]));
    second.saveTrust(trust(1, { timestamp: 3, targets: 4 }));
    second.saveBelief(belief({ 1: { v360: 100 } }, [KEY_B]));
    expect(new Memory(store).recall(EVENT)).toEqual({
      trust: trust(1, { timestamp: 9, snapshot: 2, targets: 4 }),
      belief: belief({ 1: { v360: 900, 'a-en': 901 }, 2: { v360: 7 } }, [KEY_A, KEY_B]),
      seed: null,
    });
  });

  it('is never more than is read again, however much two tabs have learned', () => {
    const store = new FakeStore();
    const [first, second] = [new Memory(store), new Memory(store)];
    const keys = (from: number, count: number) => Array.from({ length: count }, (_, n) => (from + n).toString(16).padStart(16, '0'));
    const ranks = (from: number) => Object.fromEntries(Array.from({ length: 12 }, (_, n) => [from + n, { v360: 5 }]));
    first.saveBelief(belief(ranks(1), keys(0, 200)));
    second.saveBelief(belief(ranks(9), keys(100, 200)));
    const { belief: found } = new Memory(store).recall(EVENT);
    expect(found?.revoked).toEqual(keys(0, 256));
    expect(Object.keys(found?.floors ?? {}).map(Number)).toEqual(Array.from({ length: 16 }, (_, n) => 5 + n));
  });

  it('goes by the newer root alone, which may have forgotten versions on purpose', () => {
    const memory = new Memory(new FakeStore());
    memory.saveTrust(trust(1, { timestamp: 2 ** 52 }));
    memory.saveTrust(trust(2, { timestamp: 3 }));
    memory.saveTrust(trust(1, { timestamp: 2 ** 52 }));
    expect(memory.recall(EVENT).trust).toEqual(trust(2, { timestamp: 3 }));
  });

  it('is of the last eight events', () => {
    const store = new FakeStore();
    const memory = new Memory(store);
    const ids = [...'abcdefghij'].map((letter) => `${letter.repeat(51)}q`);
    for (const id of ids) memory.saveTrust(trust(1, {}, id));
    const again = new Memory(store);
    expect(ids.map((id) => again.recall(id).trust !== null)).toEqual([false, false, ...Array<boolean>(8).fill(true)]);
  });
});

describe('the seed', () => {
  const draw = (seed: number) => () => seed;

  it('is drawn once for an event, and again for another', () => {
    const store = new FakeStore();
    const memory = new Memory(store);
    expect(memory.seedOf(EVENT, draw(7))).toBe(7);
    expect(memory.seedOf(EVENT, draw(8))).toBe(7);
    memory.saveTrust(trust(1, {}));
    const again = new Memory(store);
    expect(again.seedOf(EVENT, draw(9))).toBe(7);
    expect(again.seedOf(OTHER, draw(10))).toBe(10);
  });

  it('is stored only with what proves the event', () => {
    const store = new FakeStore();
    new Memory(store).seedOf(EVENT, draw(7));
    expect(store.items.size).toBe(0);
  });

  it('leaves no trace where none is wanted, and stays the same for the page', () => {
    const store = new FakeStore();
    const memory = new Memory(store);
    memory.seedOf(EVENT, draw(7));
    memory.saveTrust(trust(1, {}));
    memory.leaveNoTrace(true);
    expect(store.items.size).toBe(0);
    expect(memory.seedOf(EVENT, draw(8))).toBe(7);
    memory.saveTrust(trust(2, {}));
    expect(store.items.size).toBe(0);
    expect(new Memory(store).seedOf(EVENT, draw(9))).toBe(9);
  });

  it.each([-1, 2 ** 32, '7', null])('is drawn anew where %s is stored in its place', (spoilt) => {
    const store = new FakeStore();
    store.setItem(STORE_KEY, JSON.stringify({ v: 1, events: [{ trust: trust(1, {}), belief: null, seed: spoilt }] }));
    const memory = new Memory(store);
    expect(memory.recall(EVENT).trust).toEqual(trust(1, {}));
    expect(memory.seedOf(EVENT, draw(5))).toBe(5);
  });
});

describe('a store that', () => {
  it('is denied lasts as long as the page', () => {
    vi.stubGlobal('localStorage', undefined);
    expect(browserStore()).toBeNull();
    const memory = new Memory();
    memory.saveTrust(trust(1, { timestamp: 2 }));
    expect(memory.recall(EVENT).trust).toEqual(trust(1, { timestamp: 2 }));
  });

  it('throws at every touch does no harm', () => {
    const deny = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    const memory = new Memory({ getItem: deny, setItem: deny, removeItem: deny });
    memory.saveBelief(belief({ 1: { v360: 1 } }));
    memory.leaveNoTrace(true);
    expect(memory.recall(EVENT).belief).toEqual(belief({ 1: { v360: 1 } }));
  });

  it.each([
    'null', '[]', '{}', '{"v":1,"events":{}}', '{"v":1,"events":[null,1,{}]}', 'not json', '{"v":1,"events":[',
    `{"v":1,"events":[{"trust":{"event":"${EVENT}","root":-1,"versions":{}}}]}`,
    `{"v":1,"events":[{"trust":{"event":"${EVENT}","root":1,"versions":{"timestamp":1.5}}}]}`,
    `{"v":1,"events":[{"belief":{"v":1,"eventId":"${EVENT}","floors":{"1":{"../":1}},"revoked":[]}}]}`,
    `{"v":1,"events":[{"belief":{"v":1,"eventId":"${EVENT}","floors":{"x":{}},"revoked":[]}}]}`,
    `{"v":1,"events":[{"belief":{"v":1,"eventId":"${EVENT}","floors":{},"revoked":["<b>"]}}]}`,
  ])('was spoilt is as good as empty: %s', (text) => {
    const store = new FakeStore();
    store.items.set(STORE_KEY, text);
    const memory = new Memory(store);
    expect(memory.recall(EVENT)).toEqual({ trust: null, belief: null, seed: null });
    memory.saveTrust(trust(1, { timestamp: 1 }));
    expect(new Memory(store).recall(EVENT).trust).toEqual(trust(1, { timestamp: 1 }));
  });

  it('was spoilt in one place keeps the rest', () => {
    const store = new FakeStore();
    const good = belief({ 1: { v360: 4 } });
    store.items.set(STORE_KEY, JSON.stringify({ v: 1, events: [{ trust: { event: EVENT }, belief: good }] }));
    expect(new Memory(store).recall(EVENT)).toEqual({ trust: null, belief: good, seed: null });
  });
});

describe('events that are as large as events can be', () => {
  const NAMES = Array.from({ length: 64 }, (_, at) => `${'r'.repeat(29)}${100 + at}`);
  const RANKS = Array.from({ length: 16 }, (_, at) => 2 ** 53 - 1 - at);
  const ticks = Object.fromEntries(NAMES.map((name) => [name, 2 ** 53 - 1]));
  const large = (eventId: string): SavedBelief => belief(Object.fromEntries(RANKS.map((rank) => [rank, ticks])), [], eventId);
  const ids = [...'abcdefg'].map((letter) => `${letter.repeat(51)}q`);

  it('cost no other event what is remembered of it', () => {
    const store = new FakeStore();
    const small = belief({ 1: { v360: 100 } }, [KEY_A], `${'h'.repeat(51)}q`);
    new Memory(store).saveBelief(small);
    for (const id of ids) {
      new Memory(store).saveBelief(large(id));
      expect(new TextEncoder().encode(store.items.get(STORE_KEY)).length).toBeLessThanOrEqual(256 * 1024);
      expect(new Memory(store).recall(id).belief).toEqual(large(id));
      expect(new Memory(store).recall(small.eventId).belief).toEqual(small);
    }
    expect(new Memory(store).recall(ids[0] as string).belief).toBeNull();
  });

  it('are read one by one where an earlier page stored more than fits', () => {
    const store = new FakeStore();
    const events = ids.map((id) => ({ trust: null, belief: large(id), seed: null }));
    store.items.set(STORE_KEY, JSON.stringify({ v: 1, events: [{ junk: 'x'.repeat(256 * 1024) }, ...events] }));
    const memory = new Memory(store);
    for (const id of ids) expect(memory.recall(id).belief).toEqual(large(id));
  });

  it.each([
    ['too large', JSON.stringify('x'.repeat(256 * 1024))], ['fractions', '1.5'], ['nested', '['.repeat(40) + ']'.repeat(40)],
    ['no object', '[]'], ['not of this event', `{"event":"${OTHER}","root":1,"versions":{}}`],
  ])('lose only the entry that is spoilt: %s', (_, spoilt) => {
    const store = new FakeStore();
    const good = JSON.stringify({ trust: trust(1, { timestamp: 4 }), belief: null, seed: 3 });
    const bad = `{"trust":${spoilt},"belief":${JSON.stringify(belief({}, [], `${'c'.repeat(51)}q`))},"seed":1}`;
    store.items.set(STORE_KEY, `{"v":1,"events":[${bad},${good}]}`);
    expect(new Memory(store).recall(EVENT)).toEqual({ trust: trust(1, { timestamp: 4 }), belief: null, seed: 3 });
  });
});

describe('vectors/saved', () => {
  const folder = new URL('../../../vectors/saved/', import.meta.url);
  const files = readdirSync(folder).sort();
  it('are there', () => expect(files.length).toBeGreaterThan(10));

  it.each(files)('%s', (name) => {
    const vector = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { expect: string; saved: Record<string, unknown> };
    const { expect: wanted, saved: { event_id: eventId, ...rest } } = vector;
    const kept = parseJson(encodeUtf8(JSON.stringify({ ...rest, eventId })), 65_536);
    if (wanted === 'ok') expect(parseBelief(kept)).toEqual({ ...rest, eventId });
    else expect(() => parseBelief(kept)).toThrow(expect.objectContaining({ code: wanted }));
  });
});

describe('leaving no trace', () => {
  it('erases what is stored, and writes no more', () => {
    const store = new FakeStore();
    const memory = new Memory(store);
    memory.saveTrust(trust(1, { timestamp: 1 }));
    memory.leaveNoTrace(true);
    memory.saveTrust(trust(1, { timestamp: 2 }));
    memory.saveBelief(belief({ 1: { v360: 4 } }));
    expect([store.items.size, memory.leavesNoTrace]).toEqual([0, true]);
    expect(memory.recall(EVENT).trust).toEqual(trust(1, { timestamp: 2 }));
  });

  it('ends when it is turned off', () => {
    const store = new FakeStore();
    const memory = new Memory(store);
    memory.leaveNoTrace(true);
    memory.saveTrust(trust(1, { timestamp: 2 }));
    memory.leaveNoTrace(false);
    expect(new Memory(store).recall(EVENT).trust).toEqual(trust(1, { timestamp: 2 }));
  });
});
