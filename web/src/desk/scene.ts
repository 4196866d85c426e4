/** A state as `huma desk` gives it, for tests. */
import type { DeskState, LiveKey, Mirror, Seen } from './state';

export const aMirror = (more: Partial<Mirror> = {}): Mirror => ({
  id: 'north',
  url: 'https://north.example/',
  operator: 'Radio North',
  class: 'server',
  tier: 'volunteer',
  signed: true,
  withdrawn: false,
  ...more,
});

export const aPlace = (more: Partial<Seen> = {}): Seen => ({
  name: 'north',
  kind: 'mirror',
  state: 'on',
  tick: 7,
  rank: 1,
  issued_ms: 0,
  age_ms: 900,
  ended: false,
  weighed: true,
  at_ms: 0,
  code: '',
  message: '',
  ...more,
});

export const aKey = (rank: number, more: Partial<LiveKey> = {}): LiveKey => ({
  rank,
  name: `live-${'abcdef'[rank - 1]}`,
  keyid: `${rank}`.repeat(16),
  revoked: false,
  sealed: true,
  ...more,
});

export const aDesk = (more: Partial<DeskState> = {}): DeskState => ({
  v: 1,
  at: '2026-11-23T18:00:00.000Z',
  event: { id: 'x', title: { en: 'Try', fa: 'آزمایش' }, start_ms: 0, end_ms: 1 },
  on_air: 'on',
  seen: [aPlace()],
  mirrors: [aMirror()],
  live_keys: [aKey(1), aKey(2), aKey(3)],
  sealed_root: 2,
  desk: null,
  trust: [],
  alarms: [],
  ...more,
});
