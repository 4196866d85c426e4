import { describe, expect, it } from 'vitest';
import { renderEventId } from '../protocol/names';
import { linkToShare, parsePin, targetOf } from './pin';

const EVENT = renderEventId(new Uint8Array(32).fill(7));
const OTHER = renderEventId(new Uint8Array(32).fill(8));
const pin = (event: string): string => JSON.stringify({ event, mirrors: ['https://a.example/'] });
const here = (protocol: string): Location =>
  ({ protocol, origin: `${protocol}//huma.example`, pathname: '/watch/', hash: '' }) as unknown as Location;

describe('what is to be shown', () => {
  it('is what the link names', () => {
    expect(targetOf('', `#1:${EVENT}?m=https://b.example/`, {})).toEqual({
      eventId: EVENT, hints: ['https://b.example/'], root: null, pinned: false,
    });
  });

  it.each([
    ['nothing at all', '', '', 'noLink'],
    ['half a link', '', `#1:${EVENT.slice(0, 40)}`, 'badLink'],
    ['a link into somebody’s network', '', `#1:${EVENT}?m=http://192.168.1.1/`, 'badLink'],
    ['another event than the pin', pin(EVENT), `#1:${OTHER}`, 'otherEvent'],
    ['a spoilt pin, which must not turn into none', '{"event":"x"}', `#1:${OTHER}`, 'badLink'],
    ['a pin that is no JSON', '{', '', 'badLink'],
  ])('%s', (_why, pinText, fragment, refusal) => expect(targetOf(pinText, fragment, {})).toBe(refusal));

  it('is the pin, with the mirrors of a link for the same event first', () => {
    expect(targetOf(pin(EVENT), `#1:${EVENT}?m=https://b.example/`, {})).toMatchObject({
      eventId: EVENT, hints: ['https://b.example/', 'https://a.example/'], pinned: true,
    });
    expect(parsePin('  ')).toBeNull();
  });
});

describe('the link to share', () => {
  const target = { eventId: EVENT, hints: [], root: null, pinned: false };

  it('is this page, with at most three mirrors that anybody can reach', () => {
    const mirrors = ['http://127.0.0.1:8401/', 'https://a.example/', 'https://b.example/', 'https://c.example/', 'https://d.example/'];
    const link = linkToShare(target, mirrors, here('https:'));
    expect(link).toBe(`https://huma.example/watch/#1:${EVENT}?m=https://a.example/&m=https://b.example/&m=https://c.example/`);
  });

  it('is the form for programs where the page is a file', () => {
    expect(linkToShare(target, ['https://a.example/'], here('file:'))).toBe(`huma:1:${EVENT}?m=https://a.example/`);
  });
});
