/** What runs beside the signed stream: the recording, and platforms. */
import { number, size, span } from '../../shared/figures';
import type { ConsoleState, Output, Recording } from '../state';
import type { Words } from '../words/words';
import { alarmSaid } from '../words/words';
import { Card, Figure, Mark, Named } from '../../shared/components/parts';

interface OutputsProps {
  readonly state: ConsoleState;
  readonly words: Words;
}

const SOON_FULL_S = 3_600;

export function Outputs({ state, words }: OutputsProps) {
  return (
    <Card name={words.outputs} id="outputs">
      {state.outputs.length === 0 && <p class="soft">{words.noOutputs}</p>}
      {state.outputs.map((output, n) => (
        <OutputRow key={n} output={output} state={state} words={words} />
      ))}
    </Card>
  );
}

function OutputRow({ output, state, words }: OutputsProps & { readonly output: Output }) {
  const code = output.code || 'output-waiting';
  return (
    <article class="output" data-output={output.label}>
      <h3>
        <Named>{output.label}</Named>
        {output.label.toLowerCase() !== output.kind && <span class="protocol"> {output.kind}</span>}
      </h3>
      <p class={output.connected ? 'status playing' : 'status stalled'}>
        <span class="dot" aria-hidden="true" />
        {output.connected ? words.connected : `${words.notConnected}: ${alarmSaid({ code, where: '' }, state, words).says}`}
      </p>
      <dl class="figures">
        <Figure name={words.sent}>{size(output.sent_bytes, words)}</Figure>
        {output.reconnects > 0 && <Figure name={words.reconnects}>{words.openedTimes(number(output.reconnects, words))}</Figure>}
        {output.dropped > 0 && (
          <Figure name={words.droppedPairs} mood="warn">
            {number(output.dropped, words)}
          </Figure>
        )}
      </dl>
    </article>
  );
}

export function RecordingCard({ state, words }: OutputsProps) {
  const { recording } = state;
  return (
    <Card name={words.recording} id="recording">
      {recording === null ? <p class="soft">{words.noRecording}</p> : <RecordingFigures recording={recording} state={state} words={words} />}
    </Card>
  );
}

function RecordingFigures({ recording, state, words }: OutputsProps & { readonly recording: Recording }) {
  const { code, bytes, seconds, free_bytes: free, full_in_s: fullIn, files, dropped, waiting_bytes: waiting } = recording;
  const soon = fullIn !== null && fullIn < SOON_FULL_S;
  return (
    <>
      {code === '' ? (
        <p class={recording.since_ms === null ? 'status waiting' : 'status records'}>
          <span class="dot" aria-hidden="true" />
          {recording.since_ms === null ? words.recordsSoon : words.records}
        </p>
      ) : (
        <p class="status bad">
          <Mark mood="bad" /> {words.recordsNot}: {alarmSaid({ code, where: '' }, state, words).says}
        </p>
      )}
      <dl class="figures">
        <Figure name={words.written} id="recorded-bytes">
          {size(bytes, words)}
        </Figure>
        <Figure name={words.recorded}>{span(seconds, words)}</Figure>
        <Figure name={words.free}>{size(free, words)}</Figure>
        <Figure name={words.diskFull} mood={soon ? 'warn' : undefined}>
          {span(fullIn, words)}
        </Figure>
        {dropped > 0 && (
          <Figure name={words.droppedPairs} mood="warn">
            {number(dropped, words)}
          </Figure>
        )}
        {waiting > 4_000_000 && <Figure name={words.waitingForDisk}>{size(waiting, words)}</Figure>}
      </dl>
      {files.length > 0 && (
        <details>
          <summary>{words.files(number(files.length, words))}</summary>
          <ul class="messages" dir="ltr">
            {files.map((file) => (
              <li key={file}>{file}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
