/** The canonical JSON of TUF: the bytes that are signed (spec/trust.md, T3). */
import { canonicalize } from '@tufjs/canonical-json';
import { malformed } from './errors';
import { type Json, encodeUtf8, isObject } from './strictjson';

const ASCII = /^[\u0000-\u007f]*$/;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * The canonical form of a value that came through `parseJson`, so that it holds no fractions and no duplicate names.
 *
 * Names are ASCII, because languages sort other names differently (this one by UTF-16 units, Python by code points).
 */
export function canonicalBytes(value: Json): Uint8Array {
  if (!haveAsciiNames(value)) throw malformed('a name in signed metadata is not ASCII');
  const text = canonicalize(value);
  if (LONE_SURROGATE.test(text)) throw malformed('half a surrogate pair in signed metadata');
  return encodeUtf8(text);
}

function haveAsciiNames(value: Json): boolean {
  if (isObject(value)) return Object.entries(value).every(([name, inner]) => ASCII.test(name) && haveAsciiNames(inner));
  return !Array.isArray(value) || value.every(haveAsciiNames);
}
