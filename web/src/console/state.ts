/** The state of a broadcast, as docs/reference/console.md names it. Members that are not shown here are left out. */
import type { AnyState, EventFacts } from '../shared/state';

export type Status = 'waiting' | 'playing' | 'stalled' | 'reconnecting' | 'ended';
export type Heard = 'own' | 'silence' | 'floor';

export interface Door {
  readonly open: boolean;
  readonly streams: number;
  /** What is missing for good of the stream that comes. */
  readonly lost: number;
  readonly round_trip_ms: number | null;
  readonly refused: Readonly<Record<string, number>>;
  readonly key_left_s: number;
}

export interface Input {
  readonly name: string;
  /** Of a language's own source. */
  readonly language: string | null;
  readonly protocol: string;
  readonly status: Status;
  readonly on_air: boolean;
  readonly kbps: number;
  readonly key_interval_s: number | null;
  readonly frame_rate: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly codecs: readonly string[];
  readonly faults: number;
  readonly opened: number;
  readonly delay_s: number;
  readonly held_s: number;
  readonly door: Door | null;
}

export interface Levels {
  readonly momentary: number | null;
  readonly short_term: number | null;
  readonly integrated: number | null;
  readonly true_peak: number | null;
}

export interface OwnSource {
  readonly status: Status;
  readonly offset_ms: number;
  readonly earliest_ms: number;
  readonly heard: Heard;
}

export interface Language {
  readonly code: string;
  readonly name: string;
  readonly levels: Levels;
  readonly own: OwnSource | null;
}

export interface Store {
  readonly place: string;
  readonly name: string;
  readonly ok: boolean;
  readonly code: string;
  readonly behind: number;
  readonly dropped: number;
  readonly tick: number | null;
  readonly age_ms: number | null;
}

export interface Output {
  readonly label: string;
  readonly kind: string;
  readonly connected: boolean;
  readonly since_ms: number | null;
  readonly sent_bytes: number;
  readonly reconnects: number;
  readonly dropped: number;
  readonly code: string;
}

export interface Recording {
  readonly since_ms: number | null;
  readonly seconds: number;
  readonly bytes: number;
  readonly files: readonly string[];
  readonly dropped: number;
  readonly waiting_bytes: number;
  readonly free_bytes: number | null;
  readonly full_in_s: number | null;
  readonly code: string;
}

export interface ConsoleState extends AnyState {
  readonly event: EventFacts & { readonly tick_ms: number };
  readonly copy: boolean;
  readonly programme: {
    readonly source: Status;
    readonly origin: 'programme' | 'slate';
    readonly dropped: number;
    readonly late_ms: number;
    readonly speed: number | null;
    readonly messages: readonly string[];
  };
  readonly publisher: {
    readonly tick: number | null;
    readonly programme_s: number;
    readonly delay_ms: number | null;
    readonly age_ms: number | null;
    readonly code: string;
  };
  readonly inputs: readonly Input[];
  readonly input: { readonly on_air: string | null; readonly held: boolean; readonly switches: number };
  readonly languages: readonly Language[];
  readonly slate: boolean;
  readonly delay_s: number;
  readonly stores: readonly Store[];
  readonly outputs: readonly Output[];
  readonly recording: Recording | null;
}

export type OnAir = 'waiting' | 'air' | 'slate' | 'nothing' | 'ended';

const UNSIGNED_MS = 8_000;
const UNSIGNED_TICKS = 6;
/** A source that is signed as it is comes in segments of its own length. */
const UNSIGNED_COPY_MS = 20_000;

/** What goes out now. `nothing`: something did, and nothing new is signed any more. */
export function onAirOf({ programme, publisher, event, copy }: ConsoleState): OnAir {
  if (programme.source === 'ended') return 'ended';
  if (publisher.tick === null) return 'waiting';
  const longest = copy ? UNSIGNED_COPY_MS : Math.max(UNSIGNED_MS, UNSIGNED_TICKS * event.tick_ms);
  if (publisher.age_ms !== null && publisher.age_ms > longest) return 'nothing';
  return programme.origin === 'slate' ? 'slate' : 'air';
}

/** OBS counts in whole seconds, and a key frame may come a picture late. */
export const LONGEST_KEY_INTERVAL_S = 2.1;

export const tooFewKeyFrames = ({ key_interval_s }: Input): boolean =>
  key_interval_s !== null && key_interval_s > LONGEST_KEY_INTERVAL_S;

/** Whether a person may put it on the air now. */
export const canBeChosen = ({ language, status, on_air }: Input): boolean =>
  language === null && status === 'playing' && !on_air;
