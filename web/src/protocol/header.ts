/** The `#EXT-X-HUMA` line: what a playlist says about itself (spec/documents.md, D26 to D28). Twin of header.py. */
import { parseMs } from './clocktext';
import { HumaError, malformed } from './errors';
import { isDigest, isEventId, isKeyid, isRenditionName, parseInteger } from './names';

export const TAG = '#EXT-X-HUMA:';

/** Attributes that we do not know, in their order: name and raw value. They are kept, and signed over. */
export type Extra = readonly (readonly [string, string])[];

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"]*"|[!#-+\--~]+)/y;
const QUOTED: ReadonlySet<string> = new Set(['EVENT', 'RENDITION', 'KEYID', 'PREV', 'CHAPTERSHA']);
const PLAIN: ReadonlySet<string> = new Set([
  'V', 'TYPE', 'TICK', 'ISSUED', 'PREVTICK', 'PREVRANK', 'PREVCHAPTER', 'CHAPTER', 'ENDED',
]);

/** The attributes of one header line, each at most once. */
export class Header {
  constructor(private readonly attributes: ReadonlyMap<string, string>) {}

  has(name: string): boolean {
    return this.attributes.has(name);
  }

  /** A known attribute's value, without its quotes. */
  text(name: string): string {
    const value = this.attributes.get(name);
    if (value === undefined) throw malformed(`the header has no ${name}`);
    return value.startsWith('"') ? value.slice(1, -1) : value;
  }

  integer(name: string): number {
    return parseInteger(this.text(name));
  }

  moment(name: string): number {
    return parseMs(this.text(name));
  }

  digest(name: string): string {
    const value = this.text(name);
    if (!isDigest(value)) throw malformed(`${name} is not a digest`);
    return value;
  }

  /** An attribute that is YES or absent. */
  flag(name: string): boolean {
    if (this.has(name) && this.text(name) !== 'YES') throw malformed(`${name} is YES, or absent`);
    return this.has(name);
  }

  /** Are all of `group` there? Some without the others are refused. */
  together(...group: readonly string[]): boolean {
    const present = group.filter((name) => this.has(name)).length;
    if (present !== 0 && present !== group.length) throw malformed(`${group.join(', ')} stand together or not at all`);
    return present > 0;
  }

  get extra(): Extra {
    return [...this.attributes].filter(([name]) => !QUOTED.has(name) && !PLAIN.has(name));
  }
}

/** The header line of a playlist, without its line feed. */
export function parseHeader(line: string): Header {
  if (!line.startsWith(TAG)) throw malformed('line 2 is not the header');
  const attributes = new Map<string, string>();
  for (let at = TAG.length; ; at += 1) {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(line);
    if (found === null) throw malformed('the header is not an attribute list');
    const [whole, name, value] = found as unknown as [string, string, string];
    if (attributes.has(name)) throw malformed(`${name} stands twice`);
    refuseWrongQuotes(name, value);
    attributes.set(name, value);
    at += whole.length;
    if (at === line.length) break;
    if (line[at] !== ',') throw malformed('the header is not an attribute list');
  }
  const header = new Header(attributes);
  refuseWrongNames(header);
  return header;
}

function refuseWrongQuotes(name: string, value: string): void {
  const quoted = value.startsWith('"');
  if ((QUOTED.has(name) && !quoted) || (PLAIN.has(name) && quoted)) throw malformed(`${name} has the wrong kind of value`);
}

/** The attributes that every playlist has. */
function refuseWrongNames(header: Header): void {
  if (header.integer('V') !== 1) throw new HumaError('unknown-version', 'a playlist of an unknown version');
  if (!isEventId(header.text('EVENT'))) throw malformed('EVENT is not an event id');
  if (!isRenditionName(header.text('RENDITION'))) throw malformed('RENDITION is not the name of a rendition');
  if (!isKeyid(header.text('KEYID'))) throw malformed('KEYID is not the id of a key');
  header.moment('ISSUED');
  header.text('TYPE');
}
