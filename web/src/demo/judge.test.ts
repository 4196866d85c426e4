import { describe, expect, it } from 'vitest';
import type { Fault, MirrorState } from './config';
import { judge, nameIn } from './judge';

const NAME = 'a'.repeat(64);
const URL_OF = `http://127.0.0.1:9/media/${NAME}.m4s`;
const mirrors = (fault: Fault | 'none'): MirrorState[] => [
  { id: 'north', operator: 'North', url: 'http://127.0.0.1:9/', fault, requests: 0, lies: 0 },
];
const evidence = (digest: string, genuine: boolean) => ({
  digestOf: async () => digest,
  isGenuine: async () => genuine,
});

describe('the judge', () => {
  it('finds the name in a URL', () => expect(nameIn(URL_OF)).toBe(`${NAME}.m4s`));

  it.each([
    ['the right bytes', NAME, true, 'none', null],
    ['the right bytes although the mirror lies elsewhere', NAME, true, 'corrupt', null],
    ['bytes that fit their name, which the origin never published', NAME, false, 'forge', 'forge'],
    ['other bytes, from a mirror that swaps', 'b'.repeat(64), true, 'swap', 'swap'],
    ['other bytes', 'b'.repeat(64), true, 'corrupt', 'corrupt'],
    ['other bytes from a mirror that says it is honest', 'b'.repeat(64), true, 'none', 'corrupt'],
  ] as const)('%s', async (_why, digest, genuine, fault, lie) => {
    const found = await judge(URL_OF, new ArrayBuffer(7), mirrors(fault), evidence(digest, genuine));
    expect(found).toEqual({ lie, bytes: 7 });
  });
});
