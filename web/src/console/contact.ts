/** Asks for the state again and again, one request at a time, and says whether anybody answers. */
import { Refusal } from './server';
import type { ConsoleState } from './state';

export const EVERY_MS = 250;
/** One answer that is late is no news. */
export const LOST_AFTER_MS = 1_000;

export type Contact =
  | { readonly kind: 'opening' }
  | { readonly kind: 'good' }
  | { readonly kind: 'lost'; readonly seconds: number; readonly answers: boolean }
  | { readonly kind: 'stranger' };

export interface Hearing {
  state(state: ConsoleState): void;
  contact(contact: Contact): void;
}

export class Follower {
  private goodAt: number;
  private failing: Refusal | null = null;
  private heard = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: () => Promise<ConsoleState>,
    private readonly hearing: Hearing,
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
    if (this.failing !== null && silentMs >= LOST_AFTER_MS) {
      return { kind: 'lost', seconds: Math.floor(silentMs / 1000), answers: this.failing.status > 0 };
    }
    return { kind: this.heard ? 'good' : 'opening' };
  }

  private async round(): Promise<void> {
    const begun = this.now();
    let state: ConsoleState | null = null;
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
    this.timer = setTimeout(() => void this.round(), Math.max(50, EVERY_MS - (this.now() - begun)));
  }
}
