/** The edge cases of Ed25519 that others collected: WebCrypto and noble must agree with Python on every one. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { type ChosenCrypto, chooseCrypto, nobleCrypto } from '../io/crypto';
import { HumaError } from './errors';
import { fromHex } from './names';
import { parsePublicKey, parseSignature } from './signature';

const DATA = process.env['HUMA_TEST_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const SPECCHECK = `${DATA}/ed25519-speccheck/cases.json`;
const WYCHEPROOF = `${DATA}/wycheproof/ed25519_test.json`;
const ENGINES: readonly (readonly [string, () => Promise<ChosenCrypto>])[] = [
  ['webcrypto', chooseCrypto],
  ['noble', nobleCrypto],
];

interface Case {
  readonly public: string;
  readonly message: string;
  readonly signature: string;
}

async function judge(each: Case, crypto: ChosenCrypto): Promise<boolean> {
  try {
    const key = parsePublicKey(each.public);
    return await crypto.verifyEd25519(key, fromHex(each.message), fromHex(each.signature));
  } catch (error) {
    if (error instanceof HumaError) return false;
    throw error;
  }
}

describe.each(ENGINES)('%s', (engine, choose) => {
  it('is the engine that is asked', async () => expect((await choose()).engines.ed25519).toBe(engine));

  it.skipIf(!existsSync(SPECCHECK))('accepts one of the twelve cases of speccheck (skipped: HUMA_TEST_DATA has none)', async () => {
    const crypto = await choose();
    const cases = JSON.parse(readFileSync(SPECCHECK, 'utf8')) as { pub_key: string; message: string; signature: string }[];
    const accepted: number[] = [];
    for (const [n, { pub_key, message, signature }] of cases.entries()) {
      if (await judge({ public: pub_key, message, signature }, crypto)) accepted.push(n);
    }
    expect(cases.length).toBe(12);
    expect(accepted).toEqual([3]);
  });

  it.skipIf(!existsSync(WYCHEPROOF))('agrees with all of wycheproof (skipped: HUMA_TEST_DATA has none)', async () => {
    const crypto = await choose();
    const { testGroups } = JSON.parse(readFileSync(WYCHEPROOF, 'utf8')) as {
      testGroups: { publicKey: { pk: string }; tests: { tcId: number; msg: string; sig: string; result: string }[] }[];
    };
    const wrong: number[] = [];
    let count = 0;
    for (const group of testGroups) {
      for (const { tcId, msg, sig, result } of group.tests) {
        count += 1;
        const good = await judge({ public: group.publicKey.pk, message: msg, signature: sig }, crypto);
        if (good !== (result === 'valid')) wrong.push(tcId);
      }
    }
    expect(count).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
  });
});

describe('parseSignature', () => {
  it('reads 86 letters', () => {
    expect(parseSignature('A'.repeat(86))).toEqual(new Uint8Array(64));
    expect(parseSignature(`${'_'.repeat(85)}w`)).toEqual(new Uint8Array(64).fill(255));
  });
  it.each(['', 'A'.repeat(85), 'A'.repeat(87), `${'A'.repeat(85)}B`, `${'A'.repeat(84)}==`, `${'A'.repeat(85)}=`])('refuses %s', (text) => {
    expect(() => parseSignature(text)).toThrow(HumaError);
  });
});
