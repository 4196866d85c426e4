import { describe, expect, it } from 'vitest';
import { aLanguage, aState, anInput } from './scene';
import { SPAN_S, Series, sampleOf } from './series';

const T = 1_000_000;

describe('a sample', () => {
  it('has the names that the history has', () => {
    const state = aState({ inputs: [anInput(), anInput({ name: 'fa', language: 'fa', kbps: 96 })], languages: [aLanguage()] });
    expect(sampleOf(state)).toEqual({ delay_ms: 140, speed: 1, 'input.main.kbps': 4000, 'input.fa.kbps': 96, 'loudness.fa': -23 });
  });
});

describe('the series', () => {
  it('goes on where the history ends', () => {
    const series = new Series();
    series.take({ at: [T, T + 1], series: { speed: [1, null] } });
    expect(series.note(T + 2, { speed: 0.9 })).toBe(true);
    expect(series.columns(['speed'])).toEqual([[T, T + 1, T + 2], [1, null, 0.9]]);
  });

  it('takes one sample a second of four', () => {
    const series = new Series();
    const taken = [0, 0.25, 0.5, 0.75, 1, 1.25].map((more) => series.note(T + more, { speed: more }));
    expect(taken).toEqual([true, false, false, false, true, false]);
  });

  it('knows nothing of what was not there yet', () => {
    const series = new Series();
    series.note(T, { a: 1 });
    series.note(T + 1, { a: 2, b: 3 });
    expect(series.columns(['b', 'a', 'c'])).toEqual([[T, T + 1], [null, 3], [1, 2], [null, null]]);
  });

  it('keeps a quarter of an hour', () => {
    const series = new Series();
    for (let n = 0; n < 2 * SPAN_S; n += 1) series.note(T + n, { a: n });
    expect(series.length).toBe(SPAN_S);
    const [at, a] = series.columns(['a']);
    expect([at[0], a?.[0]]).toEqual([T + SPAN_S, SPAN_S]);
  });

  it('has a hole where nobody answered, until the history fills it', () => {
    const series = new Series();
    series.note(T, { a: 1 });
    series.note(T + 60, { a: 2 });
    expect(series.columns(['a'])).toEqual([[T, T + 1, T + 60], [1, null, 2]]);
    series.take({ at: [T + 1, T + 2, T + 3], series: { a: [5, 6, 7] } });
    expect(series.columns(['a'])).toEqual([[T, T + 1, T + 2, T + 3, T + 4, T + 60], [1, 5, 6, 7, null, 2]]);
  });

  it('believes the server over itself, and keeps what was before and after', () => {
    const series = new Series();
    for (const n of [0, 1, 2, 3]) series.note(T + n, { a: n });
    series.take({ at: [T + 0.9, T + 2.1], series: { a: [10, 20] } });
    expect(series.columns(['a'])).toEqual([[T, T + 0.9, T + 2.1, T + 3], [0, 10, 20, 3]]);
    series.take({ at: [], series: {} });
    expect(series.length).toBe(4);
  });

  it('follows a clock that was set back', () => {
    const series = new Series();
    series.note(T, { a: 1 });
    series.note(T + 100, { a: 2 });
    series.note(T + 50, { a: 3 });
    expect(series.columns(['a'])).toEqual([[T, T + 1, T + 50], [1, null, 3]]);
  });
});
