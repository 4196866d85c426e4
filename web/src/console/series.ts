/** The last quarter of an hour of a few numbers: what `huma live` kept before the page was opened, and what came since. */
import type { ConsoleState } from './state';

export const SPAN_S = 900;
/** A longer pause than this is a hole in the line, not a straight piece of it. */
const HOLE_S = 3;

export interface History {
  /** Unix seconds. */
  readonly at: readonly number[];
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

type Row = { readonly at: number; readonly values: Readonly<Record<string, number | null>> };

/** The numbers of a state that are drawn, by the names that /history gives them. */
export function sampleOf(state: ConsoleState): Record<string, number | null> {
  const values: Record<string, number | null> = { delay_ms: state.publisher.delay_ms, speed: state.programme.speed };
  for (const { name, kbps } of state.inputs) values[`input.${name}.kbps`] = kbps;
  for (const { code, levels } of state.languages) values[`loudness.${code}`] = levels.short_term;
  return values;
}

export class Series {
  private rows: readonly Row[] = [];

  get length(): number {
    return this.rows.length;
  }

  /** What the server kept takes the place of what the page saw in that time, holes included. */
  take({ at, series }: History): void {
    const names = Object.keys(series);
    const known = at.map((moment, n): Row => ({ at: moment, values: Object.fromEntries(names.map((name) => [name, series[name]?.[n] ?? null])) }));
    const first = known[0];
    if (first === undefined) return;
    const last = known[known.length - 1] ?? first;
    const before = this.rows.filter((row) => row.at < first.at);
    const after = this.rows.filter((row) => row.at > last.at);
    this.rows = trimmed([...before, ...known, ...after]);
  }

  /** One moment more, at most one a second; a clock that was set back takes with it what would lie ahead. */
  note(atS: number, values: Readonly<Record<string, number | null>>): boolean {
    const last = this.rows[this.rows.length - 1];
    if (last !== undefined && atS >= last.at && atS - last.at < 0.95) return false;
    const before = this.rows.filter((row) => row.at < atS);
    this.rows = trimmed([...before, { at: atS, values }]);
    return true;
  }

  /** Moments, then as many values for each name: what uPlot takes. */
  columns(names: readonly string[]): [number[], ...(number | null)[][]] {
    const at: number[] = [];
    const columns = names.map((): (number | null)[] => []);
    let last: number | undefined;
    for (const row of this.rows) {
      if (last !== undefined && row.at - last > HOLE_S) {
        at.push(last + 1);
        for (const column of columns) column.push(null);
      }
      at.push(row.at);
      names.forEach((name, n) => columns[n]?.push(row.values[name] ?? null));
      last = row.at;
    }
    return [at, ...columns];
  }
}

function trimmed(rows: readonly Row[]): readonly Row[] {
  const newest = rows[rows.length - 1]?.at ?? 0;
  return rows.filter((row) => row.at > newest - SPAN_S);
}
