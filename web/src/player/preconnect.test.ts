/** Whom the page connects to before it has judged the link: the script at the head of index.html, run as it stands there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const HTML = readFileSync(new URL('../../index.html', import.meta.url), 'utf8');
const SCRIPT = /<script>([\s\S]*?)<\/script>/.exec(HTML)?.[1] ?? '';
const EVENT = `${'a'.repeat(51)}q`;
const OTHER = `${'b'.repeat(51)}q`;

interface Visit {
  readonly pin?: string;
  readonly volunteers?: string | null;
  readonly denied?: boolean;
}

/** The origins that a visit with this fragment connects to. */
function warmed(hash: string, { pin = '', volunteers = null, denied = false }: Visit = {}): string[] {
  const links: { rel?: string; href?: string; crossOrigin?: string }[] = [];
  const page = {
    getElementById: () => ({ textContent: pin }),
    createElement: () => ({}),
    head: { append: (link: object) => void links.push(link) },
  };
  const getItem = (): string | null => {
    if (denied) throw new DOMException('denied', 'SecurityError');
    return volunteers;
  };
  new Function('location', 'document', 'localStorage', SCRIPT)({ hash }, page, { getItem });
  expect(links.every(({ rel, crossOrigin }) => rel === 'preconnect' && crossOrigin === 'anonymous')).toBe(true);
  return links.map(({ href }) => href as string);
}

const linkTo = (...hints: string[]): string => `#1:${EVENT}?${hints.map((hint) => `m=${hint}`).join('&')}`;
const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `https://m${n}.example/`);

describe('the page connects early', () => {
  it('to the mirrors of a good link, once to each', () => {
    const hash = linkTo('https://a.example/', 'https%3A%2F%2Fb.example%3A8443%2Fx%2F', 'https://a.example/y');
    expect(warmed(hash)).toEqual(['https://a.example', 'https://b.example:8443']);
    expect(warmed(linkTo(...many(8)))).toHaveLength(8);
    expect(warmed(`#1:${EVENT}?x=1&m=https://a.example/&y`)).toEqual(['https://a.example']);
  });

  it('from a page that belongs to the same event', () => {
    expect(warmed(linkTo('https://a.example/'), { pin: JSON.stringify({ event: EVENT }) })).toHaveLength(1);
  });
});

describe('the page connects to nobody early', () => {
  it.each([
    '', '#', '#junk?m=https://a.example/', '#1:aaaa?m=https://a.example/', `#2:${EVENT}?m=https://a.example/`,
    `#1:${EVENT.slice(0, -1)}1?m=https://a.example/`, `#1:${EVENT}`, `#1:${EVENT}&m=https://a.example/`,
    linkTo('https://a.example/', 'https://me:secret@b.example/'), linkTo('https://a.example/', 'javascript:alert(1)'),
    linkTo('https://a.example/?q'), linkTo('https://a.example/%'), linkTo('http://a.example/'), linkTo(...many(9)),
    `#1:${EVENT}?m&m=https://a.example/`, `#1:${EVENT}?n=1,m=https://a.example/`,
  ])('behind a link that is no good, or odd: %s', (hash) => {
    expect(warmed(hash)).toEqual([]);
  });

  it.each([
    'https://127.0.0.1/', 'https://localhost/', 'https://x.localhost/', 'https://192.168.1.1:8401/', 'https://[::1]/',
    'https://router/', 'https://nas.local/', 'https://git.corp/', 'https://2130706433/', 'https://1.0x7f/',
    `https://${'a'.repeat(56)}.onion/`,
  ])('in a network that is somebody\'s own: %s', (hint) => {
    expect(warmed(linkTo(hint))).toEqual([]);
  });

  it('from a page that belongs to another event, or whose pin is spoilt', () => {
    expect(warmed(linkTo('https://a.example/'), { pin: JSON.stringify({ event: OTHER }) })).toEqual([]);
    expect(warmed(linkTo('https://a.example/'), { pin: '{' })).toEqual([]);
  });

  it('where the viewer wants no strangers\' mirrors, or the browser does not tell', () => {
    expect(warmed(linkTo('https://a.example/'), { volunteers: 'off' })).toEqual([]);
    expect(warmed(linkTo('https://a.example/'), { denied: true })).toEqual([]);
  });
});
