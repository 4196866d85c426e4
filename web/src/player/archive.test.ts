import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { chooseCrypto } from '../io/crypto';
import type { FileWant, SessionDriver } from '../io/driver';
import { verifyCheckpoint } from '../protocol/checkpoint';
import type { Checkpoint } from '../protocol/checkpoint';
import { HumaError } from '../protocol/errors';
import { parseEvent } from '../protocol/event';
import type { Event } from '../protocol/event';
import { verifyLive } from '../protocol/playlist';
import type { LivePlaylist } from '../protocol/playlist';
import { ReplaySource } from './archive';
import type { Trusted } from './archive';
import type { LiveSource } from './engine/source';

interface Vector {
  readonly event_id: string;
  readonly rendition: string;
  readonly event: string;
}

interface ChapterVector extends Vector {
  readonly text: string;
  readonly digest: string;
}

interface RecordingVector extends Vector {
  readonly live: string;
  readonly files: Readonly<Record<string, string>>;
  readonly chapters: readonly (readonly [number, number])[];
  readonly segments: readonly (readonly [number, string])[];
}

const VECTORS = new URL('../../../vectors/', import.meta.url);
const read = <Found>(name: string): Found => JSON.parse(readFileSync(new URL(`${name}.json`, VECTORS), 'utf8')) as Found;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const crypto = await chooseCrypto();
const eventOf = ({ event }: Vector): Promise<Event> => parseEvent(bytesOf(event), crypto);

/** An archive whose mirrors have these files, by path; all else is asked for without end. What is believed and trusted may change. */
class Archive {
  readonly files: Record<string, string>;
  readonly asked: string[] = [];
  readonly open = new Set<string>();
  readonly source: ReplaySource;
  readonly waiting: (() => void)[] = [];

  constructor(readonly eventId: string, files: Readonly<Record<string, string>>, public newest: LivePlaylist | null, public trusted: Trusted) {
    this.files = { ...files };
    this.source = new ReplaySource({
      driver: { want: (want: FileWant) => this.want(want) } as unknown as SessionDriver,
      live: {
        newest: () => this.newest,
        playlist: (_rendition: string, _held: number, done: () => void) => {
          this.waiting.push(done);
          return () => undefined;
        },
      } as unknown as LiveSource,
      trusted: () => this.trusted,
      checkpoint: (rank) => this.checkpoint(rank),
      eventId,
      crypto,
      onProgress: () => undefined,
    });
  }

  static async of(vector: RecordingVector): Promise<Archive> {
    const { event_id: eventId, rendition } = vector;
    const event = await eventOf(vector);
    const newest = await verifyLive(bytesOf(vector.live), { event, eventId, rendition, crypto });
    return new Archive(eventId, vector.files, newest, { event, revoked: [] });
  }

  /** Another playlist is believed. */
  believe(newest: LivePlaylist): void {
    this.newest = newest;
    for (const done of this.waiting.splice(0)) done();
  }

  get paths(): Promise<string[]> {
    return this.source.load('v360').then(({ pieces }) => pieces.map(({ path }) => path));
  }

  private want({ path, onFile }: FileWant): () => void {
    this.asked.push(path);
    this.open.add(path);
    const body = this.files[path];
    if (body !== undefined) {
      queueMicrotask(() => {
        this.open.delete(path);
        onFile(bytesOf(body), { asked: 0, first: 0, last: 0, kept: false });
      });
    }
    return () => this.open.delete(path);
  }

  private async checkpoint(rank: number): Promise<Checkpoint | null> {
    const path = `archive/checkpoint-${rank}.json`;
    this.asked.push(path);
    const body = this.files[path];
    if (body === undefined) return null;
    try {
      return await verifyCheckpoint(bytesOf(body), { event: this.trusted.event, eventId: this.eventId, crypto, rank });
    } catch (error) {
      if (error instanceof HumaError) return null;
      throw error;
    }
  }
}

const pathsOf = ({ segments }: RecordingVector): string[] => segments.map(([, path]) => path);

describe('vectors/recording', () => {
  const names = readdirSync(new URL('recording/', VECTORS)).sort();
  it('are there', () => expect(names.length).toBeGreaterThan(8));

  it.each(names)('%s', async (name) => {
    const vector = read<RecordingVector>(`recording/${name.replace('.json', '')}`);
    const archive = await Archive.of(vector);
    expect(await archive.paths).toEqual(pathsOf(vector));
    expect(archive.asked.filter((path) => path.endsWith('.m3u8')).reverse()).toEqual(
      vector.chapters.map(([rank, n]) => `archive/v360/${rank}-${n}.m3u8`),
    );
  });
});

