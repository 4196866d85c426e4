import { describe, expect, it } from 'vitest';
import type { Timing } from '../io/driver';
import { FRESH_LINE, isClear, judgedLine, measured } from './line';
import type { Line } from './line';

const NEEDS = { fast: 220_000 };
const came = (delay: number, flowing: number): Timing => ({ asked: 0, first: delay, last: delay + flowing, kept: false });
const look = (line: Line, now: number, starved = false): Line => judgedLine(line, NEEDS, { now, starved });

/** `count` bodies of `bytes` at `rate` bits a second after `delay`. */
function after(line: Line, count: number, { bytes = 60_000, rate, delay }: { bytes?: number; rate: number; delay: number }): Line {
  return Array.from({ length: count }).reduce<Line>((now) => measured(now, bytes, came(delay, (bytes * 8000) / rate)), line);
}

describe('a line', () => {
  it('may take long to open a connection', () => {
    expect(look(measured(FRESH_LINE, 900, came(900, 2)), 0).slow).toBe(false);
    expect(look(measured(FRESH_LINE, 900, came(2_400, 2)), 0).slow).toBe(true);
    const first = measured(FRESH_LINE, 900, came(800, 2));
    expect(isClear(first)).toBe(false);
    expect(look(measured(first, 900, came(800, 2)), 0).slow).toBe(true);
    expect(look(measured(first, 900, came(150, 2)), 0).slow).toBe(false);
    expect([FRESH_LINE, measured(FRESH_LINE, 900, came(90, 2))].every(isClear)).toBe(true);
  });

  it('is taken for good before anything was measured', () => expect(look(FRESH_LINE, 0).slow).toBe(false));

  it.each([
    ['thin', { rate: 200_000, delay: 50 }, true],
    ['long and thin', { rate: 200_000, delay: 800 }, true],
    ['long and not wide', { rate: 700_000, delay: 800 }, true],
    ['long and wide', { rate: 20_000_000, delay: 800 }, false],
    ['good', { rate: 4_000_000, delay: 60 }, false],
    ['just enough', { rate: 320_000, delay: 60 }, false],
  ])('that is %s', (_why, line, slow) => expect(look(after(FRESH_LINE, 6, line), 0).slow).toBe(slow));

  it('says nothing by what came from memory, and little by small bodies', () => {
    const kept = measured(FRESH_LINE, 60_000, { ...came(0, 1), kept: true });
    expect(kept).toBe(FRESH_LINE);
    expect(measured(FRESH_LINE, 900, came(40, 2))).toMatchObject({ delay: 40, rate: null });
  });

  it('is slow when the smallest picture starves, whatever was measured', () => {
    expect(look(after(FRESH_LINE, 6, { rate: 4_000_000, delay: 60 }), 0, true).slow).toBe(true);
  });

  it('comes back only after it has looked good for a while, and waits longer after each mistake', () => {
    const slow = look(after(FRESH_LINE, 6, { rate: 100_000, delay: 900 }), 1_000);
    const mended = after(slow, 20, { rate: 5_000_000, delay: 40 });
    const seen = look(mended, 10_000);
    expect(seen.slow).toBe(true);
    const back = look(seen, 10_000 + slow.patienceMs);
    expect(back.slow).toBe(false);
    const again = look(back, back.changedAt + 5_000, true);
    expect(again.slow).toBe(true);
    expect(again.patienceMs).toBe(2 * slow.patienceMs);
    const muchLater = look(back, back.changedAt + 500_000, true);
    expect(muchLater.patienceMs).toBe(slow.patienceMs);
  });
});
