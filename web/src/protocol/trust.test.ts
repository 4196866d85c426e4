import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseCrypto, nobleCrypto } from '../io/crypto';
import { parseBoot } from './boot';
import { canonicalBytes } from './canonical';
import type { Crypto } from './crypto';
import { HumaError } from './errors';
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
