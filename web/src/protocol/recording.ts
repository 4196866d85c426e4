/** What a recording is made of: chapters, reached by hash from what is believed now (spec/client.md, B10). Twin of recording.py. */
import type { ChapterRef } from './chapter';
import type { Checkpoint } from './checkpoint';

/** What a live playlist says of where its recording begins. */
export interface Named {
  readonly rendition: string;
  readonly keyid: string;
  readonly rank: number;
  readonly chapter: number | null;
  readonly chapterSha: string | null;
}

/** After a take-over, and before the first chapter of the new key: only its checkpoint says what it goes on from. */
export const needsCheckpoint = ({ chapter, chapterSha }: Named): boolean => chapter === null || chapterSha === null;

/** The newest chapter that is reached from `playlist`; null where there is none. */
export function newestChapter(playlist: Named, checkpoint: Checkpoint | null): ChapterRef | null {
  const { chapter, chapterSha, rank } = playlist;
  if (chapter !== null && chapterSha !== null) return { rank, n: chapter, digest: chapterSha };
  if (checkpoint === null || checkpoint.keyid !== playlist.keyid) return null;
  return checkpoint.chapters.get(playlist.rendition) ?? null;
}

/** `older` then `newer`, each in its order: of the older counts what stands before the first segment of the newer. */
export function preceded<Numbered extends { readonly n: number }>(
  newer: readonly Numbered[], older: readonly Numbered[],
): readonly Numbered[] {
  const first = newer[0]?.n ?? Infinity;
  return [...older.filter(({ n }) => n < first), ...newer];
}
