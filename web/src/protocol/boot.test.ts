import { expect, it } from 'vitest';
import { isBootPath, parseBoot } from './boot';
import { HumaError } from './errors';
import { BOOT_MAX_BYTES } from './limits';
import { encodeUtf8 } from './strictjson';

const DIGEST = 'ab'.repeat(32);
const boot = (files: Record<string, unknown>): Uint8Array => encodeUtf8(JSON.stringify({ v: 1, files }));

it('gives back the exact bytes', () => {
  const text = '{ "spaces": "\\u06af",\n "text": "گردهمایی \\ud83d\\ude00 😀" }\n';
  expect(parseBoot(boot({ 'trust/2.root.json': text })).get('trust/2.root.json')).toEqual(encodeUtf8(text));
});

it.each([
  'trust/timestamp.json', 'trust/1.root.json', 'trust/12.snapshot.json', 'trust/9007199254740991.roster.json', `targets/${DIGEST}.event.json`,
])('%s belongs into it', (path) => {
  expect(isBootPath(path)).toBe(true);
});

it.each([
  'trust/boot.json', 'trust/0.root.json', 'trust/01.root.json', 'trust/1.timestamp.json', '../trust/1.root.json', 'trust/9007199254740992.root.json',
  `targets/${DIGEST}.player.html`, 'live/revoked.json', 'trust/1.root.json\n', '', '__proto__',
])('%j does not, and is left aside', (path) => {
  expect(isBootPath(path)).toBe(false);
  expect(parseBoot(boot({ [path]: 'x' })).size).toBe(0);
});

it('carries nothing that has no bytes', () => {
  expect(() => parseBoot(encodeUtf8('{"v":1,"files":{"trust/1.root.json":"a\\ud800"}}'))).toThrow(HumaError);
});

it('has limits', () => {
  expect(() => parseBoot(new Uint8Array(BOOT_MAX_BYTES + 1).fill(32))).toThrow(expect.objectContaining({ code: 'too-large' }) as Error);
  expect(() => parseBoot(boot(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [n, '']))))).toThrow(HumaError);
});