describe('the recording', () => {
  const last = read<ChapterVector>('chapter/first-of-the-standby');
  const taken = read<RecordingVector>('recording/taken-over');
  const further = read<RecordingVector>('recording/taken-over-and-a-chapter');
  const named = (chapterSha: string): LivePlaylist => ({ rendition: 'v360', rank: 2, chapter: 4, chapterSha, ended: false }) as LivePlaylist;
  const standing = async (bodies: Readonly<Record<string, string>>): Promise<Archive> =>
    new Archive(last.event_id, bodies, named(last.digest), { event: await eventOf(last), revoked: [] });

  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('begins after a chapter that nobody has, which is asked for where its successor says it stands', async () => {
    const { source, asked, open } = await standing({ 'archive/v360/2-4.m3u8': last.text });
    const loading = source.load('v360');
    await vi.waitUntil(() => asked.length === 2);
    vi.advanceTimersByTime(60_000);
    expect((await loading).pieces.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
    expect(asked).toEqual(['archive/v360/2-4.m3u8', 'archive/v360/1-4.m3u8']);
    expect(open.size).toBe(0);
  });

  it('is empty, and nothing is thrown, where the signed digest names no chapter', async () => {
    const archive = await standing({ 'archive/v360/2-4.m3u8': '#EXTM3U\n' });
    expect(await archive.paths).toEqual([]);
  });

  it('takes the chapters of a key that was added while the page is open', async () => {
    const archive = await Archive.of(further);
    const { event } = archive.trusted;
    archive.trusted = { event: { ...event, liveKeys: event.liveKeys.filter(({ rank }) => rank === 1) }, revoked: [] };
    expect(await archive.paths).toEqual([]);
    archive.trusted = { event, revoked: [] };
    expect(await archive.paths).toEqual(pathsOf(further));
  });

  it('asks again for a checkpoint that no mirror had, and not at each tick', async () => {
    const archive = await Archive.of(taken);
    const path = 'archive/checkpoint-2.json';
    const text = archive.files[path] as string;
    delete archive.files[path];
    const asked = (): number => archive.asked.filter((each) => each === path).length;
    expect(await archive.paths).toEqual([]);
    expect(await archive.paths).toEqual([]);
    expect(asked()).toBe(1);
    archive.files[path] = text;
    vi.advanceTimersByTime(10_000);
    expect(await archive.paths).toEqual(pathsOf(taken));
    expect(asked()).toBe(2);
    vi.advanceTimersByTime(60_000);
    await archive.paths;
    expect(asked()).toBe(2);
  });

  it('goes on over a take-over without asking for what it holds, and says that it changed', async () => {
    const one = read<RecordingVector>('recording/of-one-key');
    const archive = await Archive.of(taken);
    const standby = archive.newest as LivePlaylist;
    archive.newest = (await Archive.of(one)).newest;
    const told: [string, number][] = [];
    const tell = (held: number): (() => void) => archive.source.playlist('v360', held, (text, revision) => told.push([text, revision]));
    tell(-1);
    await vi.waitUntil(() => told.length === 1);
    const asked = archive.asked.length;
    tell(told[0]?.[1] ?? 0);
    await vi.waitUntil(() => archive.waiting.length === 1);
    archive.believe(standby);
    // the same chapters, by the checkpoint: nothing new for whoever plays them
    await vi.waitUntil(() => archive.asked.length === asked + 1);
    expect(archive.asked.at(-1)).toBe('archive/checkpoint-2.json');
    await vi.waitUntil(() => archive.waiting.length === 1);
    expect(told).toHaveLength(1);
    const { chapter, chapterSha } = (await Archive.of(further)).newest as LivePlaylist;
    Object.assign(archive.files, further.files);
    archive.believe({ ...standby, chapter, chapterSha });
    await vi.waitUntil(() => told.length === 2);
    for (const path of pathsOf(further)) expect(told[1]?.[0]).toContain(path);
  });

  it('is over where the playlist and its last chapter say so, and no longer when that is taken back', async () => {
    const ended = read<ChapterVector>('chapter/last-of-the-event');
    const archive = new Archive(ended.event_id, { 'archive/v360/1-4.m3u8': ended.text }, null, { event: await eventOf(ended), revoked: [] });
    const playlist = { ...named(ended.digest), rank: 1, ended: true };
    archive.newest = playlist;
    const loading = archive.source.load('v360');
    await vi.waitUntil(() => archive.asked.length === 2);
    vi.advanceTimersByTime(60_000);
    expect((await loading).ended).toBe(true);
    archive.newest = { ...playlist, ended: false };
    expect((await archive.source.load('v360')).ended).toBe(false);
  });

  it('is not reached from a key that was withdrawn, but through one that was not', async () => {
    const archive = await Archive.of(taken);
    const standby = archive.newest as LivePlaylist;
    archive.newest = (await Archive.of(read('recording/of-one-key'))).newest;
    expect(await archive.paths).not.toEqual([]);
    archive.trusted = { ...archive.trusted, revoked: [archive.newest?.keyid ?? ''] };
    const loading = archive.paths;
    await vi.waitUntil(() => archive.waiting.length === 1);
    const path = 'archive/checkpoint-2.json';
    const text = archive.files[path] as string;
    delete archive.files[path];
    archive.believe(standby);
    expect(await loading).toEqual([]);
    archive.files[path] = text;
    vi.advanceTimersByTime(10_000);
    expect(await archive.paths).toEqual(pathsOf(taken));
  });
});
