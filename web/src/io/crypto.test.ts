import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isSoundPublicKey, isSoundSignature } from '../protocol/ed25519';
import { chooseCrypto, nobleCrypto } from './crypto';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const folder = fileURLToPath(new URL('../../../vectors/ed25519/', import.meta.url));
/** Other people's vectors stand beside the checkout, with their source; elsewhere the path is given. */
const shared = process.env['HUMA_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const wycheproof = `${shared}/data/wycheproof/ed25519_test.json`;

interface Case {
  readonly name: string;
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly valid: boolean;
}

/** The odd corners on which libraries differ. */
function oddCases(): Case[] {
  return readdirSync(folder).map((name) => {
    const vector = JSON.parse(readFileSync(folder + name, 'utf8')) as Record<'key' | 'message' | 'signature' | 'expect', string>;
    const { key, message, signature, expect: wanted } = vector;
    return { name, key: hex(key), message: hex(message), signature: hex(signature), valid: wanted === 'ok' };
  });
}

interface WycheproofGroup {
  readonly publicKey: { readonly pk: string };
  readonly tests: readonly { tcId: number; msg: string; sig: string; result: string }[];
}

function wycheproofCases(): Case[] {
  const { testGroups } = JSON.parse(readFileSync(wycheproof, 'utf8')) as { testGroups: WycheproofGroup[] };
  return testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ tcId, msg, sig, result }) => ({
      name: `wycheproof ${tcId}`,
      key: hex(publicKey.pk),
      message: hex(msg),
      signature: hex(sig),
      valid: result === 'valid',
    })),
  );
}

async function disagreements(cases: readonly Case[]): Promise<string[]> {
  const web = await chooseCrypto();
  const noble = await nobleCrypto();
  expect([web.engines.ed25519, noble.engines.ed25519]).toEqual(['webcrypto', 'noble']);
  const wrong: string[] = [];
  for (const { name, key, message, signature, valid } of cases) {
    for (const crypto of [web, noble]) {
      const said = await crypto.verifyEd25519(key, message, signature);
      if (said !== valid) wrong.push(`${name}: ${crypto.engines.ed25519} says ${said}`);
    }
  }
  return wrong;
}

describe('the two engines agree', () => {
  it('on the odd corners of the curve', async () => {
    const cases = oddCases();
    expect(cases).toHaveLength(12);
    expect(await disagreements(cases)).toEqual([]);
  });

  it.skipIf(!existsSync(wycheproof))(`on Wycheproof's Ed25519 vectors (${wycheproof} present)`, async () => {
    const cases = wycheproofCases();
    expect(cases).toHaveLength(151);
    expect(await disagreements(cases)).toEqual([]);
  });

  it('on SHA-256 of every length around a block, and of a large segment', async () => {
    const web = await chooseCrypto();
    const noble = await nobleCrypto();
    for (const length of [0, 1, 55, 56, 63, 64, 65, 300_001]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 31);
      expect(toHex(await noble.sha256(bytes))).toBe(toHex(await web.sha256(bytes)));
    }
  });
});

/** RFC 8032, 7.1, test 3. */
const key = hex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
const message = hex('af82');
const signature = hex(
  '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
);
const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

/** The same signature with S + L: the same number modulo L, another text. */
function withLargerS(): Uint8Array {
  let s = 0n;
  for (let i = 63; i >= 32; i -= 1) s = (s << 8n) | BigInt(signature[i] as number);
  s += order;
  const twin = signature.slice();
  for (let i = 32; i < 64; i += 1, s >>= 8n) twin[i] = Number(s & 0xffn);
  return twin;
}

describe.each([
  ['chosen', () => chooseCrypto()],
  ['noble', () => nobleCrypto()],
])('%s', (_name, make) => {
  it('believes a true signature', async () => {
    expect(await (await make()).verifyEd25519(key, message, signature)).toBe(true);
  });

  it('refuses every flipped bit of key, message and signature', async () => {
    const crypto = await make();
    for (const which of [0, 1, 2]) {
      const parts = [key, message, signature] as const;
      for (let bit = 0; bit < parts[which as 0 | 1 | 2].length * 8; bit += 7) {
        const [k, m, s] = parts.map((part) => part.slice()) as [Uint8Array, Uint8Array, Uint8Array];
        const part = [k, m, s][which] as Uint8Array;
        part[bit >> 3] = (part[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(await crypto.verifyEd25519(k, m, s)).toBe(false);
      }
    }
  });

  it('refuses S + L, short and long parts, and never throws', async () => {
    const crypto = await make();
    expect(await crypto.verifyEd25519(key, message, withLargerS())).toBe(false);
    for (const length of [0, 31, 33]) {
      expect(await crypto.verifyEd25519(new Uint8Array(length), message, signature)).toBe(false);
    }
    for (const length of [0, 63, 65]) {
      expect(await crypto.verifyEd25519(key, message, new Uint8Array(length))).toBe(false);
    }
  });
});

describe('choosing', () => {
  const real = globalThis.crypto.subtle;
  const pretending = (overrides: Partial<SubtleCrypto>): SubtleCrypto =>
    new Proxy(real, {
      get: (target, name) => {
        const override = (overrides as Record<string | symbol, unknown>)[name];
        if (override !== undefined) return override;
        const value = (target as unknown as Record<string | symbol, unknown>)[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });

  it('takes noble for both on plain http, where there is no WebCrypto', async () => {
    const crypto = await chooseCrypto(null);
    expect(crypto.engines).toEqual({ ed25519: 'noble', sha256: 'noble' });
    expect(await crypto.verifyEd25519(key, message, signature)).toBe(true);
  });

  it('keeps the fast SHA-256 of a browser that has no Ed25519', async () => {
    const crypto = await chooseCrypto(
      pretending({ importKey: (() => Promise.reject(new DOMException('no', 'NotSupportedError'))) as never }),
    );
    expect(crypto.engines).toEqual({ ed25519: 'noble', sha256: 'webcrypto' });
    expect(await crypto.verifyEd25519(key, message, signature)).toBe(true);
  });

  it('does not take an engine that believes everything, nor one that digests wrongly', async () => {
    const crypto = await chooseCrypto(
      pretending({ verify: async () => true, digest: async () => new ArrayBuffer(32) }),
    );
    expect(crypto.engines).toEqual({ ed25519: 'noble', sha256: 'noble' });
    expect(await crypto.verifyEd25519(key, hex('00'), signature)).toBe(false);
  });
});

describe('sound encodings', () => {
  const p = (1n << 255n) - 19n;
  const encode = (y: bigint, sign = 0n): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, i) => Number(((y | (sign << 255n)) >> BigInt(8 * i)) & 0xffn));

  it('are never of small order, with either sign of x', () => {
    const orderEight = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
    for (const y of [0n, 1n, p - 1n, orderEight, p - orderEight]) {
      for (const sign of [0n, 1n]) expect(isSoundPublicKey(encode(y, sign))).toBe(false);
    }
  });

  it('have y below p', () => {
    expect(isSoundPublicKey(encode(p - 2n))).toBe(true);
    for (let more = 0n; more < 19n; more += 1n) expect(isSoundPublicKey(encode(p + more))).toBe(false);
  });

  it('have S below L', () => {
    const at = (s: bigint): Uint8Array => Uint8Array.from([...signature.subarray(0, 32), ...encode(s)]);
    expect(isSoundSignature(at(order - 1n))).toBe(true);
    expect(isSoundSignature(at(order))).toBe(false);
    expect(isSoundSignature(at((1n << 256n) - 1n))).toBe(false);
  });
});
