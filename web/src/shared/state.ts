/** What the states of both consoles have alike: docs/reference/console.md, docs/reference/desk.md. */

export interface Alarm {
  readonly code: string;
  readonly where: string;
  readonly level: 'alarm' | 'warning';
  readonly since_ms: number | null;
}

export interface TrustDocument {
  readonly name: string;
  readonly version: number;
  readonly expires_ms: number;
  readonly left_s: number;
  readonly age: number | null;
  readonly short: boolean;
}

export interface EventFacts {
  readonly id: string;
  readonly title: Readonly<Record<string, string>>;
  readonly start_ms: number;
  readonly end_ms: number;
}

export interface AnyState {
  readonly v: 1;
  readonly at: string;
  readonly event: EventFacts;
  readonly trust: readonly TrustDocument[];
  readonly alarms: readonly Alarm[];
}

/** The state that an answer holds; an error where it is none that this page knows. */
export function versionOne<State extends AnyState>(answer: unknown): State {
  if (typeof answer !== 'object' || answer === null || (answer as { v?: unknown }).v !== 1) {
    throw new TypeError('a state of another version');
  }
  return answer as State;
}

/** As the alarms have it: amber from a little over half of a life on, red from four fifths of it. */
const AGED = 0.55;
const OLD = 0.8;

export function moodOfTrust({ left_s, age, short }: Pick<TrustDocument, 'left_s' | 'age' | 'short'>): 'bad' | 'warn' | null {
  if (left_s <= 0 || (age !== null && age >= OLD)) return 'bad';
  return short || (age !== null && age >= AGED) ? 'warn' : null;
}
