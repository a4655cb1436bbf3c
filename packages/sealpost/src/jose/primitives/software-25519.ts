/**
 * X25519 and Ed25519 by noble, for engines whose WebCrypto lacks them.
 *
 * @module
 */
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import type { SoftwareCurve } from './software-curve.ts'

const { Point } = ed25519

export const x25519Curve: SoftwareCurve = {
  generate: () => x25519.utils.randomSecretKey(),
  publicKeyOf: (secret) => x25519.getPublicKey(secret),
  // RFC 7748, section 5: every 32 octets are a public key. Those of low order fail when they are used.
  checkPublicKey: () => {},
  agree: (secret, publicKey) => x25519.getSharedSecret(secret, publicKey),
}

export const ed25519Curve: SoftwareCurve = {
  generate: () => ed25519.utils.randomSecretKey(),
  publicKeyOf: (secret) => ed25519.getPublicKey(secret),
  checkPublicKey: (publicKey) => void Point.fromBytes(publicKey, false),
  sign: (secret, data) => ed25519.sign(data, secret),
  verify: verifyWithoutCofactor,
}

/**
 * Holds where R equals SB − kA octet for octet, as in OpenSSL and BoringSSL. The verifier of noble multiplies both sides by the
 * cofactor, so that a signer with a key of mixed order could make a signature that holds on some engines and fails on others.
 */
function verifyWithoutCofactor(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32)
  const a = Point.fromBytes(publicKey, false)
  const k = Point.Fn.create(littleEndian(sha512.create().update(r).update(publicKey).update(data).digest()))
  const expected = Point.BASE.multiplyUnsafe(littleEndian(signature.subarray(32)))
    .subtract(a.multiplyUnsafe(k))
    .toBytes()
  return expected.every((octet, i) => octet === r[i])
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (const octet of bytes.toReversed()) value = (value << 8n) | BigInt(octet)
  return value
}
