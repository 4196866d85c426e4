/** Asks for the state again and again, one request at a time, and says whether anybody answers. */
import { Refusal } from './server';

/** Milliseconds. One answer that is late is no news: `lostAfter` says when it is. */
export interface Pace {
  readonly every: number;
  readonly lostAfter: number;
}

export type Contact =
  | { readonly kind: 'opening' }
  | { readonly kind: 'good' }
  | { readonly kind: 'lost'; readonly seconds: number; readonly answers: boolean }
  | { readonly kind: 'stranger' };

export interface Hearing<State> {
  state(state: State): void;
  contact(contact: Contact): void;
}

export class Follower<State> {
  private goodAt: number;
  private failing: Refusal | null = null;
  private heard = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: () => Promise<State>,
    private readonly hearing: Hearing<State>,
    private readonly pace: Pace,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.goodAt = now();
  }

  start(): void {
    void this.round();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Says it anew, since the seconds of a loss go on while nothing comes. */
  look(): void {
    this.hearing.contact(this.contact());
  }

  contact(): Contact {
    if (this.failing?.isStranger === true) return { kind: 'stranger' };
    const silentMs = this.now() - this.goodAt;
    if (this.failing !== null && silentMs >= this.pace.lostAfter) {
      return { kind: 'lost', seconds: Math.floor(silentMs / 1000), answers: this.failing.status > 0 };
    }
    return { kind: this.heard ? 'good' : 'opening' };
  }

  private async round(): Promise<void> {
    const begun = this.now();
    let state: State | null = null;
    try {
      state = await this.ask();
      this.failing = null;
      this.heard = true;
      this.goodAt = this.now();
    } catch (error) {
      this.failing = error instanceof Refusal ? error : new Refusal(200, 'version');
    }
    if (this.stopped) return;
    if (state !== null) this.hearing.state(state);
    this.look();
    if (this.failing?.isStranger === true) return;
    this.timer = setTimeout(() => void this.round(), Math.max(50, this.pace.every - (this.now() - begun)));
  }
}
