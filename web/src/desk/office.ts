/** What the organiser's page knows and can do. */
import { signal } from '@preact/signals';
import { Link } from '../shared/link';
import type { Alarm } from '../shared/state';
import type { Refusal } from '../shared/server';
import type { AlarmSaid, UiLanguage } from '../shared/words/words';
import type { Asking } from './asking';
import { standingOf } from './outside';
import type { DeskState } from './state';
import type { Words } from './words/words';
import { DICTIONARIES, alarmSaid } from './words/words';

/** The desk reads its folder for every answer, and nothing here is a matter of a blink. */
const PACE = { every: 1_000, lostAfter: 4_000 };
/** Signing waits for the event's lock, which a turn of the desk may hold. */
const PATIENCE = { ask: 4_000, command: 20_000 };

export interface Commands {
  readonly 'add-mirror': { readonly url: string; readonly operator: string; readonly class: string; readonly tier: string; readonly id?: string };
  readonly 'remove-mirror': { readonly mirror: string };
  readonly withdraw: { readonly mirror: string };
  readonly restore: { readonly mirror: string };
  readonly revoke: { readonly keyid: string };
  readonly 'add-live-key': object;
  readonly 'release-root': { readonly version: number };
}

export class Office extends Link<DeskState, Commands, Words> {
  readonly asking = signal<Asking | null>(null);
  /** Why what was asked last was not done. */
  readonly problem = signal<Refusal | null>(null);

  constructor(token: string, language: UiLanguage, onStranger: () => void) {
    super({ token, language, onStranger, dictionaries: DICTIONARIES, pace: PACE, patience: PATIENCE });
  }

  said(alarm: Alarm): AlarmSaid {
    return alarmSaid(alarm, this.state.value?.mirrors ?? [], this.words.value);
  }

  lamp(): string {
    const state = this.state.value;
    return state === null ? this.words.value.lostOnAir : this.words.value.standing[standingOf(state)];
  }

  ask(asking: Asking): void {
    this.problem.value = null;
    this.asking.value = asking;
  }

  close(): void {
    this.asking.value = null;
    this.problem.value = null;
  }

  /** Does what was asked; the question stays open with the reason where it was refused. */
  async answer(asking: Asking): Promise<void> {
    const outcome = await this.send(asking);
    if (outcome === 'not-now' || this.asking.value !== asking) return;
    if (outcome === 'done') this.close();
    else this.problem.value = outcome;
  }

  private send(asking: Asking): Promise<'done' | 'not-now' | Refusal> {
    switch (asking.kind) {
      case 'revoke':
        return this.tried('revoke', { keyid: asking.keyid });
      case 'add-live-key':
        return this.tried('add-live-key', {});
      case 'release-root':
        return this.tried('release-root', { version: asking.version });
      default:
        return this.tried(asking.kind, { mirror: asking.mirror });
    }
  }
}
