import { describe, expect, it } from 'vitest';
import type { Mirror } from '../protocol/roster';
import { type Known, sourcesOf } from './sources';

const url = (id: string): string => `https://${id}.example/`;
const mirror = (id: string, tier: Mirror['tier'] = 'trusted', operator = id): Mirror => ({
  id, url: url(id), operator, tier, class: 'server', addresses: [], spki: [],
});

const ask = (known: Partial<Known>): string[] =>
  sourcesOf({
    hints: [], mirrors: [], withdrawn: [], proven: new Set(), volunteers: true, canAsk: () => true, turn: 0, ...known,
  }).map(({ id }) => id);

describe('whom to ask', () => {
  it('first are those that were honest, then hints, then trusted mirrors, then volunteers', () => {
    const mirrors = [mirror('v', 'volunteer'), mirror('t'), mirror('p')];
    expect(ask({ hints: [url('h')], mirrors, proven: new Set([url('p')]) })).toEqual(['p', url('h'), 't', 'v']);
  });

  it('a hint that the roster lists is that mirror, once', () => {
    expect(ask({ hints: [url('t')], mirrors: [mirror('t')] })).toEqual(['t']);
  });

  it('the first two are of different operators, where there are such', () => {
    const mirrors = [mirror('a', 'trusted', 'one'), mirror('b', 'trusted', 'one'), mirror('c', 'trusted', 'two')];
    expect(ask({ mirrors })).toEqual(['a', 'c', 'b']);
    expect(ask({ hints: [url('h'), url('i')] })).toEqual([url('h'), url('i')]);
    expect(ask({ hints: [url('h'), url('i')], mirrors: [mirror('c')] })).toEqual([url('h'), 'c', url('i')]);
  });

  it('few volunteers, none if the viewer wants none, never more than eight', () => {
    const mirrors = [...'abcdefghij'].map((id) => mirror(id, 'volunteer'));
    expect(ask({ mirrors })).toEqual(['a', 'b']);
    expect(ask({ mirrors, volunteers: false })).toEqual([]);
    expect(ask({ mirrors: [...'abcdefghij'].map((id) => mirror(id)) })).toHaveLength(8);
  });

  it('without volunteers not even those that the link names', () => {
    const mirrors = [mirror('v', 'volunteer'), mirror('t')];
    expect(ask({ hints: [url('v'), url('h')], mirrors, volunteers: false })).toEqual([url('h'), 't']);
    expect(ask({ hints: [url('v')], mirrors })).toEqual(['v', 't']);
  });

  it('not whom the guard withdrew, nor whom this page cannot ask', () => {
    const mirrors = [mirror('a'), mirror('b'), mirror('c')];
    expect(ask({ mirrors, withdrawn: ['a'], canAsk: (asked) => asked !== url('b') })).toEqual(['c']);
    expect(ask({ hints: [url('b')], canAsk: () => false })).toEqual([]);
  });

  it('viewers begin at different places', () => {
    const mirrors = [mirror('a'), mirror('b'), mirror('c')];
    expect([0, 0.34, 0.99].map((turn) => ask({ mirrors, turn })[0])).toEqual(['a', 'b', 'c']);
  });
});
