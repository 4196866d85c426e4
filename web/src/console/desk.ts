/** What the technician's page knows and can do beside what every console does: the graphs, the switches, a note. */
import { signal } from '@preact/signals';
import { Link } from '../shared/link';
import type { Refusal } from '../shared/server';
import type { Alarm } from '../shared/state';
import type { AlarmSaid, UiLanguage } from '../shared/words/words';
import type { History } from './series';
import { Series, sampleOf } from './series';
import type { ConsoleState } from './state';
import { onAirOf } from './state';
import type { Words } from './words/words';
import { DICTIONARIES, alarmSaid } from './words/words';

const NOTE_FOR_MS = 8_000;
const PACE = { every: 250, lostAfter: 1_000 };
/** A command may wait for a picture; it is not a matter of a quarter of a second. */
const PATIENCE = { ask: 2_000, command: 5_000 };

export interface Commands {
  readonly slate: { readonly on: boolean };
  readonly choose: { readonly input: string };
  readonly lay: { readonly language: string; readonly offset_ms: number };
  readonly dump: { readonly refill: boolean };
  readonly delay: { readonly ms: number };
}

export class Desk extends Link<ConsoleState, Commands, Words> {
  readonly problem = signal<Refusal | null>(null);
  readonly note = signal('');
  readonly series = new Series();
  /** Grows with every sample: the graphs are drawn anew. */
  readonly samples = signal(0);
  private noteEnds: ReturnType<typeof setTimeout> | undefined;

  constructor(token: string, language: UiLanguage, onStranger: () => void) {
    super({ token, language, onStranger, dictionaries: DICTIONARIES, pace: PACE, patience: PATIENCE });
  }

  said(alarm: Alarm): AlarmSaid {
    return alarmSaid(alarm, this.state.value ?? { languages: [], inputs: [] }, this.words.value);
  }

  lamp(): string {
    const state = this.state.value;
    return state === null ? this.words.value.lostOnAir : this.words.value.onAir[onAirOf(state)];
  }

  /** Asks for something; a switch moves only when the state says that it has moved. */
  async do<Name extends keyof Commands>(name: Name, body: Commands[Name], what: string = name): Promise<boolean> {
    const outcome = await this.tried(name, body, what);
    if (outcome === 'not-now') return false;
    this.problem.value = outcome === 'done' ? null : outcome;
    if (outcome === 'done' && name === 'dump') this.tell(this.words.value.dumped(this.now()));
    return outcome === 'done';
  }

  toggleSlate(): void {
    const state = this.state.value;
    if (state !== null && !state.copy) void this.do('slate', { on: !state.slate });
  }

  protected override hear(state: ConsoleState): void {
    super.hear(state);
    if (this.series.note(Date.parse(state.at) / 1000, sampleOf(state))) this.samples.value += 1;
  }

  protected override reached(): void {
    void this.fill();
  }

  private tell(text: string): void {
    clearTimeout(this.noteEnds);
    this.note.value = text;
    this.noteEnds = setTimeout(() => (this.note.value = ''), NOTE_FOR_MS);
  }

  /** What was kept while nobody asked; without it the graphs begin later, or have a hole. */
  private async fill(): Promise<void> {
    try {
      this.series.take((await this.server.get('history')) as History);
      this.samples.value += 1;
    } catch {
      // the next loss of contact asks again
    }
  }
}
