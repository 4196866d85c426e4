import { describe, expect, it } from 'vitest';
import { HIGHEST_LUFS, LOWEST_LUFS, peaksTooHigh, place } from './meter';

describe('a meter', () => {
  it('has its marks where they belong', () => {
    expect(place(null)).toBe(0);
    expect(place(LOWEST_LUFS - 20)).toBe(0);
    expect(place(-23)).toBe(54);
    expect(place(-16)).toBe(68);
    expect(place(HIGHEST_LUFS + 3)).toBe(100);
  });

  it('is red above −1 dBTP', () => {
    expect([null, -3, -1, -0.9, 2].map(peaksTooHigh)).toEqual([false, false, false, true, true]);
  });
});
