/**
 * SHA-256 and Ed25519, chosen by trying them (PROTOCOL 10): the browser's own where it truly works, else noble's.
 *
 * A feature test by name is not enough: browsers before 2025 know `crypto.subtle` and not Ed25519, and a page on plain
 * http has no `crypto.subtle` at all. Each primitive is chosen by itself, because SHA-256 carries all the media.
 */
import type { Crypto } from '../protocol/crypto';
import { isSoundPublicKey, isSoundSignature } from '../protocol/ed25519';

export type Engine = 'webcrypto' | 'noble';

/** The chosen primitives, and which engine stands behind each (shown in the page's details, and in benchmarks). */
export interface ChosenCrypto extends Crypto {
  readonly engines: { readonly ed25519: Engine; readonly sha256: Engine };
}

type Verify = Crypto['verifyEd25519'];
type Digest = Crypto['sha256'];

const KEYS_KEPT = 64;

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** RFC 8032, 7.1, test 2; FIPS 180-4's "abc". */
const TRIAL_KEY = fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
const TRIAL_MESSAGE = fromHex('72');
const TRIAL_SIGNATURE = fromHex(
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
);
const TRIAL_TEXT = fromHex('616263');
const TRIAL_DIGEST = fromHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Refuse the odd corners before any engine sees them; a thrown error of an engine is a bad signature, never ours. */
function strictly(verify: Verify): Verify {
  return async (publicKey, message, signature) => {
    if (!isSoundPublicKey(publicKey) || !isSoundSignature(signature)) return false;
    try {
      return await verify(publicKey, message, signature);
    } catch {
      return false;
    }
  };
}

function webVerify(subtle: SubtleCrypto): Verify {
  const keys = new Map<string, Promise<CryptoKey>>();
  const imported = (publicKey: Uint8Array): Promise<CryptoKey> => {
    const name = publicKey.join();
    let key = keys.get(name);
    if (key === undefined) {
      if (keys.size >= KEYS_KEPT) keys.clear();
      key = subtle.importKey('raw', publicKey.slice(), { name: 'Ed25519' }, false, ['verify']);
      keys.set(name, key);
    }
    return key;
  };
  return async (publicKey, message, signature) =>
    subtle.verify({ name: 'Ed25519' }, await imported(publicKey), signature as BufferSource, message as BufferSource);
}

const webDigest =
  (subtle: SubtleCrypto): Digest =>
  async (bytes) =>
    new Uint8Array(await subtle.digest('SHA-256', bytes as BufferSource));

async function nobleVerify(): Promise<Verify> {
  return (await import('./noble')).verifyEd25519;
}

async function nobleDigest(): Promise<Digest> {
  return (await import('./noble')).sha256;
}

/** Right on a true signature and on a false one. */
async function verifies(verify: Verify): Promise<boolean> {
  try {
    const good = await verify(TRIAL_KEY, TRIAL_MESSAGE, TRIAL_SIGNATURE);
    const bad = await verify(TRIAL_KEY, TRIAL_TEXT, TRIAL_SIGNATURE);
    return good && !bad;
  } catch {
    return false;
  }
}

async function digests(digest: Digest): Promise<boolean> {
  try {
    return same(await digest(TRIAL_TEXT), TRIAL_DIGEST);
  } catch {
    return false;
  }
}

/**
 * Try WebCrypto, and take noble for what fails; noble is a chunk of its own, loaded only then.
 *
 * `subtle` is an argument for tests and for measuring noble by itself (pass `null`).
 */
export async function chooseCrypto(
  subtle: SubtleCrypto | null = globalThis.crypto?.subtle ?? null,
): Promise<ChosenCrypto> {
  const byWeb = subtle !== null && (await verifies(webVerify(subtle)));
  const digestByWeb = subtle !== null && (await digests(webDigest(subtle)));
  return {
    engines: { ed25519: byWeb ? 'webcrypto' : 'noble', sha256: digestByWeb ? 'webcrypto' : 'noble' },
    verifyEd25519: strictly(byWeb ? webVerify(subtle) : await nobleVerify()),
    sha256: digestByWeb ? webDigest(subtle) : await nobleDigest(),
  };
}

/** Noble for both, whatever the browser can do. */
export async function nobleCrypto(): Promise<ChosenCrypto> {
  return {
    engines: { ed25519: 'noble', sha256: 'noble' },
    verifyEd25519: strictly(await nobleVerify()),
    sha256: await nobleDigest(),
  };
}
