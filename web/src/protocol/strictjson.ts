/** JSON as our documents use it: no duplicate names, no fractions, integers below 2^53 (spec/documents.md, D18 to D21). Twin of strictjson.py. */
import { parseMs } from './clocktext';
import { HumaError, malformed } from './errors';
import { JSON_MAX_DEPTH, MAX_INTEGER } from './limits';

export type Json = { readonly [name: string]: Json } | readonly Json[] | string | number | boolean | null;
export type JsonObject = { readonly [name: string]: Json };

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
export const LONE_SURROGATE = /[\ud800-\udfff]/u;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const encoder = new TextEncoder();

/** UTF-8 without a byte order mark, or one of our errors. */
export function decodeUtf8(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw malformed('not UTF-8');
  }
}

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);

/** How many bytes `text` is in UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length;

/** The value that `data` holds, or one of our errors, whatever the bytes are. Objects have no prototype. */
export function parseJson(data: Uint8Array, maxBytes: number): Json {
  if (data.length > maxBytes) throw new HumaError('too-large', `${data.length} bytes, at most ${maxBytes} are allowed`);
  return new Parser(decodeUtf8(data)).document();
}

export function parseMembers(data: Uint8Array, maxBytes: number, what: string): Members {
  return asMembers(parseJson(data, maxBytes), what);
}

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function asMembers(value: Json, what: string): Members {
  if (!isObject(value)) throw malformed(`${what} is not an object`);
  return new Members(value, what);
}

class Parser {
  #at = 0;

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.#value(0);
    this.#lex(SPACE);
    if (this.#at !== this.text.length) throw malformed('something stands behind the JSON value');
    return value;
  }

  #value(depth: number): Json {
    if (depth > JSON_MAX_DEPTH) throw malformed(`nested deeper than ${JSON_MAX_DEPTH}`);
    this.#lex(SPACE);
    const first = this.text[this.#at];
    if (first === '{') return this.#object(depth + 1);
    if (first === '[') return this.#array(depth + 1);
    if (first === '"') return this.#string();
    const word = this.#lex(WORD);
    if (word !== '') return word === 'null' ? null : word === 'true';
    return this.#integer();
  }

  #object(depth: number): Json {
    if (depth > JSON_MAX_DEPTH) throw malformed(`nested deeper than ${JSON_MAX_DEPTH}`);
    const members = Object.create(null) as Record<string, Json>;
    this.#at += 1;
    if (this.#skips('}')) return members;
    do {
      this.#lex(SPACE);
      const name = this.#string();
      if (name in members) throw malformed('a name stands twice in one object');
      if (!this.#skips(':')) throw malformed('not JSON');
      members[name] = this.#value(depth);
    } while (this.#skips(','));
    if (!this.#skips('}')) throw malformed('not JSON');
    return members;
  }

  #array(depth: number): Json {
    if (depth > JSON_MAX_DEPTH) throw malformed(`nested deeper than ${JSON_MAX_DEPTH}`);
    const items: Json[] = [];
    this.#at += 1;
    if (this.#skips(']')) return items;
    do items.push(this.#value(depth));
    while (this.#skips(','));
    if (!this.#skips(']')) throw malformed('not JSON');
    return items;
  }

  /** Found by hand, since some engines run out of stack in a regular expression over a long text. */
  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    if (this.text[start] !== '"' || end >= this.text.length) throw malformed('not JSON');
    this.#at = end + 1;
    try {
      return JSON.parse(this.text.slice(start, end + 1)) as string;
    } catch {
      throw malformed('not a text of JSON');
    }
  }

  #integer(): number {
    const raw = this.#lex(NUMBER);
    const value = /^(?:-?[1-9][0-9]{0,15}|0)$/.test(raw) ? Number(raw) : NaN;
    if (!(Math.abs(value) <= MAX_INTEGER)) throw malformed('not an integer below 2^53');
    return value;
  }

  #skips(mark: string): boolean {
    this.#lex(SPACE);
    const found = this.text[this.#at] === mark;
    if (found) this.#at += 1;
    return found;
  }

  #lex(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}

/** An object of a document. What is missing, or of another kind, is refused; what is unknown is ignored. */
export class Members {
  constructor(
    readonly members: JsonObject,
    readonly what: string,
  ) {}

  get(name: string): Json {
    const value = Object.hasOwn(this.members, name) ? this.members[name] : undefined;
    if (value === undefined) throw malformed(`${this.what} has no ${name}`);
    return value;
  }

  /** A text for people or machines: not empty, without control characters. */
  text(name: string, maxBytes: number): string {
    return this.asText(this.get(name), name, maxBytes);
  }

  integer(name: string, low: number, high: number): number {
    return this.asInteger(this.get(name), name, low, high);
  }

  flag(name: string): boolean {
    const value = this.get(name);
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false');
  }

  /** A moment, in Unix milliseconds. */
  moment(name: string): number {
    return parseMs(this.text(name, 24));
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.get(name);
    return choices.find((choice) => choice === value) ?? this.refuse(name, `one of ${choices.join(', ')}`);
  }

  items(name: string, most: number): readonly Json[] {
    const value = this.get(name);
    return Array.isArray(value) && value.length <= most ? value : this.refuse(name, `a list of at most ${most}`);
  }

  objects(name: string, most: number): Members[] {
    return this.items(name, most).map((value) => asMembers(value, `an entry of ${name}`));
  }

  texts(name: string, most: number, maxBytes: number): readonly string[] {
    return this.items(name, most).map((value) => this.asText(value, name, maxBytes));
  }

  inner(name: string): Members {
    return asMembers(this.get(name), name);
  }

  /** Two positive integers: a fraction. */
  ratio(name: string, most: number): readonly [number, number] {
    const [above, below, ...rest] = this.items(name, 2);
    if (above === undefined || below === undefined || rest.length > 0) this.refuse(name, 'two integers');
    return [this.asInteger(above as Json, name, 1, most), this.asInteger(below as Json, name, 1, most)];
  }

  asText(value: Json, name: string, maxBytes: number): string {
    if (typeof value !== 'string' || value === '' || LONE_SURROGATE.test(value) || CONTROL.test(value)) {
      return this.refuse(name, 'a text without control characters');
    }
    return byteLength(value) <= maxBytes ? value : this.refuse(name, `at most ${maxBytes} bytes of text`);
  }

  asInteger(value: Json, name: string, low: number, high: number): number {
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= low && value <= high;
    return fits ? value : this.refuse(name, `an integer from ${low} to ${high}`);
  }

  refuse(name: string, want: string): never {
    throw malformed(`${name} of ${this.what} is not ${want}`);
  }
}

/** Refuse a document of a version that we do not know. */
export function parseVersion(members: Members): void {
  if (members.integer('v', 0, MAX_INTEGER) !== 1) {
    throw new HumaError('unknown-version', `${members.what} is of an unknown version`);
  }
}
