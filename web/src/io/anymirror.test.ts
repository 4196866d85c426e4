import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { malformed } from '../protocol/errors';
import { type FetchFile, type Source, fromAnyMirror } from './anymirror';
import { FetchFailed } from './fetch';

const sources = (count: number): Source[] =>
  Array.from({ length: count }, (_, i) => ({ id: `m${i}`, url: `https://m${i}.example/`, operator: `o${i}` }));

/** When the body begins and ends, in ms; `end` may be a failure instead. */
interface Plan {
  readonly first?: number;
  readonly end: number;
  readonly fails?: FetchFailed;
  readonly text?: string;
}

let started: [string, number][];
let aborted: string[];

beforeEach(() => {
  vi.useFakeTimers();
  [started, aborted] = [[], []];
});

afterEach(() => {
  vi.useRealTimers();
});

const network = (plans: readonly Plan[]): FetchFile => (url, bounds) => {
  const name = url.slice('https://'.length, url.indexOf('.example'));
  const plan = plans[Number(name.slice(1))] as Plan;
  started.push([name, Math.round(performance.now() - zero)]);
  return new Promise((resolve, reject) => {
    if (plan.first !== undefined) setTimeout(() => bounds.onFirstByte?.(), plan.first);
    const bytes = new TextEncoder().encode(plan.text ?? 'good');
    setTimeout(() => (plan.fails ? reject(plan.fails) : resolve({ status: 200, bytes, etag: null })), plan.end);
    bounds.signal?.addEventListener('abort', () => {
      aborted.push(name);
      reject(new FetchFailed('cancelled'));
    });
  });
};

let zero = 0;
const accept = async (bytes: Uint8Array): Promise<string> => {
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith('bad')) throw malformed(text);
  return text;
};

const ask = async (plans: Plan[], bounds: { enough?: number; enoughDenials?: number } = {}) => {
  zero = performance.now();
  const asking = fromAnyMirror(network(plans), sources(plans.length), 'x', { maxBytes: 100, ...bounds }, accept);
  let done = false;
  void asking.then(() => {
    done = true;
  });
  while (!done && performance.now() - zero < 60_000) await vi.advanceTimersByTimeAsync(50);
  const { answers, refusals } = await asking;
  return { from: answers.map(({ source }) => source.id), refused: refusals.map(({ code }) => code), took: performance.now() - zero };
};

const denial = new FetchFailed('status', 404);

describe('one file from any mirror', () => {
  it('asks one, and no other, when that is good', async () => {
    expect(await ask([{ first: 100, end: 200 }, { end: 1 }])).toMatchObject({ from: ['m0'], refused: [] });
    expect(started).toEqual([['m0', 0]]);
  });

  it('goes on at once when one fails or does not verify', async () => {
    const asked = await ask([{ end: 50, fails: new FetchFailed('network') }, { end: 50, text: 'bad' }, { end: 50 }]);
    expect(asked).toMatchObject({ from: ['m2'], refused: ['network', 'malformed'] });
    expect(asked.took).toBeLessThan(400);
  });

  it('asks another beside a silent one every 2.5 s, four at most, and hangs up on the losers', async () => {
    const silent = { end: 100_000 };
    expect(await ask([silent, silent, silent, { end: 500 }, silent, silent])).toMatchObject({ from: ['m3'] });
    expect(started).toEqual([['m0', 0], ['m1', 2500], ['m2', 5000], ['m3', 7500]]);
    expect(aborted.sort()).toEqual(['m0', 'm1', 'm2']);
  });

  it('never asks more than four at once', async () => {
    await ask(Array.from({ length: 8 }, () => ({ end: 30_000 })));
    expect(started.filter(([, at]) => at < 29_000)).toHaveLength(4);
  });

  it('waits while bytes flow, but not for ever', async () => {
    expect(await ask([{ first: 500, end: 9_000 }, { end: 1 }])).toMatchObject({ from: ['m0'] });
    expect(started).toHaveLength(1);
    started.length = 0;
    expect(await ask([{ first: 500, end: 60_000 }, { end: 100 }])).toMatchObject({ from: ['m1'] });
    expect(started[1]).toEqual(['m1', 10_000]);
  });

  it('takes two where two are wanted, waits 2.5 s for a slow second, and makes do with one', async () => {
    expect(await ask([{ end: 100 }, { end: 300 }, { end: 1 }], { enough: 2 })).toMatchObject({ from: ['m0', 'm1'] });
    const slow = await ask([{ end: 100 }, { end: 30_000 }, { end: 30_000 }], { enough: 2 });
    expect(slow.from).toEqual(['m0']);
    expect(slow.took).toBeLessThan(3_000);
    expect(await ask([{ end: 10, fails: denial }, { end: 100 }], { enough: 2 })).toMatchObject({ from: ['m1'] });
  });

  it('believes that there is no file when two say so, not one', async () => {
    const no = { end: 50, fails: denial };
    expect(await ask([no, no, { end: 50 }], { enoughDenials: 2 })).toMatchObject({ from: [] });
    expect(await ask([no, { end: 50, fails: new FetchFailed('network') }, { end: 50 }], { enoughDenials: 2 })).toMatchObject({ from: ['m2'] });
    expect(await ask([no, { end: 50, fails: new FetchFailed('status', 403) }], { enoughDenials: 2 })).toMatchObject({ from: [] });
    expect(await ask([no, { end: 50, fails: new FetchFailed('status', 500) }, { end: 9 }], { enoughDenials: 2 })).toMatchObject({ from: ['m2'] });
  });

  it('ends when all were asked, and when there is nobody to ask', async () => {
    expect(await ask([{ end: 5, text: 'bad' }, { end: 5, fails: denial }])).toMatchObject({ from: [], refused: ['malformed', 'status'] });
    expect(await ask([])).toMatchObject({ from: [], refused: [] });
  });

  it('calls a mistake of ours by its name', async () => {
    const asking = fromAnyMirror(network([{ end: 1 }]), sources(1), 'x', { maxBytes: 9 }, async () => {
      throw new TypeError('oops');
    });
    await vi.advanceTimersByTimeAsync(10);
    expect((await asking).refusals[0]).toMatchObject({ code: 'bug', path: 'x', bytes: 4 });
  });
});
