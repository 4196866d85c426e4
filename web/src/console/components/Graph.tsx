/** One graph: uPlot draws the lines, and the page says their names and values in its own words. */
import type { Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { NOTHING, clock } from '../../shared/figures';
import type { Series } from '../series';
import { SPAN_S } from '../series';
import type { Words } from '../words/words';

export interface Line {
  readonly series: string;
  readonly name: string;
}
export type Range = (least: number | null, most: number | null) => [number, number];

/** Each line differs by its dashes as well, for whoever sees no difference of colours. */
const COLOURS = ['#f2b457', '#7cc4ff', '#7fd4a8', '#d0a8ff', '#ff9db0', '#d8d27a', '#8fe0e0', '#c9c9c9'];
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [1, 2], [12, 4], [6, 2, 2, 2]];
const GRID = '#ffffff12';
const INK = '#a3a7b0';
const HEIGHT = 170;
const FIVE_MINUTES = [60, 300, 600];

interface GraphProps {
  readonly id: string;
  readonly name: string;
  readonly lines: readonly Line[];
  readonly range: Range;
  /** Values with a fine line of their own. */
  readonly marks?: readonly number[];
  readonly say: (value: number) => string;
  readonly series: Series;
  readonly version: number;
  readonly pointed: Signal<number | null>;
  readonly words: Words;
}

export function Graph({ id, name, lines, range, marks = [], say, series, version, pointed, words }: GraphProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const drawn = [words.locale, ...lines.map((line) => line.series)].join(' ');
  const columns = useMemo(() => series.columns(lines.map((line) => line.series)), [drawn, version]);
  const latest = useRef(columns);
  latest.current = columns;

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new uPlot(optionsOf({ lines, range, marks, say, pointed, words }, element.clientWidth), latest.current as uPlot.AlignedData, element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [drawn]);
  useEffect(() => plot.current?.setData(latest.current as uPlot.AlignedData), [version]);

  const at = rowOf(columns[0], pointed.value);
  const values = lines.map((_, n) => columns[n + 1]?.[at] ?? null);
  const said = lines.map((line, n) => `${line.name}: ${saidOf(values[n], say)}`);
  return (
    <figure class="graph" data-graph={id} data-samples={columns[0].length}>
      <figcaption>{name}</figcaption>
      <div ref={place} class="plot" dir="ltr" role="img" aria-label={`${name}. ${said.join('. ')}`} />
      <ul class="legend">
        {lines.map((line, n) => (
          <li key={line.series}>
            <svg viewBox="0 0 24 6" aria-hidden="true">
              <path d="M0 3h24" stroke={colour(n)} stroke-width="2.5" stroke-dasharray={dashes(n).join(' ')} fill="none" />
            </svg>
            <bdi>{line.name}</bdi> <b>{saidOf(values[n], say)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}

const saidOf = (value: number | null | undefined, say: (value: number) => string): string => (value === null || value === undefined ? NOTHING : say(value));
const colour = (n: number): string => COLOURS[n % COLOURS.length] ?? INK;
const dashes = (n: number): number[] => DASHES[n % DASHES.length] ?? [];

/** The row of a moment, else the last one. */
function rowOf(at: readonly number[], moment: number | null): number {
  if (moment === null) return at.length - 1;
  const after = at.findIndex((each) => each >= moment);
  return after < 0 ? at.length - 1 : after;
}

type Drawing = Pick<GraphProps, 'lines' | 'range' | 'say' | 'pointed' | 'words'> & { readonly marks: readonly number[] };

function optionsOf({ lines, range, marks, say, pointed, words }: Drawing, width: number): uPlot.Options {
  const font = `12px ${getComputedStyle(document.querySelector('.page') ?? document.body).fontFamily}`;
  const axis = { stroke: INK, font, grid: { stroke: GRID, width: 1 }, ticks: { show: false } } as const;
  return {
    width: Math.max(width, 1),
    height: HEIGHT,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'console' }, points: { size: 7 } },
    scales: {
      x: { time: true, range: (plot) => windowOf(plot.data[0]) },
      y: { range: (_, least, most) => range(least, most) },
    },
    axes: [
      { ...axis, size: 30, space: 60, incrs: FIVE_MINUTES, values: (_, splits) => splits.map((at) => clock(at * 1000, words, 'minutes')) },
      { ...axis, size: 52, space: 34, values: (_, splits) => splits.map(say) },
    ],
    series: [{}, ...lines.map((line, n) => ({ label: line.name, stroke: colour(n), width: 2, dash: dashes(n), points: { show: false } }))],
    hooks: {
      setCursor: [
        (plot) => {
          const { idx, left } = plot.cursor;
          pointed.value = idx === null || idx === undefined || (left ?? -1) < 0 ? null : (plot.data[0]?.[idx] ?? null);
        },
      ],
      drawAxes: [(plot) => marks.forEach((mark) => drawMark(plot, mark))],
    },
  };
}

/** Always a quarter of an hour, so that a line moves and does not shrink. */
function windowOf(at: ArrayLike<number> | undefined): [number, number] {
  const newest = at?.[at.length - 1] ?? Date.now() / 1000;
  return [newest - SPAN_S, newest];
}

function drawMark(plot: uPlot, value: number): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = '#ffffff40';
  ctx.setLineDash([3, 5]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
