import { describe, expect, it } from 'vitest';
import type { Event, Rendition } from '../protocol/event';
import { renderMaster, renditionOf, videosOf, audiosOf } from './multivariant';
import { SLOW_LATENCY_S, planOf, shrinksOnSlowLine } from './plan';
import { megabytesPerHour, qualityChoices, saverCost, saverOf, soundOnlyOf } from './quality';

const video = (name: string, height: number, bandwidth: number, ticksPerSegment = 1): Rendition => ({
  name, kind: 'video', ticksPerSegment, maxBytes: 1e6, codecs: 'avc1.64001f', bandwidth, width: (height * 16) / 9, height, frameRate: [30, 1],
});
const audio = (name: string, language: string, bandwidth: number, ticksPerSegment = 1): Rendition => ({
  name, kind: 'audio', ticksPerSegment, maxBytes: 1e6, codecs: 'mp4a.40.2', bandwidth, language, channels: 2, sampleRate: 48000,
});
const event = (renditions: Rendition[]): Event => ({
  title: { en: 'T' }, schedule: [], startMs: 0, endMs: 1, tick: [16, 15], epochMs: 0, copy: false,
  languages: [{ code: 'en', name: 'English' }, { code: 'fa', name: 'فارسی' }], renditions, liveKeys: [],
});
const FULL = event([
  video('v720', 720, 1_900_000), video('v144', 144, 130_000), video('v144s', 144, 130_000, 4),
  audio('a-en', 'en', 100_000), audio('a-fa', 'fa', 100_000), audio('n-en', 'en', 25_000, 4), audio('n-fa', 'fa', 25_000, 4),
]);
const choice = { quality: { kind: 'auto' as const }, saver: false, soundOnly: false, language: 'fa' };

describe('the plan', () => {
  it('follows the choice and the line', () => {
    expect(planOf(FULL, choice, false)).toEqual({ kind: 'picture', ladder: { kind: 'auto' } });
    expect(planOf(FULL, choice, true)).toEqual({ kind: 'picture', ladder: { kind: 'slow', latency: SLOW_LATENCY_S } });
    expect(planOf(FULL, { ...choice, saver: true }, false)).toMatchObject({ ladder: { kind: 'slow' } });
    expect(planOf(FULL, { ...choice, soundOnly: true }, false)).toMatchObject({ kind: 'sound', rendition: 'a-fa' });
    expect(planOf(FULL, { ...choice, soundOnly: true }, true)).toMatchObject({ kind: 'sound', rendition: 'n-fa', latency: SLOW_LATENCY_S });
    expect(planOf(FULL, { ...choice, quality: { kind: 'fixed', rendition: 'v720' } }, true)).toMatchObject({
      ladder: { kind: 'fixed', rendition: 'v720' },
    });
  });

  it('does with what the event has', () => {
    const copied = event([video('v', 720, 3_000_000), audio('a-en', 'en', 128_000)]);
    expect(planOf(copied, choice, true)).toEqual({ kind: 'picture', ladder: { kind: 'auto' } });
    expect(planOf(event([audio('a-en', 'en', 64_000)]), choice, false)).toMatchObject({ kind: 'sound', rendition: 'a-en' });
    expect(planOf(event([video('v', 720, 3_000_000)]), { ...choice, soundOnly: true }, false)).toMatchObject({ kind: 'picture' });
  });
});

describe('less on a slow line', () => {
  const copied = event([video('v', 720, 3_000_000), audio('a-en', 'en', 128_000)]);

  it.each([
    ['long segments', FULL, choice, true],
    ['smaller pictures of one ladder', event([video('v720', 720, 1_900_000), video('v144', 144, 130_000)]), choice, true],
    ['narrow sound', FULL, { ...choice, soundOnly: true }, true],
    ['nothing, in a copy', copied, choice, false],
    ['nothing, where there is one sound', copied, { ...choice, soundOnly: true }, false],
    ['nothing, where the viewer holds on to a picture', FULL, { ...choice, quality: { kind: 'fixed', rendition: 'v720' } as const }, false],
  ])('%s', (_what, from, chosen, less) => expect(shrinksOnSlowLine(from, chosen)).toBe(less));
});

describe('what a choice costs', () => {
  it('counts the sound, by the hour', () => {
    expect(megabytesPerHour(8_000_000)).toBe(3600);
    expect(qualityChoices(FULL).map(({ rendition, megabytesPerHour: each }) => [rendition, each])).toEqual([['v720', 900], ['v144', 104]]);
    expect(saverOf(FULL)?.name).toBe('v144s');
    expect(saverCost(FULL)).toBe(70);
    expect(soundOnlyOf(FULL, 'de', true)?.bandwidth).toBe(25_000);
  });
});

describe('the local multivariant playlist', () => {
  const text = renderMaster(FULL, { video: videosOf(FULL), audio: audiosOf(FULL), language: 'fa' });

  it('gives each ladder its own sound, in every language', () => {
    expect(text).toContain('BANDWIDTH=2000000,');
    expect(text).toContain('BANDWIDTH=155000,');
    const sounds = text.split('\n').filter((line) => line.startsWith('#EXT-X-MEDIA:'));
    expect(sounds).toHaveLength(4);
    expect(sounds.filter((line) => line.includes('DEFAULT=YES')).map((line) => /URI="([^"]+)"/.exec(line)?.[1])).toEqual([
      'live/a-fa.m3u8',
      'live/n-fa.m3u8',
    ]);
  });

  it('names only addresses that our loaders know', () => {
    expect(renditionOf('https://huma.invalid/live/v720.m3u8')).toBe('v720');
    for (const odd of ['https://huma.invalid/live/../x.m3u8', 'https://evil.example/live/v720.m3u8', 'https://huma.invalid/live/v.m3u8?x']) {
      expect(renditionOf(odd)).toBeNull();
    }
  });
});
