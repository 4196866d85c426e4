/** A checkpoint: the last chapter of each rendition that a key verified itself when it took over (spec/documents.md, D43, D44). Twin of checkpoint.py. */
import type { ChapterRef } from './chapter';
import type { Crypto } from './crypto';
import { HumaError, malformed } from './errors';
import type { Event } from './event';
import { CHECKPOINT_MAX_BYTES, MAX_INTEGER, MAX_RENDITIONS } from './limits';
import { isDigest, isEventId, isKeyid, isRenditionName } from './names';
import { parseSignature } from './signature';
import { verifyByLiveKey } from './signedtext';
import { LONE_SURROGATE, type Members, encodeUtf8, parseMembers, parseVersion } from './strictjson';

/** What the key of `rank` found when it went on the air. */
export interface Checkpoint {
  readonly event: string;
  readonly keyid: string;
  readonly rank: number;
  readonly issuedMs: number;
  /** By rendition. */
  readonly chapters: ReadonlyMap<string, ChapterRef>;
}

export interface ExpectedCheckpoint {
  readonly event: Event;
  readonly eventId: string;
  readonly crypto: Crypto;
  /** The rank that was asked for. */
  readonly rank?: number;
}

/** The checkpoint that `data` holds, if a live key of the event signed it; or one of our errors. */
export async function verifyCheckpoint(data: Uint8Array, expected: ExpectedCheckpoint): Promise<Checkpoint> {
  const envelope = parseMembers(data, CHECKPOINT_MAX_BYTES, 'a checkpoint file');
  const text = envelope.get('checkpoint');
  if (typeof text !== 'string' || LONE_SURROGATE.test(text)) throw malformed('a checkpoint file holds a text');
  const signature = parseSignature(envelope.text('ed25519', 86));
  const signed = encodeUtf8(text);
  const checkpoint = parse(signed);
  if (checkpoint.event !== expected.eventId) throw new HumaError('wrong-event', 'signed for another event');
  const { keyid, issuedMs } = checkpoint;
  const rank = await verifyByLiveKey('checkpoint', { data: signed, signature, keyid, issued: () => issuedMs }, expected);
  if (rank !== checkpoint.rank) throw malformed('the checkpoint claims another rank than its key has');
  if (rank !== (expected.rank ?? rank)) throw malformed(`the checkpoint of rank ${rank}, not ${expected.rank}`);
  return checkpoint;
}

function parse(text: Uint8Array): Checkpoint {
  const members = parseMembers(text, CHECKPOINT_MAX_BYTES, 'a checkpoint');
  parseVersion(members);
  const chapters = members.objects('chapters', MAX_RENDITIONS).map(chapterOf);
  const event = members.text('event', 52);
  const keyid = members.text('keyid', 16);
  if (!isEventId(event) || !isKeyid(keyid)) throw malformed('a checkpoint names an event and a live key');
  const renditions = chapters.map(([rendition]) => rendition);
  if (renditions.join() !== [...new Set(renditions)].sort().join()) {
    throw malformed('a checkpoint has each rendition once, in order');
  }
  return {
    event,
    keyid,
    rank: members.integer('rank', 1, MAX_INTEGER),
    issuedMs: members.moment('issued'),
    chapters: new Map(chapters),
  };
}

function chapterOf(members: Members): [string, ChapterRef] {
  const rendition = members.text('rendition', 32);
  const digest = members.text('sha256', 64);
  if (!isRenditionName(rendition) || !isDigest(digest)) {
    members.refuse('rendition', "a rendition's name, with the digest of a chapter");
  }
  return [rendition, { rank: members.integer('rank', 1, MAX_INTEGER), n: members.integer('n', 0, MAX_INTEGER), digest }];
}
