import { describe, expect, it } from 'vitest';
import { StallMeter, pausesOf } from './stall';

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

describe('a pause', () => {
  const video = (state: { paused: boolean; readyState: number; error: MediaError | null }) => Object.assign(new EventTarget(), state);
  const fire = (target: EventTarget, name: string): boolean => target.dispatchEvent(new Event(name));

  it('is a person’s, until it plays again', () => {
    const one = video({ paused: true, readyState: 4, error: null });
    const paused = pausesOf(one);
    fire(one, 'pause');
    expect(paused()).toBe(true);
    one.paused = false;
    expect(paused()).toBe(false);
    fire(one, 'play');
    one.paused = true;
    expect(paused()).toBe(false);
  });

  it('is none when the decoder failed or was emptied', () => {
    const failed = video({ paused: false, readyState: 4, error: { code: 3 } as MediaError });
    const paused = pausesOf(failed);
    failed.paused = true;
    fire(failed, 'pause');
    expect(paused()).toBe(false);
    const emptied = video({ paused: true, readyState: 4, error: null });
    const pausedThen = pausesOf(emptied);
    fire(emptied, 'emptied');
    expect(pausedThen()).toBe(false);
  });
});
