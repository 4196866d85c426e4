/** What a page asks of the programme behind it. No request takes longer than it may. */
import type { AnyState } from './state';
import { versionOne } from './state';

/** Milliseconds after which an answer is no longer waited for. */
export interface Patience {
  readonly ask: number;
  readonly command: number;
}

/** An answer that is no good: `status` 0 where none came at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message = '',
    readonly hint = '',
  ) {
    super(message);
  }

  /** Whether it is our token that is refused. */
  get isStranger(): boolean {
    return this.status === 403;
  }
}

export class Server<State extends AnyState, Commands extends object> {
  constructor(
    private readonly token: string,
    private readonly patience: Patience,
    private readonly ask: typeof fetch = (...args) => fetch(...args),
  ) {}

  async state(): Promise<State> {
    return versionOne<State>(await this.get('state'));
  }

  async command<Name extends keyof Commands & string>(name: Name, body: Commands[Name]): Promise<Record<string, unknown>> {
    return (await this.answered(`do/${name}`, this.patience.command, { method: 'POST', body: JSON.stringify(body) })) as Record<string, unknown>;
  }

  get(path: string): Promise<unknown> {
    return this.answered(path, this.patience.ask, {});
  }

  private async answered(path: string, withinMs: number, what: RequestInit): Promise<unknown> {
    const leave = new AbortController();
    const alarm = setTimeout(() => leave.abort(), withinMs);
    try {
      const headers = { 'X-Huma-Token': this.token };
      const answer = await this.ask(path, { ...what, headers, signal: leave.signal, cache: 'no-store', redirect: 'error' });
      const value: unknown = await answer.json().catch(() => null);
      if (answer.ok && value !== null) return value;
      throw refusalOf(answer.status, value);
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(0, 'away');
    } finally {
      clearTimeout(alarm);
    }
  }
}

function refusalOf(status: number, value: unknown): Refusal {
  const said = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
  return new Refusal(status, text('code') || `http-${status}`, text('message'), text('hint'));
}
