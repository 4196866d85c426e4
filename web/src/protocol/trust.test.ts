import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseCrypto, nobleCrypto } from '../io/crypto';
import { parseBoot } from './boot';
import { canonicalBytes } from './canonical';
import type { Crypto } from './crypto';
import { HumaError } from './errors';
import { type Head, verifySigned } from './metadata';
import { parseRoster } from './roster';
import { type Json, encodeUtf8, parseJson } from './strictjson';
import { TrustedDocuments, parseTrustState } from './trust';

interface Step {
  readonly path: string;
  readonly text: string;
}

interface Vector {
  readonly why: string;
  readonly expect: string;
  readonly event: string;
  readonly root: string;
  readonly now: number;
  readonly state?: Json;
  readonly steps: readonly Step[];
  readonly result?: Readonly<Record<string, unknown>>;
}

const folder = fileURLToPath(new URL('../../../vectors/trust/', import.meta.url));
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name.slice(0, -5), JSON.parse(readFileSync(folder + name, 'utf8')) as Vector] as const);

/** What a vector leads to. Each step replaces `documents`, or throws and leaves it. */
class Run {
  private found: Record<string, unknown> = {};

  private constructor(
    readonly now: number,
    public documents: TrustedDocuments,
  ) {}

  static async start(vector: Vector, crypto: Crypto): Promise<Run> {
    const state = vector.state === undefined ? null : parseTrustState(vector.state);
    return new Run(vector.now, await TrustedDocuments.start(vector.event, encodeUtf8(vector.root), crypto, state));
  }

  async step({ path, text }: Step): Promise<void> {
    const data = encodeUtf8(text);
    if (path === 'trust/boot.json') this.documents = await this.documents.take(parseBoot(data));
    else if (path === 'live/revoked.json') this.found['revoked'] = await this.documents.revoked(data);
    else if (path.startsWith('targets/')) await this.target(path, data);
    else this.documents = await this.documents.update(path, data);
  }

  private async target(path: string, data: Uint8Array): Promise<void> {
    const name = path.slice(path.indexOf('.') + 1);
    if (name === 'event.json') await this.documents.event(data);
    else if (name === 'steering.json') this.found['weights'] = (await this.documents.steering(data, this.now)).weights;
    else this.found['mirrors'] = parseRoster(await this.documents.target(name, data)).mirrors.map(({ id }) => id);
    expect(this.documents.targetPath(name)).toBe(path);
  }

  results(): Record<string, unknown> {
    const { rootVersion, wanted, state } = this.documents;
    return { ...this.found, root: rootVersion, wanted, versions: state.versions, expired: this.documents.expired(this.now) };
  }
}

const codeOf = async (doing: Promise<unknown>): Promise<string> => {
  try {
    await doing;
  } catch (error) {
    if (error instanceof HumaError) return error.code;
    throw error;
  }
  return 'ok';
};

describe.each([
  ['the browser', () => chooseCrypto()],
  ['noble', () => nobleCrypto()],
])('with the crypto of %s', (_name, make) => {
  let crypto: Crypto;
  beforeAll(async () => {
    crypto = await make();
  });

  it.each(vectors)('%s', async (_why, vector) => {
    const last = vector.steps.at(-1);
    if (last === undefined) {
      expect(await codeOf(Run.start(vector, crypto))).toBe(vector.expect);
      return;
    }
    const run = await Run.start(vector, crypto);
    for (const step of vector.steps.slice(0, -1)) await run.step(step);
    const before = run.documents;
    expect(await codeOf(run.step(last))).toBe(vector.expect);
    if (vector.expect === 'ok') {
      const results = run.results();
      for (const [name, value] of Object.entries(vector.result ?? {})) expect(results[name], name).toEqual(value);
    } else expect(run.documents).toBe(before);
  });
});

it('there are as many vectors as for Python', () => {
  expect(vectors.filter(([, { expect: wanted }]) => wanted !== 'ok').length).toBeGreaterThanOrEqual(60);
  for (const [, { expect: wanted, result, steps }] of vectors) {
    if (wanted === 'ok') expect(steps.length > 0 && result !== undefined).toBe(true);
  }
});

