/** The last quarter of an hour of what arrives, the encoder, the signing and the loudness. */
import { signal } from '@preact/signals';
import type { Desk } from '../desk';
import { NOTHING, clock, number } from '../../shared/figures';
import { HIGHEST_LUFS, LOWEST_LUFS, TARGETS_LUFS } from '../meter';
import type { ConsoleState } from '../state';
import type { Words } from '../words/words';
import { inputName } from '../words/words';
import { Graph } from './Graph';
import type { Line, Range } from './Graph';

interface GraphsProps {
  readonly desk: Desk;
  readonly state: ConsoleState;
  readonly words: Words;
}

/** The moment under the pointer, in all graphs at once; null: the newest. */
const pointed = signal<number | null>(null);

const fromZero = (least: number): Range => (_, most) => [0, Math.max(least, (most ?? 0) * 1.1)];
const aroundOne: Range = (least, most) => [Math.min(0.9, (least ?? 1) - 0.02), Math.max(1.1, (most ?? 1) + 0.02)];
const loudness: Range = () => [LOWEST_LUFS, HIGHEST_LUFS];

export function Graphs({ desk, state, words }: GraphsProps) {
  const inputs = state.inputs
    .filter(({ protocol }) => protocol !== 'test')
    .map((input): Line => ({ series: `input.${input.name}.kbps`, name: inputName(input, state.languages, words) }));
  const voices = state.languages.map(({ code, name }): Line => ({ series: `loudness.${code}`, name }));
  const common = { series: desk.series, version: desk.samples.value, pointed, words };
  return (
    <section class="graphs" aria-labelledby="graphs-name">
      <h2 id="graphs-name">
        {words.graphs}
        {pointed.value !== null && <span class="soft"> {words.graphAt(words.utc(clock(pointed.value * 1000, words)))}</span>}
      </h2>
      <div class="graph-grid">
        {inputs.length > 0 && <Graph {...common} id="kbps" name={words.graphInputs} lines={inputs} range={fromZero(100)} say={(value) => number(value, words)} />}
        <Graph {...common} id="speed" name={words.graphSpeed} lines={[{ series: 'speed', name: words.encoderSpeed }]} range={aroundOne} marks={[1]} say={(value) => number(value, words, 2)} />
        {!state.copy && (
          <Graph
            {...common}
            id="delay"
            name={words.graphDelay}
            lines={[{ series: 'delay_ms', name: words.signingDelay }]}
            range={fromZero(1000)}
            say={(value) => number(value / 1000, words, 1)}
          />
        )}
        {!state.copy && (
          <Graph
            {...common}
            id="loudness"
            name={words.graphLoudness}
            lines={voices}
            range={loudness}
            marks={TARGETS_LUFS}
            say={(value) => (Number.isFinite(value) ? number(value, words, Number.isInteger(value) ? 0 : 1) : NOTHING)}
          />
        )}
      </div>
    </section>
  );
}
