/** What stands wrong, since when, and what of it is new. */
import type { Alarm } from './state';

export interface Standing extends Alarm {
  readonly key: string;
  /** Unix milliseconds. Where `huma live` does not say since when, it is since this page saw it first. */
  readonly since: number;
  /** It stood already when the page was opened: it may be older. */
  readonly older: boolean;
}

export interface Change {
  readonly standing: readonly Standing[];
  readonly raised: readonly Standing[];
  readonly over: readonly Standing[];
}

export const keyOf = ({ code, where }: Pick<Alarm, 'code' | 'where'>): string => `${code} ${where}`;

/** Alarms first, then warnings; in each what began first. */
const byWeight = (one: Standing, other: Standing): number =>
  Number(one.level === 'warning') - Number(other.level === 'warning') || one.since - other.since || one.key.localeCompare(other.key);

/** What stands now, beside what stood before; `before` is null at the first look. */
export function follow(before: readonly Standing[] | null, alarms: readonly Alarm[], now: number): Change {
  const known = new Map((before ?? []).map((each) => [each.key, each]));
  const standing = new Map<string, Standing>();
  for (const alarm of alarms) {
    const key = keyOf(alarm);
    if (standing.has(key)) continue;
    const old = known.get(key);
    const since = alarm.since_ms ?? old?.since ?? now;
    standing.set(key, { ...alarm, key, since, older: alarm.since_ms === null && (old?.older ?? before === null) });
  }
  const sorted = [...standing.values()].sort(byWeight);
  // a warning that has become an alarm is news as well
  const raised = sorted.filter(({ key, level }) => known.get(key) === undefined || (level === 'alarm' && known.get(key)?.level === 'warning'));
  return { standing: sorted, raised: before === null ? [] : raised, over: [...known.values()].filter(({ key }) => !standing.has(key)) };
}

/** Alarms of one kind in one line: three languages that are silent are one trouble. */
export interface Group {
  readonly code: string;
  readonly level: Alarm['level'];
  readonly alarms: readonly [Standing, ...Standing[]];
}

export function grouped(standing: readonly Standing[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const alarm of standing) {
    const key = `${alarm.level} ${alarm.code}`;
    const { code, level } = alarm;
    const before = groups.get(key)?.alarms;
    groups.set(key, { code, level, alarms: before === undefined ? [alarm] : [...before, alarm] });
  }
  return [...groups.values()];
}
