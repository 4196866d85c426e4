import { describe, expect, it } from 'vitest';
import { follow, grouped } from './alarms';
import type { Alarm } from './state';

const NOW = 1_000_000;
const alarm = (code: string, more: Partial<Alarm> = {}): Alarm => ({ code, where: 'x', level: 'alarm', since_ms: null, ...more });

describe('alarms', () => {
  it('stand in their order: alarms, then warnings, the oldest first', () => {
    const { standing } = follow([], [alarm('w', { level: 'warning', since_ms: 1 }), alarm('late', { since_ms: 9 }), alarm('early', { since_ms: 2 })], NOW);
    expect(standing.map(({ code }) => code)).toEqual(['early', 'late', 'w']);
  });

  it('that stood at the first look are no news, and may be older', () => {
    const { standing, raised } = follow(null, [alarm('a'), alarm('b', { since_ms: 5 })], NOW);
    expect(raised).toEqual([]);
    expect(standing.map(({ code, since, older }) => [code, since, older])).toEqual([
      ['b', 5, false],
      ['a', NOW, true],
    ]);
  });

  it('are told once when they begin and once when they end, and remember since when', () => {
    const first = follow([], [alarm('a')], NOW);
    expect(first.raised.map(({ code }) => code)).toEqual(['a']);
    const second = follow(first.standing, [alarm('a')], NOW + 5_000);
    expect(second.raised).toEqual([]);
    expect(second.standing[0]).toMatchObject({ since: NOW, older: false });
    const third = follow(second.standing, [], NOW + 9_000);
    expect(third.over.map(({ code }) => code)).toEqual(['a']);
    expect(follow(third.standing, [alarm('a')], NOW + 10_000).standing[0]?.since).toBe(NOW + 10_000);
  });

  it('differ by where they are', () => {
    const { standing } = follow(null, [alarm('silence', { where: 'en' })], NOW);
    expect(follow(standing, [alarm('silence', { where: 'en' }), alarm('silence', { where: 'fa' })], NOW).raised.map(({ where }) => where)).toEqual(['fa']);
  });

  it('are news when a warning becomes one, not the other way', () => {
    const warned = follow([], [alarm('trust-old', { level: 'warning' })], NOW).standing;
    const raised = follow(warned, [alarm('trust-old')], NOW + 1);
    expect(raised.raised).toHaveLength(1);
    expect(follow(raised.standing, [alarm('trust-old', { level: 'warning' })], NOW + 2).raised).toEqual([]);
  });

  it('of two stores with one name are one', () => {
    expect(follow([], [alarm('store-slow'), alarm('store-slow')], NOW).standing).toHaveLength(1);
  });

  it('of one kind make one line', () => {
    const { standing } = follow([], [alarm('silence', { where: 'en' }), alarm('black'), alarm('silence', { where: 'fa' }), alarm('black', { where: 'y', level: 'warning' })], NOW);
    expect(grouped(standing).map(({ code, level, alarms }) => [code, level, alarms.map(({ where }) => where)])).toEqual([
      ['black', 'alarm', ['x']],
      ['silence', 'alarm', ['en', 'fa']],
      ['black', 'warning', ['y']],
    ]);
  });
});
