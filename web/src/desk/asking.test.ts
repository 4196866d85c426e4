import { describe, expect, it } from 'vitest';
import { isTyped, subjectOf, wantedOf } from './asking';
import { aDesk, aKey, aMirror } from './scene';

describe('what is asked', () => {
  it('is about what stands there now', () => {
    const state = aDesk();
    expect(subjectOf({ kind: 'withdraw', mirror: 'north' }, state)).toMatchObject({ mirror: { operator: 'Radio North' } });
    expect(subjectOf({ kind: 'remove-mirror', mirror: 'north' }, state)).not.toBeNull();
    expect(subjectOf({ kind: 'revoke', keyid: aKey(2).keyid }, state)).toMatchObject({ key: { rank: 2 }, isLast: false });
    expect(subjectOf({ kind: 'release-root', version: 2 }, state)).toEqual({ kind: 'release-root', version: 2 });
  });

  it('is nothing where somebody else was quicker', () => {
    const state = aDesk({ mirrors: [aMirror({ withdrawn: true })], live_keys: [aKey(1, { revoked: true })], sealed_root: null });
    expect(subjectOf({ kind: 'withdraw', mirror: 'north' }, state)).toBeNull();
    expect(subjectOf({ kind: 'restore', mirror: 'north' }, aDesk())).toBeNull();
    expect(subjectOf({ kind: 'remove-mirror', mirror: 'south' }, state)).toBeNull();
    expect(subjectOf({ kind: 'revoke', keyid: aKey(1).keyid }, state)).toBeNull();
    expect(subjectOf({ kind: 'release-root', version: 2 }, state)).toBeNull();
  });

  it('knows the last live key', () => {
    const live_keys = [aKey(1, { revoked: true }), aKey(2), aKey(3, { revoked: true })];
    expect(subjectOf({ kind: 'revoke', keyid: aKey(2).keyid }, aDesk({ live_keys }))).toMatchObject({ isLast: true });
  });
});

describe('what has to be typed', () => {
  it('is the whole key id, or the version, and nothing for what can be taken back', () => {
    expect(wantedOf({ kind: 'revoke', key: aKey(2), isLast: false })).toBe(aKey(2).keyid);
    expect(wantedOf({ kind: 'release-root', version: 12 })).toBe('12');
    expect(wantedOf({ kind: 'withdraw', mirror: aMirror() })).toBeNull();
    expect(wantedOf({ kind: 'add-live-key' })).toBeNull();
  });

  it.each([
    ['1A2b', '1a2b', true],
    [' ۱۲ ', '12', true],
    ['١٢', '12', true],
    ['1', '12', false],
    ['', '12', false],
    ['123', '12', false],
  ])('%s for %s: %s', (text, wanted, good) => expect(isTyped(text, wanted)).toBe(good));
});
