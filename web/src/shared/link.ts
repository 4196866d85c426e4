/** What a page knows of the programme behind it: one state, whether anybody answers, the alarms that stand, and what was asked. */
import type { ReadonlySignal } from '@preact/signals';
import { computed, signal } from '@preact/signals';
import type { Standing } from './alarms';
import { follow } from './alarms';
import { Beeper } from './beep';
import type { Contact, Pace } from './contact';
import { Follower } from './contact';
import { clock } from './figures';
import type { Patience } from './server';
import { Refusal, Server } from './server';
import type { Alarm, AnyState } from './state';
import type { AlarmSaid, Dictionaries, ShellWords, UiLanguage } from './words/words';

const LOOK_EVERY_MS = 500;

export interface LinkPlan<Words> {
  readonly token: string;
  readonly language: UiLanguage;
  readonly dictionaries: Dictionaries<Words>;
  readonly pace: Pace;
  readonly patience: Patience;
  readonly onStranger: () => void;
}

export abstract class Link<State extends AnyState, Commands extends object, Words extends ShellWords> {
  readonly language = signal<UiLanguage>('en');
  readonly words: ReadonlySignal<Words>;
  readonly contact = signal<Contact>({ kind: 'opening' });
  readonly state = signal<State | null>(null);
  readonly alarms = signal<readonly Standing[]>([]);
  /** What a screen reader is told: only what has changed. */
  readonly spoken = signal('');
  readonly beeping = signal(false);
  readonly pending = signal<ReadonlySet<string>>(new Set());

  protected readonly server: Server<State, Commands>;
  private readonly beeper = new Beeper();
  private readonly follower: Follower<State>;
  private readonly onStranger: () => void;
  private looked = false;
  private away = true;

  constructor({ token, language, dictionaries, pace, patience, onStranger }: LinkPlan<Words>) {
    this.language.value = language;
    this.words = computed(() => dictionaries[this.language.value]);
    this.onStranger = onStranger;
    this.server = new Server<State, Commands>(token, patience);
    this.follower = new Follower<State>(
      () => this.server.state(),
      { state: (state) => this.hear(state), contact: (contact) => this.reach(contact) },
      pace,
    );
  }

  /** An alarm in words; `state` is not null when there is one. */
  abstract said(alarm: Alarm): AlarmSaid;
  /** How things stand, in a word or two: it stands in the tab's title. */
  abstract lamp(): string;

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

  /** Asks for something. `not-now`: nobody answers, or the same is being asked already. */
  async tried<Name extends keyof Commands & string>(name: Name, body: Commands[Name], what: string = name): Promise<'done' | 'not-now' | Refusal> {
    if (this.isAway || this.pending.value.has(what)) return 'not-now';
    this.pending.value = new Set([...this.pending.value, what]);
    try {
      await this.server.command(name, body);
      return 'done';
    } catch (error) {
      return error instanceof Refusal ? error : new Refusal(0, 'bug');
    } finally {
      this.pending.value = new Set([...this.pending.value].filter((each) => each !== what));
    }
  }

  /** The time of the machine that answers. */
  now(): string {
    const at = this.state.value === null ? Date.now() : Date.parse(this.state.value.at);
    return this.words.value.utc(clock(at, this.words.value));
  }

  protected hear(state: State): void {
    const words = this.words.value;
    const { standing, raised, over } = follow(this.looked ? this.alarms.value : null, state.alarms, Date.parse(state.at));
    this.looked = true;
    this.state.value = state;
    this.alarms.value = standing;
    const say = (alarm: Standing): string => {
      const { says, where } = this.said(alarm);
      return `${alarm.level === 'alarm' ? words.alarm : words.warning}: ${says}, ${where}`;
    };
    const news = [...raised.map((alarm) => words.raisedSpoken(say(alarm))), ...over.map((alarm) => words.overSpoken(say(alarm)))];
    if (news.length > 0) this.spoken.value = news.join('. ');
    if (raised.some(({ level }) => level === 'alarm')) this.beeper.beep();
  }

  /** Somebody answers, for the first time or again. */
  protected reached(): void {}

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
      this.reached();
    }
  }
}

/** What the parts need that both pages have. */
export type AnyLink = Link<AnyState, object, ShellWords>;
