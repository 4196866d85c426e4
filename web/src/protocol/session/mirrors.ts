/** How each mirror stands, as seen from this network: proofs, penalties, times, rates (spec/client.md, M4 to M8). Twin of mirrors.py. */
import {
  BENCH_STRIKES,
  BETTER_FACTOR,
  PATIENCE_MAX,
  PENALTY_FIRST_MS,
  PENALTY_MAX_MS,
  RATE_MEMORY_MS,
  SILENT_FACTOR,
  SILENT_MS,
  SILENT_ONION_MS,
} from '../limits';
import { type Listing, isOnion, origin, pickSet } from './ranking';

/** What a mirror was last asked for, or found at. */
export type Kind = 'playlist' | 'file' | 'revoked' | 'timestamp' | 'freshness';

/** One mirror, as seen from here. `forged` counts the strikes of M9. */
export class Standing {
  proven = false;
  readonly strikes = new Map<Kind, number>();
  freeAt = 0;
  lastFault = '';
  bestFirstByte: number | null = null;
  rate: number | null = null;
  rateAt = 0;
  forged = 0;
  forgedAt = 0;
  lookedAt: number | null = null;
  readonly verifiedAt = new Map<Kind, number>();

  /** The strikes of its worst kind. */
  get mostStrikes(): number {
    return Math.max(0, ...this.strikes.values());
  }
}

/** All mirrors: who may be asked now, and in which order. */
export class Board {
  ranked: readonly Listing[] = [];
  favourite = new Map<Kind, string>();
  private patience = 1;
  private readonly favouredAt = new Map<Kind, number>();
  private listings = new Map<string, Listing>();
  private readonly standings = new Map<string, Standing>();

  /** Renewed trust documents: keep what is known of each mirror; a favourite outside the set is let go. */
  renew(ranked: readonly Listing[], now: number): void {
    this.ranked = ranked;
    this.listings = new Map(ranked.map((listing) => [listing.id, listing]));
    const kept = new Set(this.sticky(now).map(({ id }) => id));
    this.favourite = new Map([...this.favourite].filter(([, name]) => kept.has(name)));
  }

  /** The entry of a mirror that may be asked. */
  listing(mirror: string): Listing | undefined {
    return this.listings.get(mirror);
  }

  /** How a mirror stands. */
  standing(mirror: string): Standing {
    let standing = this.standings.get(mirror);
    if (standing === undefined) this.standings.set(mirror, (standing = new Standing()));
    return standing;
  }

  /** What counts as one operator in B3 and B6. */
  voice(mirror: string): string {
    return this.listings.get(mirror)?.voice ?? mirror;
  }

  /** Is no penalty running? */
  isFree(mirror: string, now: number): boolean {
    return this.listings.has(mirror) && this.standing(mirror).freeAt <= now;
  }

  /** M2, M3: the set; whoever failed again and again is replaced until its penalty is over. */
  sticky(now: number): Listing[] {
    const benched = new Set<string>();
    for (const { id } of this.ranked) {
      const standing = this.standing(id);
      if (standing.freeAt > now && (!standing.proven || standing.mostStrikes >= BENCH_STRIKES)) benched.add(id);
    }
    return pickSet(this.ranked, benched);
  }

  /** M3: the favourite, that for other things, the set, then all others by rank; without those under a penalty. */
  order(kind: Kind, now: number): string[] {
    const favourite = this.favourite.get(kind);
    const others = [...this.favourite].flatMap(([other, name]) => (other === kind ? [] : [name]));
    const first = favourite === undefined ? others : [favourite, ...others];
    const names = [...first, ...this.sticky(now).map(({ id }) => id), ...this.ranked.map(({ id }) => id)];
    return [...new Set(names)].filter((name) => this.isFree(name, now));
  }

  /** S2: whom to ask when nothing is believed yet; one that has proved itself among them, where there is one. */
  firstAsked(most: number, now: number): string[] {
    const names = this.order('playlist', now);
    const chosen = names.slice(0, most);
    const isProven = (name: string): boolean => this.standing(name).proven;
    const proven = names.find(isProven);
    if (proven !== undefined && !chosen.some(isProven)) chosen[chosen.length - 1] = proven;
    return chosen;
  }

  /** M4: nothing that it did is wrong, but it may know nothing of this event: its one try is over. */
  doubt(mirror: string, now: number): void {
    if (this.standing(mirror).proven) return;
    for (const standing of this.unprovenAt(mirror)) standing.freeAt = now + PENALTY_MAX_MS;
  }

  /** All that a roster may call by other names, at the same scheme, host and port. */
  private unprovenAt(mirror: string): Standing[] {
    const listing = this.listings.get(mirror);
    if (listing === undefined) return [this.standing(mirror)];
    const same = this.ranked.filter(({ url }) => origin(url) === origin(listing.url));
    return same.map(({ id }) => this.standing(id)).filter(({ proven }) => !proven);
  }

  /** M4: it has served `1.root.json`. If its one try had failed before that, it is forgiven. */
  introduced(mirror: string, now: number): void {
    const standing = this.standing(mirror);
    if (standing.proven) return;
    standing.proven = true;
    standing.freeAt = Math.min(standing.freeAt, now);
  }

