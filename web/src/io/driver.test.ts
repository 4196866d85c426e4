/** The driver with a real session, real signatures, and mirrors that lie: nothing unverified leaves it. */
import { getPublicKey, hashes, sign } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parsePublicKey } from '../protocol/signature';
import type { Event } from '../protocol/event';
import { toHex } from '../protocol/names';
import { looksLikeOurs, verifyLive } from '../protocol/playlist';
import type { LivePlaylist } from '../protocol/playlist';
import { WatchSession } from '../protocol/session/session';
import type { NoteCommand, TrustEvent } from '../protocol/session/types';
import { encodeUtf8 } from '../protocol/strictjson';
import { nobleCrypto } from './crypto';
import { SessionDriver } from './driver';
import type { FileWant, Timing } from './driver';
import { type FetchBounds, FetchFailed, type Fetched } from './fetch';

hashes.sha512 = sha512;

const EVENT_ID = `${'a'.repeat(51)}q`;
const SECRET = sha256(encodeUtf8('the live key'));
const OTHER_SECRET = sha256(encodeUtf8('a forger'));
const PUBLIC = getPublicKey(SECRET);
const KEYID = toHex(sha256(PUBLIC)).slice(0, 16);
const TICK_MS = 16_000 / 15;
const EPOCH = Date.now() - 60_000;

const event: Event = {
  title: { en: 'T' }, schedule: [], startMs: EPOCH, endMs: EPOCH + 1e8, tick: [16, 15], epochMs: EPOCH, copy: false, languages: [],
  renditions: [
    { name: 'v', kind: 'video', ticksPerSegment: 1, maxBytes: 100_000, codecs: 'avc1.64001f', bandwidth: 200_000, width: 16, height: 9, frameRate: [30, 1] },
  ],
  liveKeys: [{ keyid: KEYID, public: parsePublicKey(toHex(PUBLIC)), rank: 1, notBeforeMs: EPOCH - 1e6, notAfterMs: EPOCH + 1e9 }],
};

const mediaOf = (n: number): Uint8Array => encodeUtf8(`segment ${n} `.repeat(400));
const INIT = encodeUtf8('an init segment');
const digestOf = (bytes: Uint8Array): string => toHex(sha256(bytes));

function playlistText(last: number): string {
  const first = last - 5;
  const date = (ms: number): string => new Date(ms).toISOString();
  const lines = [
    '#EXTM3U',
    `#EXT-X-HUMA:V=1,TYPE=live,EVENT="${EVENT_ID}",RENDITION="v",KEYID="${KEYID}",TICK=${last},ISSUED=${date(Date.now())}`,
    '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${first}`, '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    `#EXT-X-HUMA-SIZE:${INIT.length}`, `#EXT-X-MAP:URI="../media/${digestOf(INIT)}.mp4"`,
    `#EXT-X-PROGRAM-DATE-TIME:${date(EPOCH + Math.round(first * TICK_MS))}`,
  ];
  for (let n = first; n <= last; n += 1) {
    lines.push('#EXTINF:1.066667,', `#EXT-X-HUMA-SIZE:${mediaOf(n).length}`, `../media/${digestOf(mediaOf(n))}.m4s`);
  }
  return `${lines.join('\n')}\n`;
}

