/** What the page knows and can do: one state, one contact, the alarms that stand, and the commands. */
import { computed, signal } from '@preact/signals';
import type { Standing } from './alarms';
import { follow } from './alarms';
import { Beeper } from './beep';
import type { Contact } from './contact';
import { Follower } from './contact';
import { clock } from './figures';
import { Series, sampleOf } from './series';
import type { Commands } from './server';
import { Refusal, Server } from './server';
import type { ConsoleState } from './state';
import type { UiLanguage } from './words/words';
import { DICTIONARIES, alarmSaid } from './words/words';

const LOOK_EVERY_MS = 500;
const NOTE_FOR_MS = 8_000;

export class Desk {
  readonly language = signal<UiLanguage>('en');
  readonly words = computed(() => DICTIONARIES[this.language.value]);
  readonly contact = signal<Contact>({ kind: 'opening' });
  readonly state = signal<ConsoleState | null>(null);
  readonly alarms = signal<readonly Standing[]>([]);
  /** What a screen reader is told: only what has changed. */
  readonly spoken = signal('');
  readonly beeping = signal(false);
  readonly problem = signal<Refusal | null>(null);
  readonly note = signal('');
  readonly pending = signal<ReadonlySet<string>>(new Set());
  readonly series = new Series();
  /** Grows with every sample: the graphs are drawn anew. */
  readonly samples = signal(0);

  private readonly beeper = new Beeper();
  private readonly server: Server;
  private readonly follower: Follower;
  private looked = false;
  private away = true;
  private noteEnds: ReturnType<typeof setTimeout> | undefined;

  constructor(
    token: string,
    language: UiLanguage,
    private readonly onStranger: () => void,
  ) {
    this.language.value = language;
    this.server = new Server(token);
    this.follower = new Follower(() => this.server.state(), {
      state: (state) => this.hear(state),
      contact: (contact) => this.reach(contact),
    });
  }

  start(): void {
    this.follower.start();
    setInterval(() => this.follower.look(), LOOK_EVERY_MS);
  }

  get isAway(): boolean {
    return this.contact.value.kind !== 'good';
  }

  setBeeping(on: boolean): void {
    this.beeper.switch(on);
    this.beeping.value = this.beeper.on;
  }

  /** Asks for something; a switch moves only when the state says that it has moved. */
  async do<Name extends keyof Commands>(name: Name, body: Commands[Name], what: string = name): Promise<boolean> {
    if (this.isAway || this.pending.value.has(what)) return false;
    this.pending.value = new Set([...this.pending.value, what]);
    try {
      await this.server.command(name, body);
      this.problem.value = null;
      if (name === 'dump') this.tell(this.words.value.dumped(this.now()));
      return true;
    } catch (error) {
      this.problem.value = error instanceof Refusal ? error : new Refusal(0, 'bug');
      return false;
    } finally {
      this.pending.value = new Set([...this.pending.value].filter((each) => each !== what));
    }
  }

  toggleSlate(): void {
    const state = this.state.value;
    if (state !== null && !state.copy) void this.do('slate', { on: !state.slate });
  }

  /** The time of the machine that broadcasts. */
  now(): string {
    const at = this.state.value === null ? Date.now() : Date.parse(this.state.value.at);
    return this.words.value.utc(clock(at, this.words.value));
  }

  private tell(text: string): void {
    clearTimeout(this.noteEnds);
    this.note.value = text;
    this.noteEnds = setTimeout(() => (this.note.value = ''), NOTE_FOR_MS);
  }

  private hear(state: ConsoleState): void {
    const words = this.words.value;
    const { standing, raised, over } = follow(this.looked ? this.alarms.value : null, state.alarms, Date.parse(state.at));
    this.looked = true;
    this.state.value = state;
    this.alarms.value = standing;
    const say = (alarm: Standing): string => {
      const { says, where } = alarmSaid(alarm, state, words);
      return `${alarm.level === 'alarm' ? words.alarm : words.warning}: ${says}, ${where}`;
    };
    const news = [...raised.map((alarm) => words.raisedSpoken(say(alarm))), ...over.map((alarm) => words.overSpoken(say(alarm)))];
    if (news.length > 0) this.spoken.value = news.join('. ');
    if (raised.some(({ level }) => level === 'alarm')) this.beeper.beep();
    if (this.series.note(Date.parse(state.at) / 1000, sampleOf(state))) this.samples.value += 1;
  }

  private reach(contact: Contact): void {
    const before = this.contact.value;
    this.contact.value = contact;
    if (contact.kind === 'stranger') {
      this.onStranger();
    } else if (contact.kind === 'lost' && before.kind !== 'lost') {
      this.away = true;
      this.spoken.value = this.words.value.lostSpoken;
      this.beeper.beep();
    } else if (contact.kind === 'good' && this.away) {
      this.away = false;
      if (before.kind === 'lost') this.spoken.value = this.words.value.backSpoken;
      void this.fill();
    }
  }

  /** What was kept while nobody asked; without it the graphs begin later, or have a hole. */
  private async fill(): Promise<void> {
    try {
      this.series.take(await this.server.history());
      this.samples.value += 1;
    } catch {
      // the next loss of contact asks again
    }
  }
}
