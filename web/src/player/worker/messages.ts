/** Between the page and its service worker. */
export interface KeepMessage {
  readonly type: 'keep';
  /** The hexadecimal SHA-256 of `page`, as the signed targets list it. The worker checks it again. */
  readonly digest: string;
  readonly page: ArrayBuffer;
}

/** Under these names the worker keeps a replacing player, and the digest of it. They are no addresses of the server. */
export const KEPT_PLAYER = './huma-kept-player';
export const KEPT_DIGEST = './huma-kept-digest';
