import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FetchBounds, FetchFailed, fetchBounded } from './fetch';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const bounds: FetchBounds = { maxBytes: 100_000, firstByteMs: 1_000, minBytesPerSecond: 1_000 };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const asked: IncomingMessage[] = [];
const closed: string[] = [];
let server: Server;
let base: string;

/** A drip: a byte every 50 ms until the reader hangs up. */
const drip: Answer = (_request, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
};

const flood: Answer = (_request, response) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(new Uint8Array(10_000)));
  };
  response.on('drain', more);
  more();
};

const answers: Record<string, Answer> = {
  '/good': (_request, response) => response.writeHead(200, { etag: '"1"' }).end('good bytes'),
  '/empty': (_request, response) => response.writeHead(200).end(),
  '/missing': (_request, response) => response.writeHead(404).end('no'),
  '/part': (_request, response) => response.writeHead(206).end('part'),
  '/away': (_request, response) => response.writeHead(302, { location: '/good' }).end(),
  '/loop': (_request, response) => response.writeHead(307, { location: '/loop' }).end(),
  '/dead': () => undefined,
  '/headers-only': (_request, response) => response.writeHead(200).flushHeaders(),
  '/drip': drip,
  '/flood': flood,
  '/announced-flood': (_request, response) => response.writeHead(200, { 'content-length': '1000000000' }).flushHeaders(),
  '/bomb': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(new Uint8Array(50_000_000))),
  '/gzip': (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('unpacked')),
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('only some', () => response.destroy());
  },
  '/burst-then-nothing': (_request, response) => {
    response.writeHead(200);
    response.write('x'.repeat(20_000));
  },
  '/conditional': (request, response) =>
    request.headers['if-none-match'] === '"1"' ? response.writeHead(304).end() : response.writeHead(200).end('new'),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    response.on('close', () => closed.push(request.url ?? ''));
    (answers[request.url ?? ''] ?? answers['/missing'])?.(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const failure = async (path: string, more: Partial<FetchBounds> = {}): Promise<FetchFailed> => {
  const error = await fetchBounded(base + path, { ...bounds, ...more }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FetchFailed);
  return error as FetchFailed;
};

describe('a whole body', () => {
  it('comes with its ETag, and tells first byte and progress', async () => {
    const told: (number | string)[] = [];
    const { status, bytes, etag } = await fetchBounded(`${base}/good`, {
      ...bounds,
      exactBytes: 10,
      onFirstByte: () => told.push('first'),
      onProgress: (count) => told.push(count),
    });
    expect([status, text(bytes), etag, told]).toEqual([200, 'good bytes', '"1"', ['first', 10]]);
  });

  it('may be empty, and is unpacked', async () => {
    expect((await fetchBounded(`${base}/empty`, bounds)).bytes).toHaveLength(0);
    expect(text((await fetchBounded(`${base}/gzip`, bounds)).bytes)).toBe('unpacked');
  });

  it('may be exactly the limit', async () => {
    expect((await fetchBounded(`${base}/good`, { ...bounds, maxBytes: 10 })).bytes).toHaveLength(10);
    expect((await failure('/good', { maxBytes: 9 })).how).toBe('long');
  });

  it('is asked for without cookie, referrer or credentials', async () => {
    await fetchBounded(`${base}/good`, bounds);
    const headers = asked.at(-1)?.headers ?? {};
    for (const name of ['cookie', 'referer', 'authorization', 'if-none-match']) expect(headers[name]).toBeUndefined();
  });

  it('is not sent again when nothing is new', async () => {
    const { status, bytes } = await fetchBounded(`${base}/conditional`, { ...bounds, etag: '"1"' });
    expect([status, bytes.length]).toEqual([304, 0]);
    expect((await fetchBounded(`${base}/conditional`, { ...bounds, etag: '"0"' })).status).toBe(200);
  });
});

describe('a mirror that', () => {
  it.each([
    ['/missing', 404],
    ['/part', 206],
  ])('answers %s is refused with its status', async (path, status) => {
    expect(await failure(path)).toMatchObject({ how: 'status', status, code: 'transport' });
  });

  it('answers 304 unasked is refused', async () => {
    answers['/unasked'] = (_request, response) => response.writeHead(304).end();
    expect(await failure('/unasked')).toMatchObject({ how: 'status', status: 304 });
  });

  it.each(['/away', '/loop'])('redirects (%s) is not followed', async (path) => {
    const before = asked.length;
    expect((await failure(path)).how).toBe('redirect');
    expect(asked.slice(before).map(({ url }) => url)).toEqual([path]);
  });

  it.each(['/dead', '/headers-only'])('says nothing (%s) is left in time, and its connection closed', async (path) => {
    const start = performance.now();
    expect((await failure(path, { firstByteMs: 200 })).how).toBe('timeout');
    expect(performance.now() - start).toBeLessThan(1_500);
    await expect.poll(() => closed.includes(path)).toBe(true);
  });

  it('drips is left after a window', async () => {
    expect((await failure('/drip')).how).toBe('too-slow');
  });

  it('sends a burst and then nothing is left after a window', async () => {
    expect((await failure('/burst-then-nothing')).how).toBe('too-slow');
  });

  it('drips within the rate asked is not too slow', async () => {
    expect((await failure('/drip', { minBytesPerSecond: 5, maxBytes: 60 })).how).toBe('long');
  });

  it.each(['/flood', '/bomb', '/announced-flood'])('sends %s is cut off at the limit', async (path) => {
    let most = 0;
    expect((await failure(path, { onProgress: (count) => (most = count) })).how).toBe('long');
    expect(most).toBeLessThanOrEqual(bounds.maxBytes);
    await expect.poll(() => closed.includes(path)).toBe(true);
  });

  it('hangs up in the middle is a network fault', async () => {
    expect((await failure('/cut')).how).toBe('network');
  });

  it('sends fewer or more bytes than were signed', async () => {
    expect((await failure('/good', { exactBytes: 11 })).how).toBe('short');
    expect((await failure('/good', { exactBytes: 9 })).how).toBe('long');
  });

  it('is not there is a network fault', async () => {
    const error = await fetchBounded('http://127.0.0.1:1/', bounds).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ how: 'network' });
  });
});

describe('a page that slept', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('does not call the mirror slow for that', async () => {
    answers['/while-asleep'] = (_request, response) => {
      response.writeHead(200);
      response.write('x'.repeat(10));
      setTimeout(() => response.end('y'.repeat(10)), 900);
    };
    const real = performance.now.bind(performance);
    let slept = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => real() + slept);
    const fetched = fetchBounded(`${base}/while-asleep`, {
      ...bounds,
      onFirstByte: () => setTimeout(() => (slept = 60_000), 300),
    });
    expect((await fetched).bytes).toHaveLength(20);
  });
});

describe('the caller', () => {
  it('may cancel before and during', async () => {
    expect((await failure('/good', { signal: AbortSignal.abort() })).how).toBe('cancelled');
    const controller = new AbortController();
    expect((await failure('/flood', { signal: controller.signal, onFirstByte: () => controller.abort() })).how).toBe(
      'cancelled',
    );
  });
});
