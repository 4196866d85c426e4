/** event.json: what the event is, which renditions it has, and which keys may sign it (spec/documents.md, D45 to D47). Twin of event.py. */
import type { Crypto } from './crypto';
import { malformed } from './errors';
import { Grid } from './grid';
import {
  MAX_INTEGER, MAX_LANGUAGES, MAX_LIVE_KEYS, MAX_RENDITIONS, MAX_SCHEDULE, MAX_TICKS_PER_SEGMENT, MAX_TICK_PART,
  SEGMENT_MAX_BYTES, TARGET_MAX_BYTES, TEXT_MAX_BYTES, TICK_MAX_MS, TICK_MIN_MS,
} from './limits';
import { isRenditionName, keyid } from './names';
import { type LiveKey, parsePublicKey } from './signature';
import { type Members, parseMembers, parseVersion } from './strictjson';

export const FAST_TICKS = 1;
export const SLOW_TICKS = 4;

/** A text in one or more languages, by language code. */
export type Texts = Readonly<Record<string, string>>;

export interface Language {
  readonly code: string;
  readonly name: string;
}

export interface ScheduleItem {
  readonly atMs: number;
  readonly text: Texts;
}

interface AnyRendition {
  readonly name: string;
  readonly ticksPerSegment: number;
  readonly maxBytes: number;
  readonly codecs: string;
  readonly bandwidth: number;
}

export interface VideoRendition extends AnyRendition {
  readonly kind: 'video';
  readonly width: number;
  readonly height: number;
  readonly frameRate: readonly [number, number];
}

export interface AudioRendition extends AnyRendition {
  readonly kind: 'audio';
  readonly language: string;
  readonly channels: number;
  readonly sampleRate: number;
}

export type Rendition = VideoRendition | AudioRendition;

export interface Event {
  readonly title: Texts;
  readonly schedule: readonly ScheduleItem[];
  readonly startMs: number;
  readonly endMs: number;
  readonly tick: readonly [number, number];
  readonly epochMs: number;
  readonly copy: boolean;
  readonly languages: readonly Language[];
  readonly renditions: readonly Rendition[];
  readonly liveKeys: readonly LiveKey[];
}

const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const CODECS = /^[A-Za-z0-9.]{1,40}(?:,[A-Za-z0-9.]{1,40}){0,3}$/;

/** How long each segment of a rendition is, in seconds, exactly; null in a copy, where the source decides. */
export const segmentSeconds = (event: Event, rendition: Rendition): readonly [number, number] | null =>
  event.copy ? null : [event.tick[0] * rendition.ticksPerSegment, event.tick[1]];

export const gridOf = (event: Event): Grid => new Grid(event.tick, event.epochMs);
export const liveKey = (event: Event, id: string): LiveKey | null => event.liveKeys.find((key) => key.keyid === id) ?? null;
export const renditionNamed = (event: Event, name: string): Rendition | null =>
  event.renditions.find((rendition) => rendition.name === name) ?? null;

/** The renditions whose segments are that long: 1 is the fast ladder, 4 the slow one. */
export const ladder = (event: Event, ticksPerSegment: number): readonly Rendition[] =>
  event.renditions.filter((rendition) => rendition.ticksPerSegment === ticksPerSegment);

/** The event that `data` holds, or one of our errors. */
export async function parseEvent(data: Uint8Array, crypto: Crypto): Promise<Event> {
  const members = parseMembers(data, TARGET_MAX_BYTES, 'event.json');
  parseVersion(members);
  const event: Event = {
    title: texts(members, 'title'),
    schedule: members
      .objects('schedule', MAX_SCHEDULE)
      .map((item) => ({ atMs: item.moment('at'), text: texts(item, 'text') })),
    startMs: members.moment('start'),
    endMs: members.moment('end'),
    tick: members.ratio('tick', MAX_TICK_PART),
    epochMs: members.moment('epoch'),
    copy: members.flag('copy'),
    languages: members.objects('languages', MAX_LANGUAGES).map(language),
    renditions: members.objects('renditions', MAX_RENDITIONS).map(rendition),
    liveKeys: await inTurn(members.objects('live_keys', MAX_LIVE_KEYS), (item) => readLiveKey(item, crypto)),
  };
  refuseContradictions(event);
  return event;
}

