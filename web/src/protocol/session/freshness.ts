/** Who is fresh, who lags, who is frozen: mirrors compared with one another, never with the clock (spec/client.md, M5, M11).
 *  Twin of freshness.py. */
import { newestOf } from '../belief';
import {
  BEHIND_MS,
  COMPARE_MS,
  FROZEN_MS,
  FROZEN_TARGET_DURATIONS,
  FROZEN_TICKS,
  LIVE_WINDOW_MS,
  TRAIL_TICKS,
} from '../limits';
import type { Context } from './context';
import type { Purpose } from './requests';
import type { OfferedPlaylist } from './types';

/** (rank, tick): the order of B2. */
export interface Place {
  readonly rank: number;
  readonly tick: number;
}

export const isAhead = (a: Place, b: Place): boolean => a.rank > b.rank || (a.rank === b.rank && a.tick > b.tick);

/** The highest place that a mirror showed for a rendition, and since when; `moved` if it ever rose. */
interface Shown {
  place: Place;
  since: number;
  moved: boolean;
}

/** A place that was believed, when, and from whom. */
interface Advance {
  readonly place: Place;
  readonly mono: number;
  readonly mirror: string;
}

/** What each mirror has shown, compared with what was believed. */
export class Freshness {
  private readonly shown = new Map<string, Shown>();
  private readonly advances = new Map<string, Advance[]>();
  private readonly suspects = new Map<string, number>();
  private turn = 0;
  private compareAt: number | null = null;
  private compareBy = 0;

  constructor(private readonly context: Context) {}

  /** After a suspension nobody has been frozen for long. */
  restart(): void {
    this.shown.clear();
    this.advances.clear();
    this.suspects.clear();
  }

  /** A playlist was believed. One that was only to be compared is compared itself, at once. */
  advanced(mirror: string, { rendition, rank, tick }: OfferedPlaylist, purpose: Purpose): void {
    if (purpose === 'compare') this.compareAt = this.context.mono;
    const advances = this.advances.get(rendition) ?? [];
    advances.push({ place: { rank, tick }, mono: this.context.mono, mirror });
    this.advances.set(rendition, advances.slice(-TRAIL_TICKS));
  }

  /** Others were fresher: look at this one again when a verdict is due. */
  suspect(mirror: string, rendition: string): void {
    if (!this.suspects.has(mirror)) this.suspects.set(mirror, this.context.mono + this.frozenMs(rendition));
  }

  /** M5 frozen: how long a mirror may take to reach a tick that another has shown. */
  private frozenMs(rendition: string, targetDuration = 0): number {
    const seconds = this.context.belief?.held.get(rendition)?.playlist.targetDuration ?? targetDuration;
    const segments = FROZEN_TICKS * this.context.segmentMs(rendition);
    return Math.max(segments, FROZEN_TARGET_DURATIONS * seconds * 1000, FROZEN_MS);
  }

  /** A mirror showed a verified playlist: is it fresh, lagging, or frozen? */
  saw(mirror: string, offered: OfferedPlaylist): void {
    const { context } = this;
    const shown = this.remember(mirror, offered);
    this.suspects.delete(mirror);
    const farBehind = this.lagMs(mirror, offered) > BEHIND_MS;
    if (offered.ended) return;
    if (!this.isOutrun(mirror, offered)) {
      if (farBehind) this.suspect(mirror, offered.rendition);
      else context.board.standing(mirror).strikes.delete('freshness');
    } else if (farBehind || context.mono - shown.since >= this.frozenMs(offered.rendition)) {
      this.caught(mirror, shown.moved ? 'frozen' : 'stale');
    }
  }

  private remember(mirror: string, { rendition, rank, tick }: OfferedPlaylist): Shown {
    const key = `${rendition} ${mirror}`;
    const place = { rank, tick };
    const shown = this.shown.get(key) ?? { place, since: this.context.mono, moved: false };
    if (isAhead(place, shown.place)) Object.assign(shown, { place, since: this.context.mono, moved: true });
    this.shown.set(key, shown);
    return shown;
  }

