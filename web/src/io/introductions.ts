/** Which mirrors have served this event's 1.root.json: until then a mirror gets one try (PROTOCOL 9, spec/trust.md, L6). */
import type { Source } from './anymirror';

export class Introductions {
  /** URLs. */
  readonly proven = new Set<string>();
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(
    /** Whether this mirror serves this event's 1.root.json; calls `saw` if it does. */
    private readonly ask: (mirror: Source) => Promise<boolean>,
    private readonly onProven: (url: string) => void,
  ) {}

  saw(url: string): void {
    if (this.proven.has(url)) return;
    this.proven.add(url);
    this.onProven(url);
  }

  introduce(mirror: Source): Promise<boolean> {
    const { url } = mirror;
    if (this.proven.has(url)) return Promise.resolve(true);
    const asked = this.asking.get(url) ?? this.ask(mirror).finally(() => this.asking.delete(url));
    this.asking.set(url, asked);
    return asked;
  }
}
