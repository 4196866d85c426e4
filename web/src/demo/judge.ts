/**
 * Looks over the stock player's shoulder: what it was given, and whether the origin ever made that. The stock player
 * itself has no such judge; this one only tells the audience, and changes nothing of what it plays.
 */
import type { Fault } from './config';

export type Lie = Extract<Fault, 'corrupt' | 'swap' | 'forge'>;

export interface Judgement {
  /** null: these are the very bytes that the origin published under that name. */
  readonly lie: Lie | null;
  readonly bytes: number;
}

export interface Evidence {
  /** The hexadecimal SHA-256 of what came. */
  digestOf(data: ArrayBuffer): Promise<string>;
  /** Whether the origin has published a media file of that name. */
  isGenuine(name: string): Promise<boolean>;
}

/** The file name in a media URL: `<sha256>.m4s`. */
export function nameIn(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** Judge one file by nothing but its bytes, its name, and what the origin has published. */
export async function judge(url: string, data: ArrayBuffer, evidence: Evidence): Promise<Judgement> {
  const bytes = data.byteLength;
  const name = nameIn(url);
  const digest = await evidence.digestOf(data);
  if (digest === name.slice(0, 64)) return { lie: (await evidence.isGenuine(name)) ? null : 'forge', bytes };
  const elsewhere = await evidence.isGenuine(`${digest}.m4s`);
  return { lie: elsewhere ? 'swap' : 'corrupt', bytes };
}

export const evidence: Evidence = {
  async digestOf(data) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  },
  async isGenuine(name) {
    const response = await fetch(`genuine/${name}`);
    return response.ok && ((await response.json()) as { genuine: boolean }).genuine;
  },
};
