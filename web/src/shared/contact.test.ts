import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Contact } from './contact';
import { Follower } from './contact';
import { Refusal } from './server';

const EVERY_MS = 250;
const PACE = { every: EVERY_MS, lostAfter: 1_000 };

type Answer = () => Promise<string>;
const good: Answer = () => Promise.resolve('well');
const fails = (refusal: Refusal): Answer => () => Promise.reject(refusal);
const away = fails(new Refusal(0, 'away'));

function aFollower(ask = good): { ask: Answer; asked: number; states: number; said: Contact[]; follower: Follower<string> } {
  const world = { ask, asked: 0, states: 0, said: [] as Contact[] };
  const follower = new Follower(
    () => {
      world.asked += 1;
      return world.ask();
    },
    { state: () => void (world.states += 1), contact: (contact) => void world.said.push(contact) },
    PACE,
    () => Date.now(),
  );
  follower.start();
  return Object.assign(world, { follower });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('who follows', () => {
  it('asks four times a second', async () => {
    const world = aFollower();
    await pass(4 * EVERY_MS);
    expect(world.asked).toBe(5);
    expect(world.states).toBe(5);
    expect(world.follower.contact()).toEqual({ kind: 'good' });
  });

  it('never asks twice at once', async () => {
    const world = aFollower();
    await pass(10);
    world.ask = () => new Promise(() => undefined);
    await pass(20 * EVERY_MS);
    expect(world.asked).toBe(2);
  });

  it('says for how long nobody has answered, and when somebody does again', async () => {
    const world = aFollower();
    await pass(10);
    world.ask = away;
    await pass(900);
    expect(world.follower.contact()).toEqual({ kind: 'good' });
    await pass(4_100);
    expect(world.follower.contact()).toEqual({ kind: 'lost', seconds: 5, answers: false });
    world.ask = good;
    await pass(EVERY_MS);
    expect(world.said.at(-1)).toEqual({ kind: 'good' });
  });

  it('tells an answer that is none from no answer', async () => {
    const world = aFollower();
    world.ask = fails(new Refusal(500, 'bug'));
    await pass(2_000);
    expect(world.follower.contact()).toMatchObject({ kind: 'lost', answers: true });
    world.ask = () => Promise.reject(new TypeError('a state of another version'));
    await pass(2_000);
    expect(world.follower.contact()).toMatchObject({ kind: 'lost', answers: true });
  });

  it('is lost from the beginning where nobody ever answers', async () => {
    const world = aFollower(away);
    expect(world.follower.contact()).toEqual({ kind: 'opening' });
    await pass(3_000);
    expect(world.follower.contact()).toMatchObject({ kind: 'lost' });
    expect(world.said.some(({ kind }) => kind === 'good')).toBe(false);
  });

  it('goes when its token is refused', async () => {
    const world = aFollower();
    world.ask = fails(new Refusal(403, 'token'));
    await pass(EVERY_MS);
    expect(world.said.at(-1)).toEqual({ kind: 'stranger' });
    const { asked } = world;
    await pass(10 * EVERY_MS);
    expect(world.asked).toBe(asked);
  });

  it('stops', async () => {
    const world = aFollower();
    await pass(10);
    world.follower.stop();
    await pass(10 * EVERY_MS);
    expect(world.asked).toBe(1);
  });
});
