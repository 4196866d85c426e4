import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Belief, beginBelief, believe, floorOf, hasTwoVersions, rankOf, revoke, savedOf, woken } from './belief';
import { Grid } from './grid';
import type { OfferedPlaylist, SavedBelief } from './session/types';

interface Step {
  readonly revoke?: readonly string[];
  readonly woken?: boolean;
  readonly see: Readonly<Record<string, unknown>>;
  readonly operator: string;
  readonly wall: number;
  readonly mono: number;
  readonly verdict: string;
  readonly floor: number;
  readonly proof?: unknown;
}

interface Saved {
  readonly event_id: string;
  readonly floors: SavedBelief['floors'];
  readonly revoked: readonly string[];
}

interface Vector {
  readonly event_id: string;
  readonly tick: readonly [number, number];
  readonly epoch_ms: number;
  readonly ticks_per_segment: Readonly<Record<string, number>>;
  readonly restored: Saved | null;
  readonly steps: readonly Step[];
  readonly rank: number;
  readonly two_versions: boolean;
  readonly confirmed_mono: number | null;
  readonly saved: Saved;
}

const FOLDER = new URL('../../../vectors/belief/', import.meta.url);
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const savedFrom = ({ event_id: eventId, floors, revoked }: Saved): SavedBelief => ({ v: 1, eventId, floors, revoked });

function offeredFrom(see: Step['see']): OfferedPlaylist {
  const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const members = Object.fromEntries(Object.entries(see).map(([key, value]) => [camel(key), value]));
  return { prev: null, prevTick: null, ...members } as unknown as OfferedPlaylist;
}

function take(belief: Belief, step: Step): Belief {
  if (step.revoke !== undefined) return revoke(belief, step.revoke);
  if (step.woken !== undefined) return woken(belief, step.wall, step.mono);
  const offered = offeredFrom(step.see);
  const [after, { verdict, proof }] = believe(belief, offered, step);
  expect(verdict).toBe(step.verdict);
  expect(proof).toEqual(step.proof ?? null);
  expect(floorOf(after, offered.rendition, offered.rank)).toBe(step.floor);
  return after;
}

describe('belief reaches the verdict of the vector', () => {
  it('has vectors', () => expect(names.length).toBeGreaterThan(15));

  it.each(names)('%s', (name) => {
    const vector = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf-8')) as Vector;
    const grid = new Grid(vector.tick, vector.epoch_ms);
    const ticks = new Map(Object.entries(vector.ticks_per_segment));
    const restored = vector.restored === null ? null : savedFrom(vector.restored);
    const belief = vector.steps.reduce(take, beginBelief(vector.event_id, grid, ticks, restored));
    expect(rankOf(belief)).toBe(vector.rank);
    expect(hasTwoVersions(belief)).toBe(vector.two_versions);
    expect(belief.confirmed?.mono ?? null).toBe(vector.confirmed_mono);
    expect(savedOf(belief)).toEqual(savedFrom(vector.saved));
  });
});