function signed(text: string, secret = SECRET): Uint8Array {
  const signature = sign(Uint8Array.from([...encodeUtf8('huma/1 live\0'), ...encodeUtf8(text)]), secret);
  const base64 = btoa(String.fromCharCode(...signature)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return encodeUtf8(`${text}#EXT-X-HUMA-SIG:KEYID="${KEYID}",ED25519="${base64}"\n`);
}

type Lie = (path: string, honest: Uint8Array) => Uint8Array | FetchFailed;

/** A network of three mirrors; `lies` is what each makes of an honest answer. */
class Network {
  readonly asked: string[] = [];
  readonly lies = new Map<string, Lie>();
  last = Math.floor((Date.now() - EPOCH) / TICK_MS) - 1;

  honest(path: string): Uint8Array | null {
    if (path === 'live/v.m3u8') return signed(playlistText(this.last));
    if (path === 'live/revoked.json') return encodeUtf8('{"revoked":[]}');
    for (let n = this.last - 5; n <= this.last; n += 1) if (path === `media/${digestOf(mediaOf(n))}.m4s`) return mediaOf(n);
    return null;
  }

  fetch = async (url: string, bounds: FetchBounds): Promise<Fetched> => {
    const [, mirror = '', path = ''] = /^https:\/\/(\w+)\.example\/(.*)$/.exec(url) ?? [];
    this.asked.push(`${mirror} ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (bounds.signal?.aborted === true) throw new FetchFailed('cancelled');
    const honest = this.honest(path);
    if (honest === null) throw new FetchFailed('status', 404);
    const bytes = this.lies.get(mirror)?.(path, honest) ?? honest;
    if (bytes instanceof FetchFailed) throw bytes;
    bounds.onFirstByte?.();
    bounds.onProgress?.(bytes.length);
    return { status: 200, bytes, etag: null };
  };

  count(path: string): number {
    return this.asked.filter((line) => line.endsWith(path)).length;
  }
}

const trust: TrustEvent = {
  type: 'trust', eventId: EVENT_ID, copy: false, tick: [16, 15], epochMs: EPOCH,
  renditions: event.renditions.map(({ name, kind, ticksPerSegment, maxBytes, bandwidth }) => ({ name, kind, ticksPerSegment, maxBytes, bandwidth })),
  mirrors: ['one', 'two', 'three'].map((id) => ({ id, url: `https://${id}.example/`, operator: id, class: 'server', tier: 'trusted' })),
  hints: [], weights: {}, withdrawn: [], liveKeys: [{ keyid: KEYID, rank: 1 }],
};

const open: SessionDriver[] = [];
afterEach(() => {
  for (const driver of open.splice(0)) driver.stop();
});

async function drive(network: Network): Promise<{ driver: SessionDriver; notes: NoteCommand[] }> {
  const crypto = await nobleCrypto();
  const notes: NoteCommand[] = [];
  const driver = new SessionDriver({
    session: new WatchSession({ restored: null, volunteers: true, schemes: ['https'], onion: false }, 1),
    judge: {
      playlist: (bytes, rendition) => verifyLive(bytes, { event, eventId: EVENT_ID, rendition, crypto }),
      looksLikeOurs: (bytes) => looksLikeOurs(bytes, EVENT_ID),
      revoked: async () => [],
      newerTimestamp: async () => false,
      refresh: async () => trust,
      introduce: () => undefined,
    },
    crypto,
    fetch: network.fetch,
    wall: Date.now,
    mono: () => Math.round(performance.now()),
    save: () => undefined,
    onNote: (note) => notes.push(note),
    onMeasured: () => undefined,
    onChange: () => undefined,
  });
  open.push(driver);
  driver.trust(trust);
  for (const { id } of trust.mirrors) driver.rootSeen(id);
  return { driver, notes };
}

const playlistFrom = (driver: SessionDriver): Promise<LivePlaylist> =>
  new Promise((resolve) => void driver.want({ kind: 'playlist', rendition: 'v', have: -1, onPlaylist: resolve }));

const wantOf = (n: number): Omit<FileWant, 'onFile'> => ({
  kind: 'file', path: `media/${digestOf(mediaOf(n))}.m4s`, digest: digestOf(mediaOf(n)), size: mediaOf(n).length, rendition: 'v',
});
const fileFrom = (driver: SessionDriver, n: number): Promise<{ bytes: Uint8Array; timing: Timing }> =>
  new Promise((resolve) => void driver.want({ ...wantOf(n), onFile: (bytes, timing) => resolve({ bytes, timing }) }));

/** What a liar can do to an answer. */
const LIES: readonly (readonly [string, Lie])[] = [
  ['one flipped bit', (_path, honest) => honest.map((byte, i) => (i === honest.length >> 1 ? byte ^ 1 : byte))],
  ['a forger’s own signature', (path, honest) => (path.startsWith('live/v') ? signed(playlistText(40), OTHER_SECRET) : honest.map((byte) => byte ^ 8))],
  ['half of it', (_path, honest) => honest.slice(0, honest.length >> 1)],
  ['a web page', () => encodeUtf8('<!doctype html><title>Log in</title>')],
  ['more than was signed', () => new FetchFailed('long')],
  ['nothing', () => new Uint8Array(0)],
  ['a redirect', () => new FetchFailed('redirect', 302)],
  ['a dead line', () => new FetchFailed('network')],
];

describe('the driver', () => {
  it.each(LIES)('delivers only what verifies, though two of three mirrors send %s', async (_what, lie) => {
    const network = new Network();
    network.lies.set('one', lie);
    network.lies.set('two', lie);
    const { driver } = await drive(network);
    const playlist = await playlistFrom(driver);
    expect(playlist.tick).toBe(network.last);
    for (let n = network.last - 5; n <= network.last; n += 1) {
      const { bytes } = await fileFrom(driver, n);
      expect(digestOf(bytes)).toBe(digestOf(mediaOf(n)));
      expect(driver.admit(bytes.buffer)).toBe(true);
    }
    expect(driver.counters.unverifiedPlayed).toBe(0);
  });

  it.each(['one flipped bit', 'more than was signed', 'a web page'])('counts %s as refused, and tells whose lie it was', async (said) => {
    const network = new Network();
    const { driver, notes } = await drive(network);
    await playlistFrom(driver);
    const lie = LIES.find(([what]) => what === said)?.[1] as Lie;
    for (const { id } of trust.mirrors.slice(0, 2)) network.lies.set(id, lie);
    for (let n = network.last - 5; n <= network.last; n += 1) await fileFrom(driver, n);
    expect(driver.counters.refused).toBeGreaterThan(0);
    expect(driver.view.refusedBytes).toBe(driver.counters.refused);
    expect(notes.some(({ what }) => what === 'refusal' || what === 'caught' || what === 'hop')).toBe(true);
  });

  it('lets no buffer pass that it did not verify', async () => {
    const { driver } = await drive(new Network());
    expect(driver.admit(new Uint8Array(77).buffer)).toBe(false);
    expect(driver.counters.unverifiedPlayed).toBe(77);
  });

  it('asks once for a file that two wait for, and hands each its own copy', async () => {
    const network = new Network();
    const { driver } = await drive(network);
    await playlistFrom(driver);
    const [a, b] = await Promise.all([fileFrom(driver, network.last), fileFrom(driver, network.last)]);
    expect(network.count(wantOf(network.last).path)).toBe(1);
    expect(a.bytes.buffer).not.toBe(b.bytes.buffer);
    structuredClone(a.bytes.buffer, { transfer: [a.bytes.buffer as ArrayBuffer] });
    const { bytes, timing } = await fileFrom(driver, network.last);
    expect(timing.kept).toBe(true);
    expect(digestOf(bytes)).toBe(digestOf(mediaOf(network.last)));
    expect(network.count(wantOf(network.last).path)).toBe(1);
  });

  it('serves the others when one of them makes a mistake', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const network = new Network();
    const { driver } = await drive(network);
    await playlistFrom(driver);
    const mistake = new Error('a player that is not ready');
    driver.want({
      ...wantOf(network.last),
      onFile: () => {
        throw mistake;
      },
    });
    const { bytes } = await fileFrom(driver, network.last);
    expect(digestOf(bytes)).toBe(digestOf(mediaOf(network.last)));
    expect(reported).toEqual([mistake]);
    vi.unstubAllGlobals();
  });

  it('stops asking when nobody waits any more, and not before', async () => {
    const network = new Network();
    for (const { id } of trust.mirrors) network.lies.set(id, (path, honest) => (path.startsWith('media/') ? new FetchFailed('network') : honest));
    const { driver } = await drive(network);
    await playlistFrom(driver);
    const want = wantOf(network.last);
    const got: string[] = [];
    const stopFirst = driver.want({ ...want, onFile: () => got.push('first') });
    const stopSecond = driver.want({ ...want, onFile: () => got.push('second') });
    stopFirst();
    network.lies.clear();
    await expect.poll(() => got, { timeout: 8_000 }).toEqual(['second']);
    stopSecond();
    const stopThird = driver.want({ ...wantOf(network.last - 1), onFile: () => got.push('third') });
    stopThird();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(got).toEqual(['second']);
  });

  it('notices a network that wants a login', async () => {
    const network = new Network();
    for (const { id } of trust.mirrors) network.lies.set(id, () => encodeUtf8('<html>Log in</html>'));
    const { driver } = await drive(network);
    const stop = driver.want({ kind: 'playlist', rendition: 'v', have: -1, onPlaylist: () => undefined });
    await expect.poll(() => driver.fortune.webPages, { timeout: 5_000 }).toBeGreaterThan(3);
    expect(driver.fortune.webPages * 2).toBeGreaterThan(driver.fortune.failures);
    stop();
  });
});
