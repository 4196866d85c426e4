/** The tick grid: which tick it is, and when a tick begins, in exact arithmetic (spec/documents.md, D11). Twin of grid.py. */

const floorDivide = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);

/** Tick n covers epoch + [n, n+1)·tick; a start that is no whole millisecond is rounded down. */
export class Grid {
  readonly #span: bigint;
  readonly #parts: bigint;
  readonly #epoch: bigint;

  constructor(
    readonly tick: readonly [number, number],
    readonly epochMs: number,
  ) {
    this.#span = BigInt(tick[0]) * 1000n;
    this.#parts = BigInt(tick[1]);
    this.#epoch = BigInt(epochMs);
  }

  /** The length of one tick in milliseconds, for estimates; nothing exact is computed from it. */
  get tickMs(): number {
    return (this.tick[0] * 1000) / this.tick[1];
  }

  /** The Unix millisecond at which tick `n` begins. */
  startMs(n: number): number {
    return Number(this.#epoch + floorDivide(BigInt(n) * this.#span, this.#parts));
  }

  /** The tick with startMs(n) <= wallMs < startMs(n + 1); negative before the epoch. */
  tickAt(wallMs: number): number {
    return Number(floorDivide((BigInt(wallMs) - this.#epoch + 1n) * this.#parts - 1n, this.#span));
  }

  /** How many whole ticks `ms` milliseconds hold. */
  ticksWithin(ms: number): number {
    return Number(floorDivide(BigInt(ms) * this.#parts, this.#span));
  }
}
