import { describe, expect, it } from 'vitest';
import { countOf, mirrorsSeen, rankOnAir, showing, standingOf, storesSeen } from './outside';
import { aDesk, aMirror, aPlace } from './scene';

const unseen = aPlace({ state: 'unseen', tick: null, rank: null, issued_ms: null, age_ms: null, weighed: null, at_ms: null });

describe('how the event stands', () => {
  it('is not known before anybody has looked', () => {
    expect(standingOf({ on_air: 'off', seen: [unseen] })).toBe('looking');
    expect(standingOf({ on_air: 'off', seen: [unseen, aPlace({ state: 'away' })] })).toBe('off');
    expect(standingOf({ on_air: 'off', seen: [] })).toBe('off');
    expect(standingOf({ on_air: 'on', seen: [unseen, aPlace()] })).toBe('on');
  });

  it('counts the places that say so, without the withdrawn ones', () => {
    const mirrors = [aMirror(), aMirror({ id: 'east' }), aMirror({ id: 'gone', withdrawn: true })];
    const seen = [aPlace(), aPlace({ name: 'east', state: 'wrong' }), aPlace({ name: 'gone' }), aPlace({ kind: 'store', name: 'gone' })];
    expect(countOf('mirror', aDesk({ mirrors, seen }))).toEqual({ showing: 1, of: 2 });
    expect(countOf('store', aDesk({ mirrors, seen }))).toEqual({ showing: 1, of: 1 });
  });
});

describe('what is seen', () => {
  it('lies beside what the roster lists', () => {
    const mirrors = [aMirror(), aMirror({ id: 'onion', class: 'onion' })];
    const seen = [aPlace({ kind: 'store', name: 'onion' }), aPlace()];
    expect(mirrorsSeen({ mirrors, seen }).map((each) => each.seen?.kind ?? null)).toEqual(['mirror', null]);
    expect(storesSeen({ seen }).map(({ name }) => name)).toEqual(['onion']);
  });

  it('is of the highest rank that any place shows', () => {
    const seen = [aPlace(), aPlace({ rank: 2, state: 'late' }), aPlace({ rank: 3, state: 'away' })];
    expect(rankOnAir(seen)).toBe(2);
    expect(showing(seen)).toHaveLength(2);
    expect(rankOnAir([unseen])).toBeNull();
  });
});
