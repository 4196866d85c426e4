import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseCrypto } from '../io/crypto';
import type { FileWant, SessionDriver } from '../io/driver';
import { parseEvent } from '../protocol/event';
import type { LivePlaylist } from '../protocol/playlist';
import { ReplaySource } from './archive';
import type { LiveSource } from './engine/source';

interface Vector {
  readonly event_id: string;
  readonly rendition: string;
  readonly event: string;
  readonly text: string;
  readonly digest: string;
}

const read = (name: string): Vector =>
  JSON.parse(readFileSync(new URL(`../../../vectors/chapter/${name}.json`, import.meta.url), 'utf8')) as Vector;
const last = read('first-of-the-standby');
const crypto = await chooseCrypto();
const event = await parseEvent(new TextEncoder().encode(last.event), crypto);

/** A driver whose mirrors have these bodies, by path; all else is asked for without end. */
function archive(bodies: Readonly<Record<string, string>>, chapterSha: string): { source: ReplaySource; asked: string[]; open: Set<string> } {
  const asked: string[] = [];
  const open = new Set<string>();
  const want = ({ path, onFile }: FileWant): (() => void) => {
    asked.push(path);
    open.add(path);
    const body = bodies[path];
    if (body !== undefined) {
      queueMicrotask(() => {
        open.delete(path);
        onFile(new TextEncoder().encode(body), { asked: 0, first: 0, last: 0, kept: false });
      });
    }
    return () => open.delete(path);
  };
  const newest = { rank: 2, chapter: 4, chapterSha } as LivePlaylist;
  const source = new ReplaySource({
    driver: { want } as unknown as SessionDriver,
    live: { newest: () => newest } as unknown as LiveSource,
    event,
    eventId: last.event_id,
    crypto,
    onProgress: () => undefined,
  });
  return { source, asked, open };
}

describe('the recording', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('begins after a chapter that nobody has, which is asked for where its successor says it stands', async () => {
    const { source, asked, open } = archive({ 'archive/v360/2-4.m3u8': last.text }, last.digest);
    const loading = source.load('v360');
    await vi.waitUntil(() => asked.length === 2);
    vi.advanceTimersByTime(60_000);
    expect((await loading).pieces.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
    expect(asked).toEqual(['archive/v360/2-4.m3u8', 'archive/v360/1-4.m3u8']);
    expect(open.size).toBe(0);
  });

  it('is empty, and nothing is thrown, where the signed digest names no chapter', async () => {
    const { source } = archive({ 'archive/v360/2-4.m3u8': '#EXTM3U\n' }, last.digest);
    expect((await source.load('v360')).pieces).toEqual([]);
  });
});
