import { describe, expect, it } from 'vitest';
import { OnTheWay } from './loaders';

const file = (start: number, first: number): { loading: { start: number; first: number; end: number } } => ({
  loading: { start, first, end: 0 },
});

describe('what is on the way', () => {
  it('does not blame the line where nothing was asked for', () => expect(new OnTheWay().isSlow(60_000)).toBe(false));

  it('blames the line when bytes come too slowly', () => {
    const way = new OnTheWay();
    way.begin({}, file(1_000, 1_200), 2);
    expect(way.isSlow(1_900)).toBe(false);
    expect(way.isSlow(2_100)).toBe(true);
  });

  it('leaves a silent mirror to the session', () => {
    const way = new OnTheWay();
    way.begin({}, file(1_000, 0), 2);
    expect(way.isSlow(30_000)).toBe(false);
  });

  it('forgets what came, and what nobody waits for any more', () => {
    const way = new OnTheWay();
    const loader = {};
    way.begin(loader, file(0, 10), 1);
    way.end(loader);
    expect(way.isSlow(30_000)).toBe(false);
  });

  it('grants a short file a moment', () => {
    const way = new OnTheWay();
    way.begin({}, file(0, 10), 0);
    expect(way.isSlow(400)).toBe(false);
    expect(way.isSlow(600)).toBe(true);
  });
});
