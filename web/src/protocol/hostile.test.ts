/** Whatever a stranger sends ends in a value or in one of our errors: seeded damage to every vector that is accepted. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { type ChosenCrypto, chooseCrypto } from '../io/crypto';
import { verifyChapter } from './chapter';
import { HumaError } from './errors';
import { type Event, parseEvent } from './event';
import { parseLink } from './link';
import { looksLikeOurs, verifyLive } from './playlist';
import { parseRevoked } from './revocation';
import { parseRoster } from './roster';
import { parseSteering } from './steering';
import { encodeUtf8, parseJson } from './strictjson';

const FOLDER = fileURLToPath(new URL('../../../vectors/', import.meta.url));
const ROUNDS = 300;

interface Good {
  readonly text: string;
  readonly event?: string;
  readonly event_id: string;
  readonly rendition: string;
  readonly expect: string;
}

const good = (noun: string): Good[] =>
  readdirSync(`${FOLDER}${noun}`)
    .map((name) => JSON.parse(readFileSync(`${FOLDER}${noun}/${name}`, 'utf8')) as Good)
    .filter((vector) => vector.expect === 'ok' && typeof vector.text === 'string');

/** mulberry32: the same damage in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One flipped bit, or bytes cut out, or bytes doubled. Never the same bytes again. */
function damage(data: Uint8Array, below: (n: number) => number): Uint8Array {
  const at = below(data.length);
  const length = 1 + below(40);
  const kind = below(3);
  if (kind === 0) {
    const flipped = data.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << below(8));
    return flipped;
  }
  if (kind === 1) return Uint8Array.from([...data.slice(0, at), ...data.slice(at + length)]);
  return Uint8Array.from([...data.slice(0, at + length), ...data.slice(at)]);
}

let crypto: ChosenCrypto;
beforeAll(async () => {
  crypto = await chooseCrypto();
});

async function refusal(judge: () => unknown): Promise<unknown> {
  try {
    await judge();
    return null;
  } catch (error) {
    return error;
  }
}

describe('signed texts', () => {
  const judges = { playlist: verifyLive, chapter: verifyChapter } as const;
  it.each(['playlist', 'chapter'] as const)('no damaged %s is accepted', async (noun) => {
    const below = random(1);
    const vectors = good(noun).filter((vector) => vector.text.length < 5000);
    const events = new Map<string, Event>();
    for (const { event = '' } of vectors) events.set(event, await parseEvent(encodeUtf8(event), crypto));
    for (let round = 0; round < ROUNDS; round += 1) {
      const vector = vectors[below(vectors.length)] as Good;
      const forged = damage(encodeUtf8(vector.text), below);
      const event = events.get(vector.event ?? '') as Event;
      const expected = { event, eventId: vector.event_id, rendition: vector.rendition, crypto };
      expect(await refusal(() => judges[noun](forged, expected))).toBeInstanceOf(HumaError);
      expect(typeof looksLikeOurs(forged, vector.event_id)).toBe('boolean');
    }
  });
});

describe('unsigned documents', () => {
  const judges: Record<string, (data: Uint8Array) => unknown> = {
    event: (data) => parseEvent(data, crypto),
    roster: parseRoster,
    steering: parseSteering,
    revocation: parseRevoked,
  };
  it.each(Object.keys(judges))('a damaged %s ends in a value or in our error', async (noun) => {
    const below = random(2);
    const vectors = good(noun);
    for (let round = 0; round < ROUNDS; round += 1) {
      const vector = vectors[below(vectors.length)] as Good;
      const error = await refusal(() => (judges[noun] as (data: Uint8Array) => unknown)(damage(encodeUtf8(vector.text), below)));
      if (error !== null) expect(error).toBeInstanceOf(HumaError);
    }
  });

  it('a damaged link ends in a value or in our error', async () => {
    const below = random(3);
    const text = encodeUtf8(`huma:1:${'a'.repeat(52)}?m=https%3A%2F%2Fa.example%2F&m=https://b.example:8443/x/`);
    for (let round = 0; round < ROUNDS; round += 1) {
      const error = await refusal(() => parseLink(new TextDecoder().decode(damage(text, below))));
      if (error !== null) expect(error).toBeInstanceOf(HumaError);
    }
  });
});

describe('bombs', () => {
  const MIB = 1024 * 1024;
  const bombs = ['[', '{"a":', '"', '"\\', '9', '1,', '["\\', '-', ' ', '{"a":{"a":['];
  it.each(bombs)('a mebibyte of %s is cheap', (piece) => {
    const data = encodeUtf8(piece.repeat(MIB / piece.length));
    const start = performance.now();
    expect(() => parseJson(data, MIB)).toThrow(HumaError);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it.each(['a', '\\n', 'ی', '\\u0041'])('a text of a mebibyte of %s is read', (piece) => {
    const text = `"${piece.repeat(MIB / 8)}"`;
    expect(parseJson(encodeUtf8(text), MIB)).toBe(JSON.parse(text));
  });
});