describe('what vectors do not say', () => {
  const [, whole] = vectors.find(([name]) => name === 'whole-repository') as (typeof vectors)[number];
  const start = async (crypto?: Crypto): Promise<TrustedDocuments> =>
    TrustedDocuments.start(whole.event, encodeUtf8(whole.root), crypto ?? (await nobleCrypto()));

  it('out of order is our own mistake', async () => {
    const documents = await start();
    for (const { path, text } of whole.steps.slice(1, 5)) {
      expect(await codeOf(documents.update(path, encodeUtf8(text))), path).toBe('bug');
    }
  });

  it('a roster before its snapshot is our own mistake, though targets delegate to it', async () => {
    let documents = await start();
    const [timestamp, , , roster] = whole.steps as [Step, Step, Step, Step];
    documents = await documents.update(timestamp.path, encodeUtf8(timestamp.text));
    expect(await codeOf(documents.update('trust/1.targets.json', encodeUtf8(roster.text)))).toBe('bug');
  });

  it.each(['trust/0.root.json', 'trust/01.root.json', 'trust/boot.json', 'trust/2.timestamp.json', 'live/x.m3u8', ''])(
    'only trust documents are taken: not %j',
    async (path) => {
      expect(await codeOf((await start()).update(path, encodeUtf8('{}')))).toBe('malformed');
    },
  );

  it('a fault of our own crypto is not laid at the door of a revocation', async () => {
    const [, vector] = vectors.find(([name]) => name === 'revocation') as (typeof vectors)[number];
    let broken = false;
    const noble = await nobleCrypto();
    const crypto: Crypto = {
      sha256: noble.sha256,
      verifyEd25519: (...args) => (broken ? Promise.reject(new TypeError('broken')) : noble.verifyEd25519(...args)),
    };
    const documents = await TrustedDocuments.start(vector.event, encodeUtf8(vector.root), crypto);
    broken = true;
    await expect(documents.revoked(encodeUtf8(vector.steps[0]?.text ?? ''))).rejects.toThrow(TypeError);
  });

  it('a signature with an R of small order counts for nothing', async () => {
    const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const key = bytes('f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43');
    const payload = bytes('aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab');
    const signature = bytes(
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e',
    );
    const head: Head = { role: 'timestamp', version: 1, expiresMs: 0, digest: '', payload, signatures: new Map([['a', signature]]) };
    for (const crypto of [await chooseCrypto(), await nobleCrypto()]) {
      expect(await codeOf(verifySigned(head, { threshold: 1, keys: new Map([['a', key]]) }, crypto))).toBe('bad-signature');
    }
  });

  it.each<Json>([
    null, [], {}, { event: 'x', root: 1, versions: {} }, { event: whole.event, root: 0, versions: {} },
    { event: whole.event, root: 1, versions: { timestamp: '1' } },
    { event: whole.event, root: 1, versions: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, 1])) },
  ])('spoilt state is refused: %j', (value) => {
    expect(() => parseTrustState(value)).toThrow(HumaError);
  });
});

describe('canonical JSON', () => {
  const text = (value: string): string => new TextDecoder().decode(canonicalBytes(parseJson(encodeUtf8(value), 10_000)));

  it('is the form that was signed', () => {
    expect(text('{"b": [1, -2, true, null, {}], "a": "\\u0041\\u06af\\\\\\"\\n\\/"}')).toBe(
      '{"a":"Aگ\\\\\\"\n/","b":[1,-2,true,null,{}]}',
    );
  });

  it('sorts names that look like numbers as text', () => {
    expect(text('{"10":1,"9":2,"__proto__":3,"A":4}')).toBe('{"10":1,"9":2,"A":4,"__proto__":3}');
  });

  it.each(['{"é":1}', '[{"a":{"\\ud83d\\ude00":1}}]', '"\\ud800"', '["\\udc00 "]'])('refuses %s', (value) => {
    expect(() => text(value)).toThrow(HumaError);
  });
});
