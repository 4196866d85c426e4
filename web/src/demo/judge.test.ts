import { describe, expect, it } from 'vitest';
import { judge, nameIn } from './judge';

const NAME = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const MEDIA_URL = `http://127.0.0.1:9/media/${NAME}.m4s`;

describe('the judge', () => {
  it('finds the name in a URL', () => expect(nameIn(MEDIA_URL)).toBe(`${NAME}.m4s`));

  it.each([
    ['the right bytes', NAME, [NAME], null],
    ['bytes that fit their name, which the origin never published', NAME, [OTHER], 'forge'],
    ['genuine bytes of another place', OTHER, [NAME, OTHER], 'swap'],
    ['bytes that nobody published', OTHER, [NAME], 'corrupt'],
  ] as const)('%s', async (_why, digest, published: readonly string[], lie) => {
    const found = await judge(MEDIA_URL, new ArrayBuffer(7), {
      digestOf: async () => digest,
      isGenuine: async (name) => published.some((one) => name === `${one}.m4s`),
    });
    expect(found).toEqual({ lie, bytes: 7 });
  });
});
