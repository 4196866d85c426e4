import { describe, expect, it } from 'vitest';
import { StallMeter } from './stall';

describe('the stall meter', () => {
  it('owes nothing before the first frame', () => {
    expect(new StallMeter().at(60_000)).toEqual({ count: 0, longestMs: 0, totalMs: 0, stillMs: 0 });
  });

  it('takes 249 ms between frames as playing and 250 ms as a stall', () => {
    const meter = new StallMeter();
    for (const at of [0, 249, 498]) meter.frame(at);
    expect(meter.at(498).count).toBe(0);
    meter.frame(748);
    expect(meter.at(748)).toEqual({ count: 1, longestMs: 250, totalMs: 250, stillMs: 0 });
  });

  it('counts a stall that is still going on', () => {
    const meter = new StallMeter();
    meter.frame(0);
    meter.frame(1_000);
    expect(meter.at(9_000)).toEqual({ count: 2, longestMs: 8_000, totalMs: 9_000, stillMs: 8_000 });
  });

  it('does not count what was excused', () => {
    const meter = new StallMeter();
    meter.frame(0);
    meter.excused(5_000);
    meter.frame(5_100);
    expect(meter.at(5_100).count).toBe(0);
  });

  it('counts from the reset on, without a new grace', () => {
    const meter = new StallMeter();
    meter.frame(0);
    meter.frame(4_000);
    meter.reset(4_000);
    expect(meter.at(4_100)).toEqual({ count: 0, longestMs: 0, totalMs: 0, stillMs: 0 });
    expect(meter.at(4_400).stillMs).toBe(400);
  });
});
