/// <reference lib="webworker" />
/**
 * Keeps the page. What was first loaded stays: a navigation is answered from what is kept and never from the network, so that
 * a host that is taken over later cannot quietly serve another page to those who have this one. (It can serve another
 * worker; browsers look for one and no page can forbid it. THREATS, promise 11, says so.)
 */
import { KEPT_DIGEST, KEPT_PLAYER } from './messages';
import type { KeepMessage } from './messages';

declare const self: ServiceWorkerGlobalScope;
declare const __KEPT_FILES__: readonly string[];
declare const __VERSION__: string;

const CACHE = `huma-page-${__VERSION__}`;
const PLAYER_CACHE = 'huma-player';
const FRONT: readonly string[] = ['', 'index.html', 'local.html'];

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = [pageFor(new URL(self.location.href)), ...__KEPT_FILES__.filter((file) => file.endsWith('.js'))];
  await cache.addAll(wanted);
}

async function dropOld(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith('huma-page-') && name !== CACHE) await caches.delete(name);
  }
}

self.addEventListener('install', (event) => event.waitUntil(keepAll()));
self.addEventListener('activate', (event) => event.waitUntil(dropOld().then(() => self.clients.claim())));

/** The page by its own name; the bare address is the page that fits how it is served. */
function pageFor(url: URL): string {
  const own = /\/(index|local)\.html$/.exec(url.pathname)?.[1];
  return `./${own ?? (url.protocol === 'https:' ? 'index' : 'local')}.html`;
}

async function answerNavigation(url: URL): Promise<Response> {
  const player = await (await caches.open(PLAYER_CACHE)).match(KEPT_PLAYER);
  const kept = player ?? (await (await caches.open(CACHE)).match(pageFor(url)));
  return kept ?? fetch(url);
}

/** Files are named by their content: what was fetched once need not be fetched again. */
async function answerFile(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(self.registration.scope);
  if (request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const file = url.pathname.slice(scope.pathname.length);
  if (request.mode === 'navigate' && FRONT.includes(file)) event.respondWith(answerNavigation(url));
  else if (file.startsWith('assets/') && __KEPT_FILES__.includes(file)) event.respondWith(answerFile(request));
  // all else, mirrors on this very host included, goes its own way
});

const toHex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The page has verified this player against the signed targets; what is kept is what the digest names, or nothing. */
async function keepPlayer({ digest, page }: KeepMessage): Promise<void> {
  if (toHex(await crypto.subtle.digest('SHA-256', page)) !== digest) return;
  const cache = await caches.open(PLAYER_CACHE);
  const headers = { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' };
  await cache.put(KEPT_PLAYER, new Response(page, { headers }));
  await cache.put(KEPT_DIGEST, new Response(digest));
}

self.addEventListener('message', (event) => {
  const message = event.data as KeepMessage | null;
  if (message?.type === 'keep') event.waitUntil(keepPlayer(message));
});
