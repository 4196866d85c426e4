/** What only real browsers can tell: their WebCrypto, their redirects, their caches and what they send along. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Bundle from './browser.entry';

declare const huma: typeof Bundle;

const BROWSERS = [
  { name: 'chromium', browser: 'chrome', path: '/usr/bin/chromium' },
  { name: 'firefox', browser: 'firefox', path: '/usr/bin/firefox-esr' },
] as const;

/** A name that is not loopback to the browser, so that its page is no secure context. */
const PLAIN_HOST = 'huma.test';
const HERE = fileURLToPath(new URL('.', import.meta.url));
const shared = process.env['HUMA_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const oddCorners = fileURLToPath(new URL('../../../vectors/ed25519/', import.meta.url));
const wycheproof = `${shared}/data/wycheproof/ed25519_test.json`;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

const asked: Asked[] = [];
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'etag' };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const drip: Answer = (_request, response) => {
  response.writeHead(200, CORS);
  const timer = setInterval(() => response.write('x'), 100);
  response.on('close', () => clearInterval(timer));
};

const answers: Record<string, Answer> = {
  '/page': (_request, response) => response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'watched=1; path=/' }).end('<!doctype html><title>x</title>'),
  '/good': (_request, response) => response.writeHead(200, { ...CORS, 'set-cookie': 'watched=1; path=/' }).end('good bytes'),
  '/no-permission': (_request, response) => response.writeHead(200).end('secret'),
  '/away': (_request, response) => response.writeHead(302, { ...CORS, location: '/private' }).end(),
  '/missing': (_request, response) => response.writeHead(404, CORS).end(),
  '/hung': (_request, response) => response.writeHead(200, CORS).flushHeaders(),
  '/drip': drip,
  '/bomb': (_request, response) =>
    response.writeHead(200, { ...CORS, 'content-encoding': 'gzip' }).end(gzipSync(new Uint8Array(30_000_000))),
  '/cut': (_request, response) => {
    response.writeHead(200, { ...CORS, 'content-length': '1000' });
    response.write('only some', () => setTimeout(() => response.destroy(), 50));
  },
  '/kept': (request, response) => {
    const headers = { ...CORS, etag: '"1"', 'cache-control': 'max-age=60' };
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304, headers).end();
    else response.writeHead(200, headers).end('kept bytes');
  },
};

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers });
    (answers[url] ?? answers['/missing'])?.(request, response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** The modules under test as one script, with noble in it. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: `${HERE}browser.entry.ts`, name: 'huma', formats: ['iife'] }, rollupOptions: { output: { codeSplitting: false } } },
  });
  const [output] = (Array.isArray(result) ? result : [result]) as { output: { code?: string }[] }[];
  return output?.output[0]?.code ?? '';
}

const port = (server: Server): number => (server.address() as AddressInfo).port;

