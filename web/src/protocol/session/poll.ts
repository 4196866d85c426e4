/** One rendition's live playlist, as it is waited for, asked for and held (spec/client.md, S2 to S4). Twin of poll.py. */
import { EXPECT_KEPT, EXPECT_MARGIN_MS, PROBE_SEGMENTS, REASK_SEGMENTS } from '../limits';
import type { Place } from './freshness';
import type { Request } from './requests';
import type { OfferedPlaylist } from './types';

/** A verified playlist that waits for a second opinion. */
export interface Answer {
  readonly request: Request;
  readonly offered: OfferedPlaylist;
}

/** `tried` and `unchanged`: who had nothing new since the last advance, or in this round. `answers` is a list while the first
 *  round of the session is open. `offsets`: how long after ISSUED the last playlists came, by our monotonic clock; `misses`:
 *  whether each of them was asked for too early first. `births`: when each segment of the held playlist was first named. */
export class Poll {
  readonly wants = new Map<number, Place>();
  reqs: number[] = [];
  tried: string[] = [];
  unchanged: string[] = [];
  private offsets: number[] = [];
  private misses: boolean[] = [];
  births = new Map<string, number>();
  answers: Answer[] | null = null;
  closeAt: number | null = null;
  nextAt = 0;
  round = 0;
  waitingSince = 0;
  wantedUntil: number | null = null;
  lateTold = false;
  delivered: Place = { rank: 0, tick: -1 };
  heldReq: number | null = null;
  owner: string | null = null;

  constructor(readonly rendition: string) {}

  /** This answer is believed now: nobody is late, and the next one is expected a segment after it was issued. */
  hold(request: Request, offered: OfferedPlaylist, now: number, segmentMs: number): void {
    this.heldReq = request.id;
    this.owner = request.mirror;
    this.misses = [...this.misses, this.unchanged.length > 0].slice(-EXPECT_KEPT);
    this.tried = [];
    this.unchanged = [];
    this.round = 0;
    this.lateTold = false;
    const last = offered.uris.length - 1;
    this.births = new Map(
      offered.uris.map((uri, index) => [uri, this.births.get(uri) ?? now - (last - index) * segmentMs]),
    );
    this.offsets = [...this.offsets, now - offered.issuedMs].slice(-EXPECT_KEPT);
    // always in time may mean always late: without a miss to show where "too early" is, come a little earlier
    const margin = this.misses.includes(true) ? EXPECT_MARGIN_MS : -Math.floor(PROBE_SEGMENTS * segmentMs);
    const expected = offered.issuedMs + Math.min(...this.offsets) + segmentMs + margin;
    const soonest = now + Math.floor(REASK_SEGMENTS * segmentMs);
    this.nextAt = Math.min(Math.max(expected, soonest), now + segmentMs);
  }

  /** After a suspension: ask again, at once; nobody was late. */
  restart(now: number): void {
    this.reqs = [];
    this.tried = [];
    this.unchanged = [];
    this.offsets = [];
    this.misses = [];
    this.round = 0;
    this.nextAt = now;
    this.waitingSince = now;
    this.lateTold = false;
  }
}
