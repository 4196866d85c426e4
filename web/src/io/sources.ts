/** Whom to ask for trust documents, and in which order (spec/trust.md, L1). Pure. */
import { TRUST_SOURCES, TRUST_VOLUNTEERS } from '../protocol/limits';
import type { Mirror } from '../protocol/roster';
import type { Source } from './anymirror';

export interface Known {
  /** URLs from the link or the pin. All of them count as one operator. */
  readonly hints: readonly string[];
  readonly mirrors: readonly Mirror[];
  readonly withdrawn: readonly string[];
  /** URLs that have served this event's 1.root.json. */
  readonly proven: ReadonlySet<string>;
  readonly volunteers: boolean;
  readonly canAsk: (url: string) => boolean;
  /** 0 to below 1, the same for a whole visit: where in a list this viewer begins, so that not all ask the first. */
  readonly turn: number;
}

const HINTS_OPERATOR = ' hints';

/** Those that were honest before, then the link's, then the trusted of the roster, then a few volunteers. */
export function sourcesOf(known: Known): readonly Source[] {
  const usable = known.mirrors.filter(({ id, url }) => !known.withdrawn.includes(id) && known.canAsk(url));
  const trusted = rotated(usable.filter(({ tier }) => tier === 'trusted'), known.turn);
  const volunteers = rotated(usable.filter(({ tier }) => tier === 'volunteer'), known.turn);
  const hints = rotated(known.hints.filter((url) => known.canAsk(url) && !isBarred(url, known)), known.turn);
  const hinted = hints.map((url) => usable.find((mirror) => mirror.url === url) ?? asHint(url));
  const asked = [...hinted, ...trusted, ...(known.volunteers ? volunteers.slice(0, TRUST_VOLUNTEERS) : [])];
  const all = [...new Map(asked.map(({ id, url, operator }) => [url, { id, url, operator }])).values()];
  const proven = all.filter(({ url }) => known.proven.has(url));
  return ofTwoOperatorsFirst([...proven, ...all.filter((source) => !proven.includes(source))]).slice(0, TRUST_SOURCES);
}

/** A volunteer of the roster stays one where the link names it too. */
const isBarred = (hint: string, { volunteers, mirrors }: Known): boolean =>
  !volunteers && mirrors.some(({ url, tier }) => url === hint && tier === 'volunteer');

const asHint = (url: string): Source => ({ id: url, url, operator: HINTS_OPERATOR });

function rotated<Item>(items: readonly Item[], turn: number): readonly Item[] {
  const start = Math.floor(turn * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

/** So ordered that the first two are of different operators, where there are such: what they both say counts for more. */
function ofTwoOperatorsFirst(sources: readonly Source[]): readonly Source[] {
  const [first] = sources;
  const other = sources.find(({ operator }) => operator !== first?.operator);
  if (first === undefined || other === undefined) return sources;
  return [first, other, ...sources.filter((source) => source !== first && source !== other)];
}
