/** Who waits for what the session was asked for, by the number under which it was asked. */
import type { FileWant, PlaylistWant } from './driverports';

interface WaitingFile {
  readonly path: string;
  readonly digest: string;
  readonly files: Set<FileWant>;
}

export type Waiting = { readonly playlist: PlaylistWant } | WaitingFile;

/** One file is asked for once, however many wait for it. */
export class WaitingList {
  private readonly byNumber = new Map<number, Waiting>();
  private next = 1;

  addPlaylist(playlist: PlaylistWant): number {
    return this.add({ playlist });
  }

  /** The number of a file, and whether nobody has waited for it before. */
  addFile(want: FileWant): { readonly id: number; readonly first: boolean } {
    const { path, digest } = want;
    const found = this.find(path, digest);
    if (found === null) return { id: this.add({ path, digest, files: new Set([want]) }), first: true };
    const [id, { files }] = found;
    files.add(want);
    return { id, first: false };
  }

  get(id: number): Waiting | undefined {
    return this.byNumber.get(id);
  }

  /** All who wait for a file. */
  of(path: string, digest: string | null): ReadonlySet<FileWant> {
    return this.find(path, digest)?.[1].files ?? new Set();
  }

  /** One of those who wait for a file has gone. Whether he was there, and the last. */
  leave(id: number, want: FileWant): boolean {
    const waiting = this.byNumber.get(id);
    return waiting !== undefined && 'files' in waiting && waiting.files.delete(want) && waiting.files.size === 0;
  }

  /** Nobody waits under this number any more. Whether somebody did. */
  remove(id: number): boolean {
    return this.byNumber.delete(id);
  }

  clear(): void {
    this.byNumber.clear();
  }

  private add(waiting: Waiting): number {
    const id = this.next++;
    this.byNumber.set(id, waiting);
    return id;
  }

  /** Path and digest: a chapter's path does not say which bytes are meant. */
  private find(path: string, digest: string | null): readonly [number, WaitingFile] | null {
    for (const [id, waiting] of this.byNumber) if ('path' in waiting && waiting.path === path && waiting.digest === digest) return [id, waiting];
    return null;
  }
}
