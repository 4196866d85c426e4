/** Runs in the page of bench/verify.py: how long one playlist and one segment take to verify, by each engine. */
import { chooseCrypto, nobleCrypto } from '../web/src/io/crypto';
import type { ChosenCrypto } from '../web/src/io/crypto';
import { parseEvent } from '../web/src/protocol/event';
import { toHex } from '../web/src/protocol/names';
import { verifyLive } from '../web/src/protocol/playlist';

export interface Given {
  readonly event: string;
  readonly eventId: string;
  readonly rendition: string;
  /** As many genuine playlists as are to be verified, so that nothing can be remembered of one. */
  readonly playlists: readonly string[];
  readonly segmentBytes: number;
}

export interface Measured {
  readonly engines: ChosenCrypto['engines'];
  readonly isolated: boolean;
  readonly playlistMs: number[];
  readonly segmentMs: number[];
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measure(given: Given, engine: 'chosen' | 'noble'): Promise<Measured> {
  const crypto = engine === 'noble' ? await nobleCrypto() : await chooseCrypto();
  const event = await parseEvent(bytesOf(given.event), crypto);
  const expected = { event, eventId: given.eventId, rendition: given.rendition, crypto };
  const playlistMs: number[] = [];
  for (const text of given.playlists) playlistMs.push(await timed(() => verifyLive(bytesOf(text), expected)));
  const segment = new Uint8Array(given.segmentBytes);
  const segmentMs: number[] = [];
  for (let round = 0; round < given.playlists.length; round += 1) {
    globalThis.crypto.getRandomValues(segment.subarray(0, 60_000));
    segmentMs.push(await timed(async () => toHex(await crypto.sha256(segment))));
  }
  return { engines: crypto.engines, isolated: globalThis.crossOriginIsolated, playlistMs, segmentMs };
}

Object.assign(globalThis, { measure });
