/** All the chance of a session: one small generator, seeded, the same in both languages (spec/client.md, S8). Twin of chance.py. */

/** A 32-bit mark of `text`; it spreads, it protects nothing. */
export function fnv1a(text: string): number {
  let mark = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) mark = Math.imul(mark ^ byte, 0x01000193) >>> 0;
  return mark;
}

/** 32 bits of state, 32 bits out. */
export class Mulberry32 {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** The next number from 0 to 2^32 - 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor((this.next() * bound) / 4294967296);
  }

  /** `ms`, give or take `percent`. */
  jitter(ms: number, percent: number): number {
    const swing = Math.floor((ms * percent) / 100);
    return ms - swing + this.below(2 * swing + 1);
  }
}
