/** What the demo's server wrote into the page, and what it says later at `state`. */

export const FAULTS = ['kill', 'hang', 'freeze', 'slow', 'corrupt', 'swap', 'forge'] as const;
export type Fault = (typeof FAULTS)[number];

export const MIRROR_NAMES = ['north', 'east', 'west'] as const;
export type MirrorName = (typeof MIRROR_NAMES)[number];

export interface MirrorState {
  readonly id: MirrorName;
  readonly operator: string;
  readonly url: string;
  readonly fault: Fault | 'none';
  readonly requests: number;
  readonly lies: number;
}

export interface DemoState {
  readonly mirrors: readonly MirrorState[];
  readonly programme: { readonly source: string; readonly tick: number | null };
}

export interface DemoConfig {
  readonly token: string;
  readonly event: string;
  readonly title: Readonly<Record<string, string>>;
  readonly source: string;
  readonly light: boolean;
  readonly state: DemoState;
}

export function readConfig(): DemoConfig {
  return JSON.parse(document.getElementById('huma-demo')?.textContent ?? 'null') as DemoConfig;
}

/** The mirror that a URL belongs to. */
export function mirrorOf(url: string, mirrors: readonly MirrorState[]): MirrorState | null {
  return mirrors.find((mirror) => url.startsWith(mirror.url)) ?? null;
}
