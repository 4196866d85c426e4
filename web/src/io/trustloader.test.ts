import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../protocol/strictjson';
import { A, B, C, GARBAGE, beforeEveryTest, but, inTime, loader, mirrors, net, refusals, rootsSeen, sim, states } from './trustscene';
import { type Conduct, TrustSim } from './trustsim';

beforeEveryTest();

describe('the first look', () => {
  it('is one fetch', async () => {
    mirrors({ [A]: sim.files, [B]: sim.files });
    const [trust, took] = await inTime(loader().load());
    expect(net.asked).toEqual([`${A}trust/boot.json`]);
    expect(trust.roster.mirrors.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(trust.steering.weights).toEqual({ a: 60, b: 40 });
    expect(trust.expired).toEqual([]);
    expect(took).toBeLessThan(1_000);
    expect(states.at(-1)).toMatchObject({ event: sim.eventId, root: 1, versions: { timestamp: 1 } });
  });

  it('says who has served 1.root.json, by the id of the roster', async () => {
    mirrors({ [A]: 'dead', [B]: sim.files });
    const trusting = loader({ hints: [A, B] });
    await inTime(trusting.load());
    expect(trusting.mirrorsSeen).toEqual(['b']);
  });

  it('tells the session mirrors, and hints that the roster does not list', async () => {
    const stray = 'https://stray.example/';
    mirrors({ [stray]: sim.files });
    const trusting = loader({ hints: [stray, A] });
    await inTime(trusting.load());
    expect(trusting.trustEvent()).toMatchObject({
      type: 'trust', eventId: sim.eventId, copy: false, tick: [16, 15], hints: [stray], weights: { a: 60, b: 40 }, withdrawn: [],
      mirrors: [{ id: 'a', url: A, operator: 'Operator a', class: 'server', tier: 'trusted' }, { id: 'b' }, { id: 'c' }],
      renditions: [{ name: 'a-en', ticksPerSegment: 1, maxBytes: 65536 }],
      liveKeys: [{ rank: 1 }, { rank: 2 }],
    });
  });

  it.each<[string, () => Conduct]>([
    ['is dead', () => 'dead'],
    ['has nothing', () => 'missing'],
    ['is forbidden', () => 'forbidden'],
    ['gives a block page for everything', () => () => GARBAGE],
    ['gives a boot.json of another event', () => {
      const other = new TrustSim();
      other.expires = '2028-01-01T00:00:00Z';
      other.addRoot();
      other.files.set('trust/1.root.json', other.files.get('trust/2.root.json') as Uint8Array);
      other.publish();
      return other.files;
    }],
    ['forges the timestamp', () => but({ 'trust/boot.json': tampered('"version":1}}', '"version":9}}') })],
  ])('goes on to the next when the first mirror %s', async (_what, conduct) => {
    mirrors({ [A]: conduct(), [B]: sim.files });
    const [trust, took] = await inTime(loader().load());
    expect(trust.roster.mirrors).toHaveLength(3);
    expect(took).toBeLessThan(1_000);
    expect(refusals.filter(({ source }) => source.url === A).length).toBeGreaterThan(0);
  });

  it('fetches a target singly that boot.json forges', async () => {
    mirrors({ [A]: but({ 'trust/boot.json': tampered('Operator c', 'Operator x') }) });
    const [trust] = await inTime(loader().load());
    expect(trust.roster.mirrors[2]?.operator).toBe('Operator c');
    expect(net.asked.map((url) => url.replace(/[0-9a-f]{64}/, 'N'))).toEqual([`${A}trust/boot.json`, `${A}targets/N.roster.json`]);
  });

  it('asks a second mirror beside one that is silent for 2.5 s, and hangs up on it', async () => {
    mirrors({ [A]: 'hung', [B]: sim.files });
    const [, took] = await inTime(loader().load());
    expect(took).toBeGreaterThanOrEqual(2_400);
    expect(took).toBeLessThan(3_500);
    expect(net.hungUp).toBe(1);
  });

  it('comes through seven silent mirrors to the eighth', async () => {
    const hints = Array.from({ length: 8 }, (_, i) => `https://m${i}.example/`);
    mirrors({ ...Object.fromEntries(hints.map((url) => [url, 'hung' as const])), [hints[7] as string]: sim.files });
    const [, took] = await inTime(loader({ hints }).load());
    expect(took).toBeLessThan(30_000);
  });

  it('fetches singly, each file from whoever has it, when no boot.json is good', async () => {
    const half = (keep: RegExp): Conduct => (path) => (keep.test(path) ? (sim.files.get(path) ?? 'missing') : GARBAGE);
    mirrors({ [A]: half(/root|snapshot|roster/), [B]: half(/timestamp|targets|steering/) });
    const [trust] = await inTime(loader().load());
    expect(trust.roster.mirrors).toHaveLength(3);
    expect(trust.steering.weights).toEqual({ a: 60, b: 40 });
  });

  it('fetches singly what boot.json lacks', async () => {
    const boot = sim.boot();
    delete boot.files['trust/1.targets.json'];
    mirrors({ [A]: but({ 'trust/boot.json': encodeUtf8(JSON.stringify(boot)) }), [B]: sim.files });
    await inTime(loader().load());
    expect(net.asked).toEqual([`${A}trust/boot.json`, `${A}trust/1.targets.json`]);
  });

  it('begins from the page\'s own 1.root.json', async () => {
    const noRoot = but({ 'trust/boot.json': 'missing', 'trust/1.root.json': 'missing' });
    mirrors({ [A]: noRoot, [B]: noRoot });
    const [trust] = await inTime(loader({ root1: sim.root1 }).load());
    expect(trust.documents.rootVersion).toBe(1);
  });

  it('leaves a 1.root.json of another event aside', async () => {
    mirrors({ [A]: but({ 'trust/boot.json': 'missing' }) });
    const [trust] = await inTime(loader({ root1: encodeUtf8('{}') }).load());
    expect(trust.roster.mirrors).toHaveLength(3);
  });

  it('lives without a roster or steering that nobody has', async () => {
    const boot = sim.boot();
    for (const path of Object.keys(boot.files)) if (/roster|steering/.test(path)) delete boot.files[path];
    const bare: Conduct = (path) => (/roster|steering/.test(path) ? 'missing' : path === 'trust/boot.json' ? encodeUtf8(JSON.stringify(boot)) : (sim.files.get(path) ?? 'missing'));
    mirrors({ [A]: bare, [B]: bare });
    const trusting = loader();
    const [trust] = await inTime(trusting.load());
    expect(trust.roster.mirrors).toEqual([]);
    expect(trust.steering.weights).toEqual({});
    expect(trusting.trustEvent().hints).toEqual([A, B]);
  });

  it('ends with no-mirror when all lie, after a bounded number of questions, and may be tried again', async () => {
    mirrors({ [A]: () => GARBAGE, [B]: 'dead' });
    const trusting = loader();
    await expect(inTime(trusting.load())).rejects.toMatchObject({ code: 'no-mirror' });
    expect(net.asked.length).toBeLessThanOrEqual(8);
    mirrors({ [B]: sim.files });
    await expect(inTime(trusting.load())).resolves.toBeDefined();
  });

  it('prefers a mirror whose documents have not expired', async () => {
    sim.expires = '2026-11-23T18:30:00Z';
    sim.publish('timestamp', 'snapshot', 'targets', 'roster', 'steering');
    const old = sim.frozen();
    sim.expires = '2026-11-24T18:30:00Z';
    sim.publish('timestamp', 'snapshot', 'targets', 'roster', 'steering');
    mirrors({ [A]: old, [B]: sim.files });
    const [trust] = await inTime(loader().load());
    expect([trust.documents.timestampVersion, trust.expired]).toEqual([3, []]);
  });

  it('asks every source for one that has not expired', async () => {
    sim.expires = '2026-11-23T18:30:00Z';
    sim.publish('timestamp', 'snapshot', 'targets', 'roster', 'steering');
    const old = sim.frozen();
    sim.expires = '2026-11-24T18:30:00Z';
    sim.publish('timestamp', 'snapshot', 'targets', 'roster', 'steering');
    mirrors({ [A]: old, [B]: old, [C]: sim.files });
    const [trust] = await inTime(loader({ hints: [A, B, C] }).load());
    expect([trust.documents.timestampVersion, trust.expired]).toEqual([3, []]);
  });

  it('makes do with the newest boot.json that has expired when there is nothing else', async () => {
    const older = sim.frozen();
    sim.publish('timestamp', 'snapshot');
    const onlyBoot = (files: ReadonlyMap<string, Uint8Array>): Conduct => (path) =>
      path === 'trust/boot.json' ? (files.get(path) as Uint8Array) : 'dead';
    mirrors({ [A]: onlyBoot(older), [B]: onlyBoot(sim.frozen()), [C]: onlyBoot(older) });
    const [trust] = await inTime(loader({ hints: [A, B, C], wall: () => Date.parse('2030-01-01T00:00:00Z') }).load());
    expect([trust.documents.timestampVersion, trust.roster.mirrors.length]).toEqual([2, 3]);
  });

  it('takes no steering on trust because it has expired', async () => {
    const path = [...sim.files.keys()].find((name) => name.endsWith('.steering.json') && name.startsWith('targets/')) as string;
    const boot = sim.boot();
    delete boot.files[path];
    mirrors({ [A]: but({ 'trust/boot.json': encodeUtf8(JSON.stringify(boot)), [path]: GARBAGE }), [B]: sim.files });
    const [trust] = await inTime(loader({ wall: () => Date.parse('2030-01-01T00:00:00Z') }).load());
    expect(trust.steering.weights).toEqual({});
    expect(refusals).toContainEqual(expect.objectContaining({ path, code: 'digest-mismatch' }));
  });

  it('walks the roots when boot.json stops short of a timestamp', async () => {
    const old = sim.frozen();
    old.set('trust/boot.json', encodeUtf8(JSON.stringify({ v: 1, files: { 'trust/1.root.json': sim.boot().files['trust/1.root.json'] } })));
    sim.keys['timestamp'] = 'timestamp 2';
    sim.addRoot();
    sim.publish('timestamp');
    mirrors({ [A]: old, [B]: but({ 'trust/boot.json': 'missing' }) });
    const [trust] = await inTime(loader().load());
    expect([trust.documents.rootVersion, trust.documents.timestampVersion]).toEqual([2, 2]);
  });

  it('takes the newest of what has expired when nobody has better, and says so', async () => {
    const old = sim.frozen();
    sim.publish('timestamp', 'snapshot');
    mirrors({ [A]: old, [B]: sim.files });
    const [trust] = await inTime(loader({ wall: () => Date.parse('2030-01-01T00:00:00Z') }).load());
    expect(trust.documents.timestampVersion).toBe(2);
    expect(trust.expired).toEqual(['root', 'timestamp', 'snapshot', 'targets', 'roster', 'steering']);
    expect(trust.steering.weights).toEqual({});
  });

  it('refuses what is older than remembered, and finds who is newer', async () => {
    const old = sim.frozen();
    sim.publish('timestamp', 'snapshot');
    mirrors({ [A]: old, [B]: sim.files });
    const state = { event: sim.eventId, root: 1, versions: { timestamp: 2 } };
    const [trust] = await inTime(loader({ state }).load());
    expect(trust.documents.timestampVersion).toBe(2);
    expect(refusals.map(({ code }) => code)).toContain('behind');
  });

  it('passes caches where something wrong came from before', async () => {
    mirrors({ [A]: () => GARBAGE });
    const trusting = loader({ hints: [A] });
    await expect(inTime(trusting.load())).rejects.toThrow();
    await expect(inTime(trusting.load())).rejects.toThrow();
    expect(net.caches.get(`${A}trust/1.root.json`)).toBe('reload');
  });

  it('asks only whom the page can ask', async () => {
    mirrors({ [A]: sim.files, [B]: sim.files });
    await inTime(loader({ canAsk: (url) => url === B }).load());
    expect(net.askedOf(A)).toEqual([]);
  });

  it('does not send every viewer to the same mirror', async () => {
    mirrors({ [A]: sim.files, [B]: sim.files });
    await inTime(loader({ random: () => 0.7 }).load());
    expect(net.asked).toEqual([`${B}trust/boot.json`]);
  });
});

function tampered(from: string, to: string): Uint8Array {
  const boot = sim.boot();
  for (const [path, content] of Object.entries(boot.files)) boot.files[path] = content.replace(from, to);
  return encodeUtf8(JSON.stringify(boot));
}

describe('the root chain', () => {
  beforeEach(() => {
    for (let version = 2; version <= 12; version += 1) sim.addRoot();
    sim.publish('timestamp', 'snapshot');
  });

  it.each(['missing', 'forbidden'] as const)('is walked over twelve versions, singly, to where the next is %s', async (end) => {
    mirrors({ [A]: but({ 'trust/boot.json': GARBAGE, 'trust/13.root.json': end }), [B]: 'dead' });
    const [trust] = await inTime(loader().load());
    expect(trust.documents.rootVersion).toBe(12);
  });

  it('is not ended by one mirror that denies the next root', async () => {
    mirrors({ [A]: but({ 'trust/boot.json': 'missing', 'trust/5.root.json': 'missing' }), [B]: but({ 'trust/boot.json': 'missing' }) });
    const [trust] = await inTime(loader().load());
    expect(trust.documents.rootVersion).toBe(12);
  });

  it('is not stopped by one mirror that forges a step, nor by one that hangs at it', async () => {
    mirrors({
      [A]: but({ 'trust/boot.json': 'missing', 'trust/4.root.json': GARBAGE, 'trust/7.root.json': 'hung' }),
      [B]: but({ 'trust/boot.json': 'missing' }),
    });
    const [trust] = await inTime(loader().load());
    expect(trust.documents.rootVersion).toBe(12);
  });

  it('remembered to be longer than shown is refused', async () => {
    mirrors({ [A]: sim.files, [B]: sim.files });
    const state = { event: sim.eventId, root: 13, versions: {} };
    await expect(inTime(loader({ state }).load())).rejects.toMatchObject({ code: 'no-mirror' });
  });
});

describe('introducing a mirror', () => {
  it('asks it for this event\'s 1.root.json, once while asking, and tells when it was served', async () => {
    mirrors({ [A]: sim.files, [B]: 'missing', [C]: sim.files });
    const trusting = loader();
    await inTime(trusting.load());
    net.asked.length = 0;
    const c = { id: 'c', url: C, operator: 'Operator c' };
    const [both] = await inTime(Promise.all([trusting.introduce(c), trusting.introduce(c)]));
    expect(both).toEqual([true, true]);
    expect(await trusting.introduce(c)).toBe(true);
    expect(net.asked).toEqual([`${C}trust/1.root.json`]);
    expect(await trusting.introduce({ id: 'b', url: B, operator: 'Operator b' })).toBe(false);
    expect(rootsSeen).toEqual(['c']);
    expect([...trusting.mirrorsSeen].sort()).toEqual(['a', 'c']);
  });

  it('is not fooled by another root', async () => {
    mirrors({ [A]: sim.files, [B]: () => GARBAGE });
    const trusting = loader();
    await inTime(trusting.load());
    expect((await inTime(trusting.introduce({ id: 'b', url: B, operator: 'x' })))[0]).toBe(false);
  });
});
