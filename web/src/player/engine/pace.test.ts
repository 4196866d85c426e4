import { describe, expect, it } from 'vitest';
import { FAST_SLACK_S, SLOW_SLACK_S, paceFor } from './pace';

const fast = { target: 1.9, buffered: 1.5, slack: FAST_SLACK_S };

describe('the pace', () => {
  it.each([
    ['at its place', { ...fast, latency: 1.9 }, 1, 1],
    ['a little behind', { ...fast, latency: 2.2 }, 1, 1.05],
    ['far behind', { ...fast, latency: 6 }, 1, 1.1],
    ['far behind, with nothing ready', { ...fast, latency: 6, buffered: 0.4 }, 1.1, 1],
    ['nearly there, and hurrying', { ...fast, latency: 1.99 }, 1.05, 1.05],
    ['nearly there', { ...fast, latency: 1.98 }, 1, 1],
    ['there', { ...fast, latency: 1.92 }, 1.05, 1],
    ['ahead', { ...fast, latency: 1.2 }, 1.05, 1],
    ['on long segments, anywhere near', { target: 22, buffered: 15, slack: SLOW_SLACK_S, latency: 27 }, 1, 1],
    ['on long segments, far behind', { target: 22, buffered: 15, slack: SLOW_SLACK_S, latency: 40 }, 1, 1.1],
  ])('%s', (_where, pace, now, rate) => expect(paceFor(pace, now)).toBe(rate));
});
