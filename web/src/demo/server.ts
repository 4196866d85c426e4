/** What the page asks of the demo's server: how things stand, and switches. */
import type { DemoConfig, DemoState, Fault, MirrorName } from './config';

export interface Seen {
  readonly event: 'stall' | 'hop' | 'refusal' | 'state';
  readonly player: 'stock' | 'huma';
  readonly code: string;
  readonly ms?: number;
  readonly lies?: number;
  readonly mirror?: string;
}

export class Server {
  constructor(private readonly config: DemoConfig) {}

  async state(): Promise<DemoState> {
    return (await (await fetch('state')).json()) as DemoState;
  }

  async switch(mirror: MirrorName, fault: Fault | 'restore'): Promise<DemoState> {
    return (await (await this.post(`fault/${mirror}/${fault}`)).json()) as DemoState;
  }

  /** For whoever reads `huma demo --json`. */
  tell(seen: Seen): void {
    void this.post('seen', JSON.stringify(seen)).catch(() => undefined);
  }

  private async post(path: string, body?: string): Promise<Response> {
    const headers = { 'X-Huma-Token': this.config.token };
    const response = await fetch(path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  }
}
