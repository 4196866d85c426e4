/** Verified files kept in memory for a while: init segments, and what a second engine or a step back asks for again. */
export class Shelf {
  private readonly files = new Map<string, Uint8Array>();
  private bytes = 0;

  constructor(private readonly room: number) {}

  get(digest: string): Uint8Array | undefined {
    const found = this.files.get(digest);
    if (found !== undefined) {
      this.files.delete(digest);
      this.files.set(digest, found);
    }
    return found;
  }

  put(digest: string, bytes: Uint8Array): void {
    if (this.files.has(digest) || bytes.length > this.room) return;
    this.files.set(digest, bytes);
    this.bytes += bytes.length;
    for (const [oldest, old] of this.files) {
      if (this.bytes <= this.room) break;
      this.files.delete(oldest);
      this.bytes -= old.length;
    }
  }
}
