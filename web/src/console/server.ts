/** What the page asks of `huma live`. One request never takes longer than two seconds. */
import type { ConsoleState } from './state';
import { readState } from './state';
import type { History } from './series';

export const ASK_WITHIN_MS = 2_000;
/** A command may wait for a picture; it is not a matter of a quarter of a second. */
const DO_WITHIN_MS = 5_000;

export interface Commands {
  readonly slate: { readonly on: boolean };
  readonly choose: { readonly input: string };
  readonly lay: { readonly language: string; readonly offset_ms: number };
  readonly dump: { readonly refill: boolean };
  readonly delay: { readonly ms: number };
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

export class Server {
  constructor(
    private readonly token: string,
    private readonly ask: typeof fetch = (...args) => fetch(...args),
  ) {}

  async state(): Promise<ConsoleState> {
    return readState(await this.get('state'));
  }

  async history(): Promise<History> {
    return (await this.get('history')) as History;
  }

  async command<Name extends keyof Commands>(name: Name, body: Commands[Name]): Promise<Record<string, unknown>> {
    return (await this.answered(`do/${name}`, DO_WITHIN_MS, { method: 'POST', body: JSON.stringify(body) })) as Record<string, unknown>;
  }

  private get(path: string): Promise<unknown> {
    return this.answered(path, ASK_WITHIN_MS, {});
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
