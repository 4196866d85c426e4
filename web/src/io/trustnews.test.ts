import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../protocol/strictjson';
import type { TrustLoader } from './trustloader';
import { A, B, C, GARBAGE, beforeEveryTest, but, inTime, loader, mirrors, net, sim, states } from './trustscene';

beforeEveryTest();

describe('news', () => {
  let trusting: TrustLoader;

  beforeEach(async () => {
    mirrors({ [A]: sim.files, [B]: sim.files, [C]: sim.files });
    trusting = loader();
    await inTime(trusting.load());
    net.asked.length = 0;
  });

  const timestamp = (): Uint8Array => sim.files.get('trust/timestamp.json') as Uint8Array;

  it('is a newer timestamp, not the same, not an older one', async () => {
    const before = timestamp();
    expect(await trusting.newerTimestamp(before)).toBe(false);
    sim.publishTimestamp('timestamp');
    expect(await trusting.newerTimestamp(timestamp())).toBe(true);
    await inTime(trusting.refresh());
    expect(await trusting.newerTimestamp(before)).toBe(false);
    await expect(trusting.newerTimestamp(GARBAGE)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('is followed: a new roster, steering, and only what changed is fetched', async () => {
    sim.addMirror('d', 'volunteer');
    sim.publish('timestamp', 'snapshot', 'roster');
    const [trust] = await inTime(trusting.refresh());
    expect(trust.roster.mirrors.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(net.asked.map((url) => url.replace(/^.*example\//, '').replace(/[0-9a-f]{64}/, 'N')))).toEqual(
      new Set(['trust/2.root.json', 'trust/timestamp.json', 'trust/2.snapshot.json', 'trust/2.roster.json', 'targets/N.roster.json']),
    );
    expect(trusting.trustEvent().mirrors).toHaveLength(4);
    expect(states.at(-1)?.versions).toMatchObject({ timestamp: 2, roster: 2 });
  });

  it('is asked of mirrors of two operators, and of no third', async () => {
    await inTime(trusting.refresh());
    expect(net.asked.filter((url) => url.endsWith('2.root.json')).sort()).toEqual([`${A}trust/2.root.json`, `${B}trust/2.root.json`]);
    expect(net.asked.filter((url) => url.endsWith('timestamp.json')).sort()).toEqual([`${A}trust/timestamp.json`, `${B}trust/timestamp.json`]);
  });

  it('is the newest that two mirrors show, though one is frozen', async () => {
    mirrors({ [A]: sim.frozen() });
    sim.publish('timestamp', 'snapshot', 'steering');
    const [trust] = await inTime(trusting.refresh());
    expect(trust.documents.timestampVersion).toBe(2);
  });

  it('that nobody can complete changes nothing', async () => {
    const before = trusting.current;
    sim.publish('timestamp', 'snapshot', 'targets');
    for (const url of [A, B, C]) mirrors({ [url]: but({ 'trust/2.targets.json': GARBAGE }) });
    await expect(inTime(trusting.refresh())).rejects.toMatchObject({ code: 'no-mirror' });
    expect(trusting.current).toBe(before);
  });

  it('of a lost roster keeps the roster in force', async () => {
    sim.addMirror('d');
    sim.publish('timestamp', 'snapshot', 'roster');
    for (const url of [A, B, C]) mirrors({ [url]: but({ 'trust/2.roster.json': 'missing' }) });
    const [trust] = await inTime(trusting.refresh());
    expect([trust.documents.timestampVersion, trust.roster.mirrors.length]).toEqual([2, 3]);
  });

  it('may be a root that took a stolen key away: a timestamp that does not verify is worth one look', async () => {
    sim.keys['timestamp'] = 'timestamp 2';
    sim.addRoot();
    sim.publish('timestamp');
    expect(await trusting.newerTimestamp(timestamp())).toBe(true);
    await expect(trusting.newerTimestamp(timestamp())).rejects.toMatchObject({ code: 'bad-signature' });
    const [trust] = await inTime(trusting.refresh());
    expect([trust.documents.rootVersion, trust.documents.timestampVersion]).toEqual([2, 2]);
    expect(await trusting.newerTimestamp(timestamp())).toBe(false);
  });

  it('is looked for once a minute at most because of forged timestamps, and they are refused beyond that', async () => {
    const forged = (version: number): Uint8Array =>
      encodeUtf8(new TextDecoder().decode(timestamp()).replace(/"version":1}}$/, `"version":${version}}}`).replace('1.0.31', '1.0.32'));
    expect(await trusting.newerTimestamp(forged(1))).toBe(true);
    await expect(trusting.newerTimestamp(forged(2))).rejects.toMatchObject({ code: 'bad-signature' });
  });

  it('brings a running page back from a version that a thief ran up', async () => {
    sim.versions['timestamp'] = 2 ** 53 - 2;
    sim.publish('timestamp');
    expect(await trusting.newerTimestamp(timestamp())).toBe(true);
    await inTime(trusting.refresh());
    sim.keys['timestamp'] = 'timestamp 2';
    sim.addRoot();
    sim.versions['timestamp'] = 3;
    sim.publish('timestamp');
    expect(await trusting.newerTimestamp(timestamp())).toBe(true);
    const [trust] = await inTime(trusting.refresh());
    expect([trust.documents.rootVersion, trust.documents.timestampVersion]).toEqual([2, 4]);
  });

  it('brings a first visitor back who was shown what an old timestamp key signed', async () => {
    const old = new Map(sim.files);
    sim.versions['timestamp'] = 5000;
    sim.publish('timestamp');
    const thief = new Map(sim.files);
    for (const [path, bytes] of old) sim.files.set(path, bytes);
    sim.keys['timestamp'] = 'timestamp 2';
    sim.addRoot();
    sim.versions['timestamp'] = 3;
    sim.publish('timestamp');
    mirrors({ [A]: thief, [B]: sim.files });
    const visitor = loader();
    await inTime(visitor.load());
    expect(visitor.current?.documents.timestampVersion).toBe(5001);
    expect(await visitor.newerTimestamp(timestamp())).toBe(true);
    const [trust] = await inTime(visitor.refresh());
    expect([trust.documents.rootVersion, trust.documents.timestampVersion]).toEqual([2, 4]);
  });

  it('of a root is remembered at once, though the rest cannot be had', async () => {
    sim.keys['timestamp'] = 'timestamp 2';
    sim.addRoot();
    await expect(inTime(trusting.refresh())).rejects.toMatchObject({ code: 'no-mirror' });
    expect(states.at(-1)).toMatchObject({ root: 2, versions: {} });
  });

  it('is looked for once at a time', async () => {
    const [first, second] = [trusting.refresh(), trusting.refresh()];
    await inTime(first);
    expect(await second).toBe(await first);
    expect(net.asked.filter((url) => url === `${A}trust/timestamp.json`)).toHaveLength(1);
  });
});

describe('revocations', () => {
  it('are asked of two mirrors at the start; one honest one suffices', async () => {
    sim.files.set('live/revoked.json', sim.revoke(1));
    mirrors({ [A]: but({ 'live/revoked.json': encodeUtf8('{"revoked":[]}') }), [B]: sim.files });
    const trusting = loader();
    await inTime(trusting.load());
    const [revoked] = await inTime(trusting.revokedAtStart());
    expect(revoked).toEqual([trusting.trustEvent().liveKeys[0]?.keyid]);
  });

  it('go on to a third mirror when one gives rubbish', async () => {
    sim.files.set('live/revoked.json', sim.revoke(1));
    mirrors({ [A]: but({ 'live/revoked.json': GARBAGE }), [B]: but({ 'live/revoked.json': 'dead' }), [C]: sim.files });
    const trusting = loader();
    await inTime(trusting.load());
    expect((await inTime(trusting.revokedAtStart()))[0]).toHaveLength(1);
  });

  it('count under any root of the chain', async () => {
    sim.addRoot();
    sim.publish('timestamp', 'snapshot');
    mirrors({ [A]: sim.files, [B]: sim.files });
    const trusting = loader();
    await inTime(trusting.load());
    expect(await trusting.revoked(sim.revoke(1))).toHaveLength(1);
    expect(await trusting.revoked(sim.revoke(2))).toHaveLength(1);
    expect(await trusting.revoked(sim.revoke(3))).toHaveLength(0);
  });
});
