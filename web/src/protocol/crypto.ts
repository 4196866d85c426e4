/** The two primitives that the protocol needs. Which implementation stands behind them is found by trial (io/crypto.ts). */
export interface Crypto {
  /** Verify one Ed25519 signature. Never throws on bad input: a bad key or signature is `false`. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  sha256(data: Uint8Array): Promise<Uint8Array>;
}