  private ofOthers(mirror: string, rendition: string): Advance[] {
    return (this.advances.get(rendition) ?? []).filter((advance) => advance.mirror !== mirror);
  }

  /** Did another mirror show a higher place long enough ago? */
  private isOutrun(mirror: string, offered: OfferedPlaylist): boolean {
    const limit = this.context.mono - this.frozenMs(offered.rendition, offered.targetDuration);
    return this.ofOthers(mirror, offered.rendition).some(({ place, mono }) => mono <= limit && isAhead(place, offered));
  }

  /** How far behind the others' newest it is; endless behind a higher rank. */
  private lagMs(mirror: string, offered: OfferedPlaylist): number {
    let newest: Place = { rank: 0, tick: 0 };
    for (const { place } of this.ofOthers(mirror, offered.rendition)) if (isAhead(place, newest)) newest = place;
    if (newest.rank > offered.rank) return BEHIND_MS + 1;
    const ticks = this.context.plans.get(offered.rendition)?.ticksPerSegment ?? 1;
    return Math.floor(((newest.tick - offered.tick) * this.context.segmentMs(offered.rendition)) / ticks);
  }

  private caught(mirror: string, what: string): void {
    const { context } = this;
    context.catch(mirror, what);
    context.lastFault = what;
    const penalty = context.board.fault(mirror, 'freshness', what, context.mono);
    if (penalty > 0) context.note('penalty', { mirror, code: what, ms: penalty });
  }

  // -- comparing ---------------------------------------------------------------------------------------

  /** When somebody is to be compared. */
  dueAt(active: boolean): number[] {
    if (!active) return [];
    const due = [...this.suspects.values()];
    if (this.compareAt !== null) due.push(this.compareAt > this.context.mono ? this.compareAt : this.compareBy);
    return due;
  }

  /** M11: ask another of the set than gave the newest, in turn; a suspect first, when its time has come. */
  drive(rendition: string | null): void {
    const { context } = this;
    if (rendition === null || context.belief === null || newestOf(context.belief) === null) return;
    if (this.compareAt === null) {
      this.compareAt = context.mono + this.compareMs(rendition);
      this.compareBy = this.compareAt + 2 * context.segmentMs(rendition);
    }
    const mirror = this.whom(rendition);
    if (mirror !== null && context.launch(context.playlistTarget(rendition), mirror, 'compare') !== null) {
      this.suspects.delete(mirror);
    }
  }

  private whom(rendition: string): string | null {
    const { board, mono } = this.context;
    for (const [mirror, at] of [...this.suspects]) {
      if (at > mono) continue;
      this.suspects.delete(mirror);
      if (board.isFree(mirror, mono)) return mirror;
    }
    if (this.compareAt === null || mono < this.compareAt || this.shouldWait(rendition)) return null;
    this.compareAt = null;
    const newest = this.advances.get(rendition)?.at(-1)?.mirror;
    const others = board.sticky(mono).flatMap(({ id }) => (id !== newest && board.isFree(id, mono) ? [id] : []));
    this.turn += 1;
    return others[this.turn % others.length] ?? null;
  }

  /** Compare soon after an advance: then two mirrors can show the same tick, and the second is a voice. */
  private shouldWait(rendition: string): boolean {
    const { belief, mono } = this.context;
    const held = belief?.held.get(rendition);
    if (held === undefined || mono >= this.compareBy) return false;
    return 4 * (mono - held.advancedMono) > this.context.segmentMs(rendition);
  }

  /** Where the clock does not say that this is live, a second voice must, and in time (B6). */
  private compareMs(rendition: string): number {
    const held = this.context.belief?.held.get(rendition)?.playlist;
    if (held === undefined || Math.abs(this.context.wall - held.issuedMs) <= LIVE_WINDOW_MS) return COMPARE_MS;
    return Math.min(COMPARE_MS, held.targetDuration * 1000);
  }
}
