import { describe, expect, it } from 'vitest';
import { aDesk, aKey, aPlace } from './scene';
import { takeOverOf } from './takeover';

const places = (...ranks: number[]) => ranks.map((rank) => aPlace({ rank }));

describe('a take-over', () => {
  it('begins with the next rank above', () => {
    expect(takeOverOf(aDesk({ seen: places(1, 1) }))).toMatchObject({ rank: 1, stage: 'ready', next: { rank: 2 }, of: 2 });
    const live_keys = [aKey(1), aKey(2, { revoked: true }), aKey(3)];
    expect(takeOverOf(aDesk({ seen: places(1), live_keys }))).toMatchObject({ next: { rank: 3 } });
  });

  it('before anything is seen is of the key after the first', () => {
    expect(takeOverOf(aDesk({ seen: [] }))).toMatchObject({ rank: null, stage: 'ready', next: { rank: 2 } });
  });

  it('spreads from place to place, and only then the lower key goes', () => {
    expect(takeOverOf(aDesk({ seen: places(1, 2, 2) }))).toMatchObject({ rank: 2, stage: 'spreading', showing: 2, of: 3, old: [{ rank: 1 }] });
    expect(takeOverOf(aDesk({ seen: places(2, 2) }))).toMatchObject({ rank: 2, stage: 'spread', old: [{ rank: 1 }] });
  });

  it('is over when the lower key is revoked', () => {
    const live_keys = [aKey(1, { revoked: true }), aKey(2), aKey(3)];
    expect(takeOverOf(aDesk({ seen: places(2, 2), live_keys }))).toMatchObject({ rank: 2, stage: 'ready', next: { rank: 3 } });
  });

  it('has nobody to go to above the last key', () => {
    const live_keys = [aKey(1, { revoked: true }), aKey(2, { revoked: true }), aKey(3)];
    expect(takeOverOf(aDesk({ seen: places(3), live_keys })).next).toBeNull();
  });
});
