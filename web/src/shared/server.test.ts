import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnyState } from './state';
import { Refusal, Server as AnyServer } from './server';

const PATIENCE = { ask: 2_000, command: 5_000 };

class Server extends AnyServer<AnyState, { lay: object; choose: object }> {
  constructor(token: string, ask: typeof fetch) {
    super(token, PATIENCE, ask);
  }
}
const aState = (): object => ({ v: 1 });


const asked = (): { calls: [string, RequestInit][]; answer: (response: Response | (() => Promise<Response>)) => typeof fetch } => {
  const calls: [string, RequestInit][] = [];
  return {
    calls,
    answer: (response) => (url, init) => {
      calls.push([String(url), init ?? {}]);
      return typeof response === 'function' ? response() : Promise.resolve(response);
    },
  };
};
const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status });

async function refusalOf(asking: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await asking.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the server', () => {
  it('is asked with the token in a header, never in the address', async () => {
    const { calls, answer } = asked();
    expect((await new Server('secret', answer(json(aState()))).state()).v).toBe(1);
    expect(calls[0]?.[0]).toBe('state');
    expect(calls[0]?.[1].headers).toEqual({ 'X-Huma-Token': 'secret' });
    expect(calls[0]?.[1].redirect).toBe('error');
  });

  it('takes a command as JSON', async () => {
    const { calls, answer } = asked();
    expect(await new Server('t', answer(json({ v: 1, offset_ms: 20 }))).command('lay', { language: 'fa', offset_ms: 20 })).toEqual({ v: 1, offset_ms: 20 });
    expect(calls[0]?.[0]).toBe('do/lay');
    expect(calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"language":"fa","offset_ms":20}' });
  });

  it('says why it refuses', async () => {
    const { answer } = asked();
    const refusal = await refusalOf(new Server('t', answer(json({ code: 'input-away', message: 'm', hint: 'h' }, 409))).command('choose', { input: 'backup' }));
    expect([refusal.status, refusal.code, refusal.message, refusal.hint]).toEqual([409, 'input-away', 'm', 'h']);
    expect(refusal.isStranger).toBe(false);
    expect((await refusalOf(new Server('t', answer(json({ code: 'token' }, 403))).state())).isStranger).toBe(true);
  });

  it.each([
    ['no JSON', new Response('<html>', { status: 502 }), 502, 'http-502'],
    ['nothing at all', new Response('', { status: 200 }), 200, 'http-200'],
    ['codes that are none', json({ code: 7, message: {} }, 500), 500, 'http-500'],
  ])('may answer %s', async (_why, response, status, code) => {
    const refusal = await refusalOf(new Server('t', asked().answer(response)).state());
    expect([refusal.status, refusal.code, refusal.message]).toEqual([status, code, '']);
  });

  it('may be away, or hang: then it is left in time', async () => {
    expect((await refusalOf(new Server('t', () => Promise.reject(new TypeError('refused'))).state())).code).toBe('away');
    const hanging: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))));
    const waiting = refusalOf(new Server('t', hanging).state());
    await vi.advanceTimersByTimeAsync(PATIENCE.ask);
    expect((await waiting).status).toBe(0);
  });
});
