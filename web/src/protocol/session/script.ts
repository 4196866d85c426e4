/** Scripts of sessions, as vectors/session holds them: snake_case and without nulls, the same for both languages. For tests. */
import { WatchSession } from './session';
import type { SessionConfig, SessionEvent, SessionView } from './types';

type Json = Record<string, unknown>;

export interface Script {
  readonly why: string;
  readonly config: Json;
  readonly seed: number;
  readonly steps: readonly (readonly [wall: number, mono: number, event: Json, commands: readonly Json[]])[];
  readonly view: Json;
}

const toCamel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const toSnake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [rename(key), renamed(each, rename)]));
}

/** What Python leaves out because it is None stands as null here. */
function eventOf(given: Json): SessionEvent {
  const event = renamed(given, toCamel) as Json;
  if (event['type'] === 'want_file') event['size'] ??= null;
  if (event['type'] === 'playlist') event['playlist'] = { prev: null, prevTick: null, ...(event['playlist'] as Json) };
  return event as unknown as SessionEvent;
}

function configOf(given: Json): SessionConfig {
  return { restored: null, ...(renamed(given, toCamel) as Json) } as unknown as SessionConfig;
}

export interface Replayed {
  readonly commands: readonly Json[][];
  readonly view: Json;
}

/** Everything that the session commands, step by step, and what it shows in the end. */
export function replay({ config, seed, steps }: Pick<Script, 'config' | 'seed' | 'steps'>): Replayed {
  const session = new WatchSession(configOf(config), seed);
  const commands = steps.map(([wall, mono, event]) => renamed(session.handle(eventOf(event), wall, mono), toSnake) as Json[]);
  const [wall, mono] = steps[steps.length - 1] ?? [0, 0];
  const view: SessionView = session.view(wall, mono);
  return { commands, view: renamed(view, toSnake) as Json };
}
