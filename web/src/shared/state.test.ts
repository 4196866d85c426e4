import { describe, expect, it } from 'vitest';
import { moodOfTrust, versionOne } from './state';

describe('a state', () => {
  it('is of version 1, or none', () => {
    expect(versionOne({ v: 1 }).v).toBe(1);
    for (const other of [null, 'x', {}, { v: 2 }, []]) expect(() => versionOne(other)).toThrow(TypeError);
  });
});

describe('a trust document', () => {
  it.each([
    [{ left_s: 10, age: 0.54, short: false }, null],
    [{ left_s: 10, age: 0.55, short: false }, 'warn'],
    [{ left_s: 10, age: 0.8, short: false }, 'bad'],
    [{ left_s: 10, age: null, short: true }, 'warn'],
    [{ left_s: 0, age: null, short: false }, 'bad'],
  ] as const)('%o', (document, mood) => expect(moodOfTrust(document)).toBe(mood));
});
