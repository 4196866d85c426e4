/** Addresses of mirrors: one spelling, and which part of the world they are in (spec/documents.md, D49, D50). Twin of hosts.py. */
import { HumaError } from './errors';
import { URL_MAX_BYTES } from './limits';

export type Zone = 'public' | 'onion' | 'loopback' | 'private';

export interface MirrorUrl {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

const URL_RE = /^(https?):\/\/(\[[0-9a-f:]{2,39}\]|[a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?(\/(?:[A-Za-z0-9._~-]+\/)*)$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const NUMBERLIKE = /^(?:[0-9]+|0x[0-9a-f]*)$/;
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const GROUP = /^(?:0|[1-9a-f][0-9a-f]{0,3})$/;
const ONION = /^(?:[a-z0-9-]+\.)*[a-z2-7]{56}\.onion$/;

const PRIVATE_NAMES: ReadonlySet<string> = new Set([
  'local', 'internal', 'lan', 'home', 'arpa', 'localdomain', 'intranet', 'corp',
]);
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
];

const badUrl = (): HumaError => new HumaError('bad-url', 'not the URL of a mirror');

/** The parts of `text`, which must be in our one spelling and end in a slash. */
export function parseMirrorUrl(text: string): MirrorUrl {
  const found = URL_RE.exec(text);
  if (found === null || text.length > URL_MAX_BYTES) throw badUrl();
  const [, scheme, host, port, path] = found as unknown as [string, 'http' | 'https', string, string | undefined, string];
  const usual = scheme === 'https' ? 443 : 80;
  const number = port === undefined ? usual : Number(port);
  if (number > 65535 || (port !== undefined && number === usual) || !isHost(host)) throw badUrl();
  if (path.split('/').some((part) => part === '.' || part === '..')) throw badUrl();
  return { scheme, host, port: number, path };
}

/** Scheme, host and port: who answers. */
export const originOf = (url: MirrorUrl): string => `${url.scheme}://${url.host}:${url.port}`;

/** A domain name, a dotted IPv4 address, or an IPv6 address in brackets, in one spelling. */
export function isHost(host: string): boolean {
  if (host.startsWith('[')) return parseIpv6(host.slice(1, -1)) !== null;
  const labels = host.split('.');
  if (NUMBERLIKE.test(labels[labels.length - 1] as string)) return IPV4.test(host);
  return host.length <= 253 && labels.every((label) => LABEL.test(label));
}

/** An IPv4 or IPv6 address, without brackets, in one spelling. */
export const isAddress = (text: string): boolean => IPV4.test(text) || parseIpv6(text) !== null;

/** The eight groups of an IPv6 address in lower-case hexadecimal without embedded IPv4 or zone, or null. */
export function parseIpv6(text: string): readonly number[] | null {
  const at = text.indexOf('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const left = groups(at < 0 ? text : text.slice(0, at));
  const right = at < 0 ? [] : groups(text.slice(at + 2));
  if (![...left, ...right].every((group) => GROUP.test(group))) return null;
  const missing = 8 - left.length - right.length;
  if (at < 0 ? missing !== 0 : missing < 1) return null;
  const number = (group: string): number => parseInt(group, 16);
  return [...left.map(number), ...new Array<number>(missing).fill(0), ...right.map(number)];
}

/** Names and addresses that lead into somebody's own network are told from public ones. */
export function zoneOf(host: string): Zone {
  if (host.startsWith('[')) return zoneOfIpv6(parseIpv6(host.slice(1, -1)) ?? new Array<number>(8).fill(0));
  if (IPV4.test(host)) return zoneOfIpv4(host);
  const labels = host.split('.');
  const last = labels[labels.length - 1] as string;
  if (last === 'localhost') return 'loopback';
  if (last === 'onion') return ONION.test(host) ? 'onion' : 'private';
  return labels.length === 1 || PRIVATE_NAMES.has(last) ? 'private' : 'public';
}

const ipv4Number = (text: string): number => text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

function zoneOfIpv4(host: string): Zone {
  const number = ipv4Number(host);
  if (number >>> 24 === 127) return 'loopback';
  const within = ([net, bits]: readonly [string, number]): boolean =>
    number >>> (32 - bits) === ipv4Number(net) >>> (32 - bits);
  return PRIVATE_IPV4.some(within) ? 'private' : 'public';
}

/** Only 2000::/3 is public, without the parts of it that carry an IPv4 address. */
function zoneOfIpv6(groups: readonly number[]): Zone {
  const [first, second] = groups as [number, number];
  if (groups.every((group, i) => group === (i === 7 ? 1 : 0))) return 'loopback';
  const carriesIpv4 = first === 0x2002 || (first === 0x2001 && second === 0);
  return first >= 0x2000 && first <= 0x3fff && !carriesIpv4 ? 'public' : 'private';
}