for (const { name, browser: kind, path } of BROWSERS) describe.skipIf(!existsSync(path))(`in ${name} (${path} present)`, () => {
  let browser: Browser;
  let page: Page;
  let script: string;
  let home: Server;
  let mirror: Server;

  const open = async (host: string): Promise<Page> => {
    const opened = await browser.newPage();
    await opened.goto(`http://${host}:${port(home)}/page`);
    await opened.evaluate(script);
    return opened;
  };

  const ask = (url: string, more: object = {}): Promise<string> =>
    page.evaluate(
      async (from, bounds) => {
        try {
          const { status, bytes, etag } = await huma.fetchBounded(from, { maxBytes: 1000, firstByteMs: 1500, minBytesPerSecond: 100, ...bounds });
          return `${status} ${new TextDecoder().decode(bytes)} ${etag}`;
        } catch (error) {
          return error instanceof huma.FetchFailed ? `${error.how} ${error.status}` : String(error);
        }
      },
      `http://127.0.0.1:${port(mirror)}${url}`,
      more,
    );

  beforeAll(async () => {
    [script, home, mirror] = await Promise.all([bundle(), serve(), serve()]);
    script = script.replace(/^var huma\s*=/, 'globalThis.huma =');
    browser = await puppeteer.launch({
      browser: kind,
      executablePath: path,
      args: kind === 'chrome' ? ['--no-sandbox', `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`] : [],
      extraPrefsFirefox: { 'network.dns.localDomains': PLAIN_HOST },
    });
    page = await open('127.0.0.1');
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    for (const server of [home, mirror]) {
      server?.closeAllConnections();
      server?.close();
    }
  });

  it('a whole body comes, with nothing of the viewer sent along', async () => {
    expect(await ask('/good')).toBe('200 good bytes null');
    expect(await ask('/good', { cache: 'reload' })).toBe('200 good bytes null');
    const { headers } = asked.filter(({ url }) => url === '/good').at(-1) as Asked;
    expect([headers.cookie, headers.referer]).toEqual([undefined, undefined]);
  });

  it('a redirect is not followed, and its target never asked', async () => {
    expect(await ask('/away')).toBe('redirect null');
    expect(asked.some(({ url }) => url === '/private')).toBe(false);
  });

  it.each([
    ['/missing', 'status 404'],
    ['/no-permission', 'network null'],
    ['/hung', 'timeout null'],
    ['/drip', 'too-slow null'],
    ['/bomb', 'long null'],
    ['/cut', 'network null'],
  ])('%s ends as %s', async (url, how) => {
    expect(await ask(url)).toBe(how);
  });

  it('"anything new?" is asked of another origin by the cache, without asking permission', async () => {
    expect(await ask('/kept')).toBe('200 kept bytes "1"');
    expect(await ask('/kept', { etag: '"1"' })).toBe('200 kept bytes "1"');
    const { method, headers } = asked.filter(({ url }) => url === '/kept').at(-1) as Asked;
    expect([method, headers['if-none-match']]).toEqual(['GET', '"1"']);
    expect(asked.filter((each) => each.method === 'OPTIONS')).toEqual([]);
  });

  it('WebCrypto is chosen where it works', async () => {
    const engines = await page.evaluate(async () => (await huma.chooseCrypto()).engines);
    expect(engines).toEqual({ ed25519: 'webcrypto', sha256: 'webcrypto' });
  });

  it('noble is chosen on plain http', async () => {
    const plain = await open(PLAIN_HOST);
    const found = await plain.evaluate(async () => {
      const crypto = await huma.chooseCrypto();
      const digest = await crypto.sha256(new TextEncoder().encode('abc'));
      return { secure: isSecureContext, engines: crypto.engines, first: digest[0] };
    });
    expect(found).toEqual({ secure: false, engines: { ed25519: 'noble', sha256: 'noble' }, first: 0xba });
    await plain.close();
  });

  it('both engines agree on the odd corners of the curve, and on Wycheproof where it is at hand', async () => {
    const cases = [...readCases()];
    const wrong = await page.evaluate(async (all) => {
      const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
      const engines = [await huma.chooseCrypto(), await huma.nobleCrypto()];
      const found: string[] = [];
      for (const { name, key, message, signature, valid } of all) {
        for (const crypto of engines) {
          const said = await crypto.verifyEd25519(bytes(key), bytes(message), bytes(signature));
          if (said !== valid) found.push(`${name} ${crypto.engines.ed25519} ${said}`);
        }
      }
      return found;
    }, cases);
    expect(cases.length).toBe(existsSync(wycheproof) ? 163 : 12);
    expect(wrong).toEqual([]);
  });

  it('state is kept over a visit, and erased without a trace', async () => {
    const found = await page.evaluate(() => {
      const event = `${'a'.repeat(51)}q`;
      new huma.Memory().saveTrust({ event, root: 3, versions: { timestamp: 4 } });
      const kept = new huma.Memory();
      const root = kept.recall(event).trust?.root;
      kept.leaveNoTrace(true);
      return { root, left: localStorage.length };
    });
    expect(found).toEqual({ root: 3, left: 0 });
  });
});

interface Case {
  name: string;
  key: string;
  message: string;
  signature: string;
  valid: boolean;
}

function* readCases(): Generator<Case> {
  for (const name of readdirSync(oddCorners)) {
    const vector = JSON.parse(readFileSync(oddCorners + name, 'utf8')) as Record<'key' | 'message' | 'signature' | 'expect', string>;
    yield { ...vector, name, valid: vector.expect === 'ok' };
  }
  if (!existsSync(wycheproof)) return;
  const { testGroups } = JSON.parse(readFileSync(wycheproof, 'utf8')) as {
    testGroups: { publicKey: { pk: string }; tests: { tcId: number; msg: string; sig: string; result: string }[] }[];
  };
  for (const { publicKey, tests } of testGroups) {
    for (const { tcId, msg, sig, result } of tests) {
      yield { name: `wycheproof ${tcId}`, key: publicKey.pk, message: msg, signature: sig, valid: result === 'valid' };
    }
  }
}
