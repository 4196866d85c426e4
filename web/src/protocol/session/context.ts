/** What the parts of a session share during one call of `handle` (spec/client.md, S). Twin of context.py. */
import { type Belief, savedOf } from '../belief';
import {
  AUDIO_ONLY_MS,
  CHAPTER_MAX_BYTES,
  HEDGE_FACTOR,
  HEDGE_SEGMENTS,
  LATE_MS,
  LATE_SEGMENTS,
  LIVE_MAX_BYTES,
  RETRY_FIRST_MS,
  RETRY_JITTER,
  RETRY_MAX_MS,
  SEGMENT_MAX_BYTES,
  UNSIZED_MS,
} from '../limits';
import { Mulberry32 } from './chance';
import { Board } from './mirrors';
import { Flights, type Purpose, type Request, type Target } from './requests';
import type { NoteCommand, RenditionPlan, SessionCommand, SessionConfig, TrustEvent, WantFileEvent } from './types';

export interface Caught {
  readonly mirror: string;
  readonly what: string;
}

/** The session's working parts: time, belief, mirrors, requests, and what is to be told. */
export class Context {
  readonly out: SessionCommand[] = [];
  readonly chance: Mulberry32;
  readonly board = new Board();
  readonly flights = new Flights(this.out);
  trust: TrustEvent | null = null;
  plans: ReadonlyMap<string, RenditionPlan> = new Map();
  belief: Belief | null = null;
  wall = 0;
  mono = 0;
  lineSlow = false;
  refusals = 0;
  refusedBytes = 0;
  readonly caught: Caught[] = [];
  lastFault = '';
  private videoWantedAt: number | null = null;

  constructor(
    readonly config: SessionConfig,
    readonly seed: number,
  ) {
    this.chance = new Mulberry32(seed);
  }

  /** Tell people. */
  note(what: string, about: Partial<Omit<NoteCommand, 'type' | 'what'>> = {}): void {
    this.out.push({ type: 'note', what, mirror: null, code: null, ms: null, rank: null, tick: null, ...about });
  }

  /** Take a new belief; what must outlive a restart is told before anything is delivered from it. */
  believeNow(belief: Belief): void {
    const before = this.belief;
    this.belief = belief;
    if (before === null) return;
    const saved = savedOf(belief);
    if (JSON.stringify(savedOf(before)) !== JSON.stringify(saved)) this.out.push({ type: 'save', state: saved });
  }

  /** A mirror was caught; told once for each kind of deed. */
  catch(mirror: string, what: string): void {
    if (this.caught.some((each) => each.mirror === mirror && each.what === what)) return;
    this.caught.push({ mirror, what });
    this.note('caught', { mirror, code: what });
  }

  /** How long a segment of this rendition is; in a copy the source decides, and TARGETDURATION says. */
  segmentMs(rendition: string): number {
    const [seconds, parts] = this.trust?.tick ?? [1, 1];
    const ticks = this.plans.get(rendition)?.ticksPerSegment ?? 1;
    const ms = Math.floor((ticks * seconds * 1000) / parts);
    const held = this.belief?.held.get(rendition);
    return this.trust?.copy && held ? Math.max(ms, held.playlist.targetDuration * 1000) : ms;
  }

  /** M10: nothing is hedged for somebody who has only sound left. */
  isAudioOnly(rendition: string): boolean {
    if (this.plans.get(rendition)?.kind !== 'audio') return false;
    return this.videoWantedAt === null || this.mono - this.videoWantedAt > AUDIO_ONLY_MS;
  }

  /** The player asked for something of this rendition. */
  wants(rendition: string): void {
    if (this.plans.get(rendition)?.kind === 'video') this.videoWantedAt = this.mono;
  }

  /** M5 late: no advance for this long. */
  lateMs(rendition: string): number {
    return Math.max(Math.floor(LATE_SEGMENTS * this.segmentMs(rendition)), LATE_MS);
  }

  /** S5: how long to wait before round `round` (1, 2, …). */
  backoff(round: number): number {
    const wait = Math.min(RETRY_FIRST_MS * 2 ** Math.min(round - 1, 20), RETRY_MAX_MS);
    return this.chance.jitter(wait, Math.round(RETRY_JITTER * 100));
  }

  /** The live playlist of a rendition. */
  playlistTarget(rendition: string): Target {
    const path = `live/${rendition}.m3u8`;
    return { kind: 'playlist', path, maxBytes: LIVE_MAX_BYTES, rendition, digest: null, size: null, nominalMs: 0 };
  }

  /** A content-addressed file; where no size is signed, its kind bounds it. */
  fileTarget({ path, digest, size, rendition }: WantFileEvent): Target {
    let maxBytes = size ?? this.plans.get(rendition)?.maxBytes ?? SEGMENT_MAX_BYTES;
    if (size === null && path.startsWith('archive/')) maxBytes = CHAPTER_MAX_BYTES;
    const nominalMs = size === null ? UNSIZED_MS : this.segmentMs(rendition);
    return { kind: 'file', path, maxBytes, rendition, digest, size, nominalMs };
  }

  /** Ask a mirror, unless the bound on fetches is reached. */
  launch(target: Target, mirror: string, purpose: Purpose, want: number | null = null): Request | null {
    const listing = this.board.listing(mirror);
    if (listing === undefined || !this.flights.mayLaunch(this.mono)) return null;
    const silentMs = this.board.silentMs(mirror);
    const fresh = this.board.standing(mirror).forged > 0;
    return this.flights.launch({ target, mirror, url: listing.url, purpose, now: this.mono, silentMs, fresh, want });
  }

  /** M10: half a segment after the last that was asked; where first bytes take longer here, twice that. */
  hedgeAt(flying: readonly Request[], rendition: string): number | null {
    const last = flying[flying.length - 1];
    if (last === undefined || !this.flights.mayHedge || this.isAudioOnly(rendition)) return null;
    const usual = HEDGE_FACTOR * (this.board.firstByteMs(last.mirror) ?? 0);
    return last.started + Math.max(Math.floor(HEDGE_SEGMENTS * this.segmentMs(rendition)), usual);
  }

  /** M10: whoever speaks first is listened to; the other is cancelled, and not blamed. */
  endRace(winner: Request, reqs: readonly number[]): void {
    for (const req of reqs) {
      const loser = this.flights.get(req);
      if (loser === undefined || loser === winner) continue;
      this.flights.cancel(req);
      if (winner.purpose !== 'hedge') continue;
      this.board.wasOutpaced(loser.mirror, winner.mirror, this.mono);
      this.lastFault = 'silent';
    }
  }
}
