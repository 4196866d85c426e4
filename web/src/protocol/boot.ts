/** trust/boot.json: all the trust documents in one file, for one fetch on a long, thin link (spec/trust.md, T12). Twin of boot.py.
 *  It proves nothing: each file in it is verified as if it had come by itself, and any fault means fetching them singly. */
import { malformed } from './errors';
import { BOOT_MAX_BYTES, MAX_INTEGER, MAX_ROOT_ROTATIONS } from './limits';
import { encodeUtf8, parseMembers, parseVersion } from './strictjson';

const MAX_FILES = MAX_ROOT_ROTATIONS + 16;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const PATH =
  /^(?:trust\/(?:([1-9][0-9]{0,15})\.(?:root|snapshot|targets|roster|steering)|timestamp)\.json|targets\/[0-9a-f]{64}\.(?:event|roster|steering)\.json)$/;

export type Files = ReadonlyMap<string, Uint8Array>;

/** Whether a file of this path belongs into boot.json. */
export function isBootPath(path: string): boolean {
  const found = PATH.exec(path);
  return found !== null && (found[1] === undefined || BigInt(found[1]) <= BigInt(MAX_INTEGER));
}

/** The files by path, unverified. Unknown paths are left out, so that later versions may add some. */
export function parseBoot(data: Uint8Array): Files {
  const members = parseMembers(data, BOOT_MAX_BYTES, 'boot.json');
  parseVersion(members);
  const files = Object.entries(members.inner('files').members);
  if (files.length > MAX_FILES) throw malformed(`boot.json has more than ${MAX_FILES} files`);
  const found = new Map<string, Uint8Array>();
  for (const [path, text] of files) {
    if (typeof text !== 'string') throw malformed('boot.json: a file is not text');
    if (!isBootPath(path)) continue;
    if (LONE_SURROGATE.test(text)) throw malformed('boot.json: half a surrogate pair');
    found.set(path, encodeUtf8(text));
  }
  return found;
}
