/** A whole set of trust documents in force, and what a session must know of them. */
import type { Event } from '../protocol/event';
import type { RoleName } from '../protocol/metadata';
import type { Roster } from '../protocol/roster';
import type { TrustEvent } from '../protocol/session/types';
import type { Steering } from '../protocol/steering';
import type { TrustedDocuments } from '../protocol/trust';

export interface Trust {
  readonly documents: TrustedDocuments;
  readonly event: Event;
  readonly roster: Roster;
  readonly steering: Steering;
  /** Roles whose documents had expired when they were loaded: what follows is for the caller to say. */
  readonly expired: readonly RoleName[];
}

/** Mirrors of the roster, and beside them the hints that the roster does not list. */
export function trustEventOf(trust: Trust, hints: readonly string[]): TrustEvent {
  const { documents, event, roster, steering } = trust;
  const listed = new Set(roster.mirrors.map(({ url }) => url));
  return {
    type: 'trust',
    eventId: documents.eventId,
    copy: event.copy,
    tick: event.tick,
    epochMs: event.epochMs,
    renditions: event.renditions.map(({ name, kind, ticksPerSegment, maxBytes, bandwidth }) => ({
      name, kind, ticksPerSegment, maxBytes, bandwidth,
    })),
    mirrors: roster.mirrors.map(({ id, url, operator, class: cls, tier }) => ({ id, url, operator, class: cls, tier })),
    hints: hints.filter((url) => !listed.has(url)),
    weights: steering.weights,
    withdrawn: steering.withdrawn,
    liveKeys: event.liveKeys.map(({ keyid, rank }) => ({ keyid, rank })),
  };
}