  /** Ask this mirror first from now on; what was asked for before the last choice does not undo it. */
  prefer(kind: Kind, mirror: string, now: number, started: number): void {
    if (this.favourite.get(kind) === mirror) return;
    if (!this.favourite.has(kind) || (this.isFree(mirror, now) && started >= (this.favouredAt.get(kind) ?? 0))) {
      this.favourite.set(kind, mirror);
      this.favouredAt.set(kind, now);
    }
  }

  /** M10: a hedge was answered first: for everything, ask the winner first. */
  wasOutpaced(loser: string, winner: string, now: number): void {
    for (const [kind, name] of this.favourite) {
      if (name !== loser) continue;
      this.favourite.set(kind, winner);
      this.favouredAt.set(kind, now);
    }
  }

  /** It gave something of this event that verifies: that proves it as `1.root.json` does. */
  verified(mirror: string, kind: Kind, now: number): void {
    const standing = this.standing(mirror);
    standing.proven = true;
    standing.verifiedAt.set(kind, now);
    this.patience = 1;
    if (standing.freeAt <= now) standing.strikes.delete(kind);
  }

  /** M6: a strike, and the penalty in milliseconds; 0 while one is running. */
  fault(mirror: string, kind: Kind, how: string, now: number): number {
    const standing = this.standing(mirror);
    standing.lastFault = how;
    if (standing.freeAt > now) return 0;
    standing.strikes.set(kind, (standing.strikes.get(kind) ?? 0) + 1);
    if (!standing.proven) {
      this.doubt(mirror, now);
      return PENALTY_MAX_MS;
    }
    const penalty = Math.min(PENALTY_FIRST_MS * 2 ** Math.min(standing.mostStrikes - 1, 20), PENALTY_MAX_MS);
    standing.freeAt = now + penalty;
    return penalty;
  }

  /** It was the viewer's own line after all. */
  forgive(mirror: string, kind: Kind, now: number): void {
    const standing = this.standing(mirror);
    standing.freeAt = Math.min(standing.freeAt, now);
    standing.strikes.delete(kind);
  }

  /** S10: perhaps this is another network now. */
  forgetPenalties(now: number): void {
    for (const standing of this.standings.values()) {
      standing.freeAt = Math.min(standing.freeAt, now);
      standing.strikes.clear();
    }
  }

  /** M6: if all are penalised, nobody is. Who never proved itself stays out while somebody has.
   *  Where all were silent, this line may only be slow to begin: wait longer the next time. */
  clearIfAll(now: number): boolean {
    if (this.ranked.length === 0 || this.ranked.some(({ id }) => this.isFree(id, now))) return false;
    const standings = this.ranked.map(({ id }) => this.standing(id));
    const proven = standings.filter((standing) => standing.proven);
    const cleared = proven.length > 0 ? proven : standings;
    for (const standing of cleared) {
      standing.freeAt = now;
      standing.strikes.clear();
    }
    if (cleared.every(({ lastFault }) => lastFault === 'timeout' || lastFault === 'too-slow')) {
      this.patience = Math.min(this.patience * 2, PATIENCE_MAX);
    }
    return true;
  }

  /** M5 silent: how long to wait for a first byte. */
  silentMs(mirror: string): number {
    const listing = this.listings.get(mirror);
    if (listing !== undefined && isOnion(listing.url, listing.class)) return SILENT_ONION_MS;
    const wait = Math.max(SILENT_MS, SILENT_FACTOR * (this.firstByteMs(mirror) ?? 0));
    return Math.min(wait * this.patience, SILENT_ONION_MS);
  }

  /** The best first byte seen of this mirror; of one that is new, the slowest of the others' best. */
  firstByteMs(mirror: string): number | null {
    const own = this.standing(mirror).bestFirstByte;
    if (own !== null) return own;
    const others = [...this.standings.values()].flatMap(({ bestFirstByte }) => bestFirstByte ?? []);
    return others.length > 0 ? Math.max(...others) : null;
  }

  /** A first byte came after `ms`. */
  sawFirstByte(mirror: string, ms: number): void {
    const standing = this.standing(mirror);
    standing.bestFirstByte = Math.min(ms, standing.bestFirstByte ?? ms);
  }

  /** A transfer ran at this rate. */
  sawRate(mirror: string, bytesPerS: number, now: number): void {
    const standing = this.standing(mirror);
    standing.rate = bytesPerS;
    standing.rateAt = now;
  }

  /** The rate last seen of this mirror, if that is not too long ago. */
  rate(mirror: string, now: number): number | null {
    const { rate, rateAt } = this.standing(mirror);
    return now - rateAt <= RATE_MEMORY_MS ? rate : null;
  }

  /** The best of the rates last seen; 0 if none. */
  bestRate(now: number): number {
    return Math.max(0, ...this.ranked.map(({ id }) => this.rate(id, now) ?? 0));
  }

  /** First who was not measured lately; then who is much faster than the first; then as they stand. */
  bestOnSlowLine(names: readonly string[], now: number): string[] {
    const usual = (names[0] === undefined ? null : this.rate(names[0], now)) ?? 0;
    const key = (name: string): number => {
      const rate = this.rate(name, now);
      if (rate === null) return 0;
      return rate > BETTER_FACTOR * usual ? 1 : 2;
    };
    return [...names].sort((a, b) => key(a) - key(b));
  }
}
