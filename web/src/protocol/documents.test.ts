/** Every vector of the documents ends in TypeScript as it ends in Python. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { type ChosenCrypto, chooseCrypto } from '../io/crypto';
import { segmentNumbers, startTimesOf, verifyChapter } from './chapter';
import { verifyCheckpoint } from './checkpoint';
import { formatMs, parseMs } from './clocktext';
import { HumaError } from './errors';
import { parseEvent } from './event';
import { Grid } from './grid';
import { parseLink } from './link';
import { isRenditionName, isValidPath, parseEventId, parseInteger, parseMediaUri, renderEventId, toHex, fromHex } from './names';
import { looksLikeOurs, verifyLive, windowTimes } from './playlist';
import { type RootRole, parseRevoked, verifyRevocation } from './revocation';
import { parseRoster } from './roster';
import { type Purpose, parsePublicKey, verify } from './signature';
import { parseSteering } from './steering';
import { encodeUtf8, parseJson } from './strictjson';
import { eventDigits, eventWords } from './words';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a vector is whatever its noun says
type Vector = Record<string, any>;

const FOLDER = fileURLToPath(new URL('../../../vectors/', import.meta.url));
const load = (noun: string, name: string): Vector => JSON.parse(readFileSync(`${FOLDER}${noun}/${name}`, 'utf8')) as Vector;
const dataOf = (vector: Vector): Uint8Array =>
  'text' in vector ? encodeUtf8(vector.text) : Uint8Array.from(Buffer.from(vector.base64, 'base64'));

let crypto: ChosenCrypto;
beforeAll(async () => {
  crypto = await chooseCrypto();
});

const expected = async (vector: Vector) => ({
  event: await parseEvent(encodeUtf8(vector.event), crypto),
  eventId: vector.event_id as string,
  rendition: vector.rendition as string,
  crypto,
});

async function playlist(vector: Vector): Promise<void> {
  const data = dataOf(vector);
  if ('ours' in vector) expect(looksLikeOurs(data, vector.event_id)).toBe(vector.ours);
  expect(looksLikeOurs(data, 'a'.repeat(52))).toBe(false);
  const found = await verifyLive(data, await expected(vector));
  expect({
    rank: found.rank,
    keyid: found.keyid,
    tick: found.tick,
    issued_ms: found.issuedMs,
    prev: found.prev,
    prev_tick: found.prevTick,
    chapter: found.chapter,
    chapter_sha: found.chapterSha,
    target_duration: found.targetDuration,
    media_sequence: found.mediaSequence,
    discontinuity_sequence: found.discontinuitySequence,
    ended: found.ended,
    extra: found.extra,
    signed_digest: found.signedDigest,
    uris: found.uris,
    sizes: found.entries.map((entry) => entry.size),
    inits: found.entries.map((entry) => entry.init.path),
    discontinuities: found.entries.map((entry) => entry.discontinuity),
    durations_us: found.entries.map((entry) => entry.durationUs),
    start_times: windowTimes(found),
  }).toEqual(vector.value);
}

async function chapter(vector: Vector): Promise<void> {
  const asked = { ...('n' in vector ? { n: vector.n } : {}), ...('digest' in vector ? { digest: vector.digest } : {}) };
  const found = await verifyChapter(dataOf(vector), { ...(await expected(vector)), ...asked });
  expect({
    rank: found.rank,
    n: found.n,
    issued_ms: found.issuedMs,
    prev: found.prev === null ? null : [found.prev.rank, found.prev.n, found.prev.digest],
    ended: found.ended,
    numbers: segmentNumbers(found),
    uris: found.entries.map((entry) => entry.ref.path),
    start_times: startTimesOf(found),
    file_digest: found.fileDigest,
  }).toEqual(vector.value);
}

async function checkpoint(vector: Vector): Promise<void> {
  const { event: parsed, eventId } = await expected(vector);
  const asked = 'rank' in vector ? { rank: vector.rank as number } : {};
  const found = await verifyCheckpoint(dataOf(vector), { event: parsed, eventId, crypto, ...asked });
  const chapters = [...found.chapters].map(([name, ref]) => [name, ref.rank, ref.n, ref.digest]);
  expect({ rank: found.rank, issued_ms: found.issuedMs, chapters }).toEqual(vector.value);
}

async function event(vector: Vector): Promise<void> {
  const found = await parseEvent(dataOf(vector), crypto);
  if (!('value' in vector)) return;
  expect({
    epoch_ms: found.epochMs,
    tick: found.tick,
    copy: found.copy,
    title: found.title,
    renditions: found.renditions.map((each) => each.name),
    keyids: found.liveKeys.map((key) => key.keyid),
    ranks: found.liveKeys.map((key) => key.rank),
    windows: found.liveKeys.map((key) => [key.notBeforeMs, key.notAfterMs]),
  }).toEqual(vector.value);
}

async function revocation(vector: Vector): Promise<void> {
  const entries = parseRevoked(dataOf(vector));
  const roles: RootRole[] = (vector.roots as Vector[]).map((role) => ({
    threshold: role.threshold,
    keys: new Map(Object.entries(role.keys as Record<string, string>).map(([id, hex]) => [id, parsePublicKey(hex)])),
  }));
  const revoked: string[] = [];
  for (const entry of entries) {
    try {
      revoked.push((await verifyRevocation(entry, roles, vector.event_id, crypto)).keyid);
    } catch (error) {
      expect((error as HumaError).code).toBe(entry.event === vector.event_id ? 'bad-signature' : 'wrong-event');
    }
  }
  expect(revoked.sort()).toEqual(vector.revoked);
}

function names(vector: Vector): void {
  const given = vector.input;
  if (vector.kind === 'uri') expect(`${'../'.repeat(given[1])}${parseMediaUri(given[0], given[1]).path}`).toBe(given[0]);
  else if (vector.kind === 'integer') expect(String(parseInteger(given))).toBe(given);
  else if (vector.kind === 'event_id') expect(renderEventId(parseEventId(given))).toBe(given);
  else {
    const good = vector.kind === 'path' ? isValidPath(given) : isRenditionName(given);
    expect(good).toBe(vector.expect === 'ok');
    if (!good) throw new HumaError(vector.expect, 'refused, as it should be');
  }
}

function link(vector: Vector): void {
  const policy = { loopback: vector.allow.includes('loopback'), private: vector.allow.includes('private') };
  const found = parseLink(vector.input, policy);
  expect([found.eventId, found.mirrors]).toEqual([vector.event_id, vector.mirrors]);
}

function grid(vector: Vector): void {
  const found = new Grid(vector.tick, vector.epoch_ms);
  for (const [n, ms] of vector.starts) expect(found.startMs(n)).toBe(ms);
  for (const [ms, n] of vector.ticks) expect(found.tickAt(ms)).toBe(n);
}

async function words(vector: Vector): Promise<void> {
  expect(await eventWords(vector.input, crypto)).toEqual(vector.words);
  expect(eventDigits(vector.input)).toEqual(vector.digits);
}

const JUDGES: Record<string, (vector: Vector) => void | Promise<void>> = {
  chapter,
  checkpoint,
  event,
  grid,
  link,
  names,
  playlist,
  revocation,
  words,
  clocktext: (vector) => {
    expect(parseMs(vector.input)).toBe(vector.value);
    expect(formatMs(vector.value)).toBe(vector.input);
  },
  publickey: (vector) => expect(toHex(parsePublicKey(vector.public))).toBe(vector.public),
  roster: (vector) => void parseRoster(dataOf(vector)),
  signature: async (vector) => {
    const key = parsePublicKey(vector.public);
    await verify(vector.purpose as Purpose, encodeUtf8(vector.text), fromHex(vector.signature), key, crypto);
  },
  steering: (vector) => void parseSteering(dataOf(vector)),
  strictjson: (vector) => {
    const found = parseJson(dataOf(vector), vector.max_bytes);
    expect(JSON.stringify(found)).toBe(JSON.stringify(vector.value));
  },
};

for (const [noun, judge] of Object.entries(JUDGES)) {
  describe(`vectors/${noun}`, () => {
    const files = readdirSync(`${FOLDER}${noun}`).sort();
    it('are there', () => expect(files.length).toBeGreaterThan(1));
    it.each(files)('%s', async (name) => {
      const vector = load(noun, name);
      if (vector.expect === 'ok') return judge(vector);
      const error = await Promise.resolve(vector).then(judge).then(() => null, (caught: unknown) => caught);
      expect(error).toBeInstanceOf(HumaError);
      expect((error as HumaError).code).toBe(vector.expect);
    });
  });
}
