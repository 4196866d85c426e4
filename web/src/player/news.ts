/** What the viewer is told: who was caught, what the organiser did, and the warnings that stand as long as their cause. */
import type { NoteCommand } from '../protocol/session/types';
import type { Trouble } from './opening';
import { hostOf } from './mirrors';
import type { Caught, CaughtWhat, Notice, PageState } from './state';
import { warningsOf } from './warnings';
import type { Circumstances } from './warnings';

const NOTICE_MS = 12_000;
const FAULT_MS = 8_000;
const CAUGHT_MOST = 50;
const CAUGHT: readonly string[] = ['forging', 'frozen', 'stale'];
const SENTENCES = { forging: 'noteForging', frozen: 'noteFrozen', stale: 'noteStale' } as const;

export class News {
  /** Why the event does not open yet. */
  trouble: Trouble | null = null;
  /** What was refused, newest last. */
  evidence: readonly NoteCommand[] = [];
  private nextNotice = 1;
  private faultUntil = 0;

  constructor(
    private readonly state: PageState,
    private readonly circumstances: () => Pick<Circumstances, 'fortune' | 'expired' | 'lineSlow'>,
  ) {}

  noted(note: NoteCommand): void {
    switch (note.what) {
      case 'caught':
        this.caught(note);
        return;
      case 'revoked':
        this.notice('noteRevoked', null);
        return;
      case 'rank':
        if ((note.rank ?? 1) > 1 && this.state.playback.value.started) this.notice('noteRank', null);
        return;
      case 'refusal':
        this.evidence = [...this.evidence.slice(-CAUGHT_MOST), note];
    }
  }

  /** Something broke in the page, and begins again. */
  faulty(): void {
    this.faultUntil = performance.now() + FAULT_MS;
    this.warn();
  }

  warn(): void {
    const warnings = warningsOf({
      ...this.circumstances(),
      view: this.state.view.value,
      trouble: this.trouble,
      online: navigator.onLine,
      faulty: performance.now() < this.faultUntil,
      wall: Date.now(),
      mono: performance.now(),
    });
    if (warnings.join() !== this.state.warnings.value.join()) this.state.warnings.value = warnings;
  }

  dismiss(notice: number): void {
    this.state.notices.value = this.state.notices.value.filter(({ id }) => id !== notice);
  }

  private caught({ mirror, code }: NoteCommand): void {
    if (mirror === null || code === null || !CAUGHT.includes(code)) return;
    const what = code as CaughtWhat;
    const caught: Caught = { at: Date.now(), mirror, what, code };
    this.state.caught.value = [caught, ...this.state.caught.value].slice(0, CAUGHT_MOST);
    this.notice(SENTENCES[what], hostOf(mirror, this.state.facts.value?.mirrors ?? []));
  }

  private notice(sentence: Notice['sentence'], detail: string | null): void {
    const id = this.nextNotice++;
    const others = this.state.notices.value.filter((notice) => notice.sentence !== sentence);
    this.state.notices.value = [...others, { id, sentence, detail }].slice(-2);
    setTimeout(() => this.dismiss(id), NOTICE_MS);
  }
}
