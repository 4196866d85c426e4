/** What a viewer hands on: the link, and what was caught. */
import type { NoteCommand } from '../protocol/session/types';
import { DICTIONARIES, inLanguage } from './i18n/words';
import type { UiLanguage } from './i18n/words';
import type { Caught, EventFacts } from './state';

export function shareLink(facts: EventFacts, language: UiLanguage): void {
  const title = inLanguage(facts.event.title, language);
  void navigator.share?.({ title, text: DICTIONARIES[language].shareWords(title, facts.link) }).catch(() => undefined);
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** As a file. It names mirrors and moments, and nothing of the viewer. */
export function saveEvidence(eventId: string, caught: readonly Caught[], refusals: readonly NoteCommand[]): void {
  const evidence = { v: 1, event: eventId, caught, refusals };
  const url = URL.createObjectURL(new Blob([JSON.stringify(evidence, null, 1)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `huma-evidence-${eventId.slice(0, 8)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
