/**
 * The page's side of keeping itself (PROTOCOL 10): a service worker holds the page, so that it starts without any network.
 * It is replaced only by a player whose hash stands in the signed targets, and only where the page is pinned to the event
 * that signed them: on a page for any event, an organiser could otherwise put a player of theirs under everybody's event.
 */
import type { Asked } from '../io/anymirror';
import type { FetchFile, Source } from '../io/anymirror';
import { fromAnyMirror } from '../io/anymirror';
import type { Trust } from '../io/trustloader';
import { PLAYER_MAX_BYTES } from '../protocol/limits';
import type { KeepMessage } from './worker/messages';
import { KEPT_DIGEST } from './worker/messages';

const PLAYER = 'player.html';

const canBeKept = (): boolean =>
  'serviceWorker' in navigator && window.isSecureContext && location.protocol !== 'file:' && window.top === window;

/** Ask the browser to keep this page. Never in the way of the first picture. */
async function keepPage(): Promise<void> {
  if (!canBeKept()) return;
  try {
    await navigator.serviceWorker.register('./sw.js', { scope: './' });
  } catch {
    // no sw.js beside this page, or the browser denies it: the page works without
  }
}

/** Leave no trace: the worker goes, and all that it kept. */
export async function forgetPage(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
    for (const name of await caches.keys()) if (name.startsWith('huma-')) await caches.delete(name);
  } catch {
    // storage is denied: nothing was kept either
  }
}

export interface HandoverPorts {
  readonly trust: Trust;
  readonly pinned: boolean;
  readonly sources: readonly Source[];
  readonly fetchFile: FetchFile;
}

/** Fetch the signed player if it is another than the kept one, verify it, and hand it to the worker. */
async function handOver({ trust, pinned, sources, fetchFile }: HandoverPorts): Promise<boolean> {
  const worker = canBeKept() ? (await navigator.serviceWorker.ready).active : null;
  if (worker === null || !pinned || !trust.documents.lists(PLAYER)) return false;
  const path = trust.documents.targetPath(PLAYER);
  const digest = path.slice('targets/'.length, -`.${PLAYER}`.length);
  if ((await keptDigest()) === digest) return false;
  const { answers }: Asked<Uint8Array> = await fromAnyMirror(fetchFile, sources, path, { maxBytes: PLAYER_MAX_BYTES }, (bytes) =>
    trust.documents.target(PLAYER, bytes),
  );
  const page = answers[0]?.found;
  if (page === undefined) return false;
  const message: KeepMessage = { type: 'keep', digest, page: page.slice().buffer };
  worker.postMessage(message, [message.page]);
  return true;
}

const KEEP_AFTER_MS = 4_000;

export interface KeepingPorts {
  /** The viewer wants no trace. */
  readonly unwanted: () => boolean;
  readonly mayKeepNow: () => boolean;
  readonly handover: () => HandoverPorts | null;
}

/** When something plays and has enough ready: keep the page, and look whether the organiser has signed another player. */
export function keepLater(ports: KeepingPorts): void {
  setTimeout(() => {
    if (ports.unwanted()) return;
    if (ports.mayKeepNow()) void keepNow(ports);
    else keepLater(ports);
  }, KEEP_AFTER_MS);
}

async function keepNow({ unwanted, handover }: KeepingPorts): Promise<void> {
  await keepPage();
  const ports = handover();
  if (ports !== null && !unwanted()) await handOver(ports);
}

async function keptDigest(): Promise<string | null> {
  try {
    return (await (await caches.match(KEPT_DIGEST))?.text()) ?? null;
  } catch {
    return null;
  }
}