export const isLanguage = (code: string): boolean => LANGUAGE.test(code);

async function inTurn<In, Out>(items: readonly In[], read: (item: In) => Promise<Out>): Promise<Out[]> {
  const found: Out[] = [];
  for (const item of items) found.push(await read(item));
  return found;
}

function texts(members: Members, name: string): Texts {
  const found = members.inner(name);
  const codes = Object.keys(found.members);
  if (codes.length < 1 || codes.length > MAX_LANGUAGES || !codes.every(isLanguage)) {
    members.refuse(name, 'a text for each of 1 to 64 languages');
  }
  return Object.fromEntries(codes.map((code) => [code, found.text(code, TEXT_MAX_BYTES)]));
}

function language(members: Members): Language {
  const code = members.text('code', 32);
  const name = members.text('name', 64);
  if (!isLanguage(code) || name.includes('"')) {
    members.refuse('code', 'a language tag, with a name without quotation marks');
  }
  return { code, name };
}

function rendition(members: Members): Rendition {
  const name = members.text('name', 32);
  const codecs = members.text('codecs', 128);
  if (!isRenditionName(name) || !CODECS.test(codecs)) {
    members.refuse('name', 'the name of a rendition, with codecs as in RFC 6381');
  }
  const shared = {
    name,
    codecs,
    ticksPerSegment: members.integer('ticks_per_segment', 1, MAX_TICKS_PER_SEGMENT),
    maxBytes: members.integer('max_bytes', 1, SEGMENT_MAX_BYTES),
    bandwidth: members.integer('bandwidth', 1, MAX_INTEGER),
  };
  if (members.choice('kind', ['video', 'audio']) === 'video') {
    return {
      ...shared,
      kind: 'video',
      width: members.integer('width', 1, 16384),
      height: members.integer('height', 1, 16384),
      frameRate: members.ratio('frame_rate', MAX_TICK_PART),
    };
  }
  return {
    ...shared,
    kind: 'audio',
    language: members.text('language', 32),
    channels: members.integer('channels', 1, 64),
    sampleRate: members.integer('sample_rate', 1, 768_000),
  };
}

async function readLiveKey(members: Members, crypto: Crypto): Promise<LiveKey> {
  const publicKey = parsePublicKey(members.text('public', 64));
  const key: LiveKey = {
    public: publicKey,
    keyid: members.text('keyid', 16),
    rank: members.integer('rank', 1, MAX_INTEGER),
    notBeforeMs: members.moment('not_before'),
    notAfterMs: members.moment('not_after'),
  };
  if (key.keyid !== (await keyid(publicKey, crypto)) || key.notBeforeMs > key.notAfterMs) {
    members.refuse('keyid', 'the id of its public key, with a time that begins before it ends');
  }
  return key;
}

function refuseContradictions(event: Event): void {
  const codes = event.languages.map((each) => each.code);
  const spoken = event.renditions.flatMap((each) => (each.kind === 'audio' ? [each.language] : []));
  const [seconds, parts] = event.tick;
  const rules: readonly (readonly [boolean, string])[] = [
    [event.startMs < event.endMs, 'it ends before it starts'],
    [TICK_MIN_MS * parts <= seconds * 1000 && seconds * 1000 <= TICK_MAX_MS * parts, 'its tick is too short or too long'],
    [event.renditions.length > 0, 'it has no rendition'],
    [event.liveKeys.length > 0, 'it has no live key'],
    [distinct(codes), 'a language stands twice'],
    [spoken.every((code) => codes.includes(code)), 'a rendition speaks a language that is not listed'],
    [distinct(event.renditions.map((each) => each.name)), 'two renditions have one name'],
    [distinct(event.liveKeys.map((key) => key.keyid)), 'a live key stands twice'],
    [distinct(event.liveKeys.map((key) => key.rank)), 'two live keys have one rank'],
    [!event.copy || event.renditions.every((each) => each.ticksPerSegment === 1), 'a copy has long segments'],
  ];
  for (const [holds, wrong] of rules) if (!holds) throw malformed(`event.json: ${wrong}`);
}

const distinct = (values: readonly (string | number)[]): boolean => new Set(values).size === values.length;
