import { describe, expect, it } from 'vitest';
import type { Showing } from './sentence';
import { announcementOf, moodOf, sentenceOf } from './sentence';
import { WORDS, firstLanguage } from './words';

const calm = { count: 0, longestMs: 0, totalMs: 0, stillMs: 0 };
const playing: Showing = { started: true, paused: false, stalls: calm, lie: null, error: null, behindMs: 3_240 };
const still = { count: 1, longestMs: 12_300, totalMs: 12_300, stillMs: 12_300 };

describe('what a player is showing', () => {
  it.each([
    ['opening', { ...playing, started: false }, 'Opening…', 'waiting'],
    ['playing', playing, 'Playing, 3.2 s behind the camera.', 'well'],
    ['playing, delay unknown', { ...playing, behindMs: null }, 'Playing.', 'well'],
    ['paused by a person', { ...playing, paused: true, stalls: still }, 'Paused.', 'well'],
    ['still', { ...playing, stalls: still }, 'The picture has stood still for 12 s.', 'stalled'],
    ['forged', { ...playing, lie: 'forge' }, 'Showing a forged picture as if it were the programme.', 'deceived'],
    [
      'forged, then still',
      { ...playing, lie: 'forge', stalls: still },
      'Showing a forged picture as if it were the programme. The picture has stood still for 12 s.',
      'deceived',
    ],
    [
      'still, with an error',
      { ...playing, stalls: still, error: 'bufferStalledError' },
      'The picture has stood still for 12 s. Reports an error (bufferStalledError) and starts again.',
      'stalled',
    ],
  ] as const)('%s', (_why, showing, sentence, mood) => {
    expect(sentenceOf(showing, WORDS.en)).toBe(sentence);
    expect(moodOf(showing)).toBe(mood);
  });

  it('is told aloud without figures, so that it is told once', () => {
    const later = { ...playing, stalls: { ...still, stillMs: 13_300 } };
    expect(announcementOf({ ...playing, stalls: still }, WORDS.en)).toBe('The picture stands still.');
    expect(announcementOf(later, WORDS.en)).toBe(announcementOf({ ...playing, stalls: still }, WORDS.en));
    expect(announcementOf({ ...playing, lie: 'swap' }, WORDS.en)).toContain('older picture');
    expect(announcementOf({ ...playing, behindMs: 9_000 }, WORDS.en)).toBe(announcementOf(playing, WORDS.en));
  });

  it('writes Farsi figures in Farsi', () => {
    expect(sentenceOf({ ...playing, stalls: still }, WORDS.fa)).toContain('۱۲');
  });
});

describe('the language', () => {
  it('is the one asked for, else the reader’s', () => {
    expect(firstLanguage('?lang=fa', ['en'])).toBe('fa');
    expect(firstLanguage('', ['fa-IR', 'en'])).toBe('fa');
    expect(firstLanguage('', ['de'])).toBe('en');
    expect(firstLanguage('?lang=xx', [])).toBe('en');
  });
});
