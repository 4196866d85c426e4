/** Whether this page is too busy itself for its clock to tell anything of the line: a heartbeat that comes late says so. */
const BEAT_MS = 100;
const LATE_MS = 80;
const REMEMBER_MS = 400;

export class Busy {
  private expected = performance.now() + BEAT_MS;
  private until = -Infinity;

  constructor() {
    setInterval(() => this.beat(performance.now()), BEAT_MS);
  }

  get now(): boolean {
    return performance.now() < this.until;
  }

  private beat(at: number): void {
    if (at - this.expected > LATE_MS) this.until = at + REMEMBER_MS;
    this.expected = at + BEAT_MS;
  }
}
