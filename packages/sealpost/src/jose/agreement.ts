/**
 * Key agreement: from shared secrets to the key that wraps the content key. ECDH-ES, and ECDH-1PU in its draft 04, where the tag
 * of the content goes into the derivation, so that no recipient can forge to the others (SEC-04).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-4.6.2 | RFC 7518, section 4.6.2},
 * {@link https://datatracker.ietf.org/doc/html/draft-madden-jose-ecdh-1pu-04#section-2.3 | ECDH-1PU draft 04, section 2.3}
 * @module
 */
import { primitives } from '#primitives'
import { boundedMap } from '../bounded-map.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { KeyAlgorithm } from './algorithms.ts'
import type { KeyUse, Later, PublicJwk, PublicKey } from './primitives/primitives.ts'

/** What both sides put into the derivation beside the secrets. */
export type KdfContext = {
  readonly alg: KeyAlgorithm
  /** Octets, base64url-decoded; empty where the header has none (KWA-03). */
  readonly apu: Uint8Array
  readonly apv: Uint8Array
  /** The tag of the content: for ECDH-1PU alone (KWA-04, KWA-05). */
  readonly tag: Uint8Array | undefined
}

/** Derives the key-encryption key from the secret with the ephemeral key and, for ECDH-1PU, the one between the static keys. */
export type DeriveKek = (ephemeralSecret: Uint8Array, staticSecret?: Uint8Array) => Later<Uint8Array>

const keyBits = 256

/**
 * The Concat KDF with SHA-256, for all recipients of an envelope: one round, since the key has 256 bits on every curve (KWA-01).
 *
 *     SHA-256(00000001 || Ze || Zs || len(alg) || alg || len(apu) || apu || len(apv) || apv || 00000100 [|| len(tag) || tag])
 *
 * AlgorithmID is the value of `alg`, not of `enc` (KWA-02); the ephemeral secret comes first (KWA-06); the tag has its length
 * before it, and stands in SuppPubInfo (KWA-05).
 */
export function concatKdf({ alg, apu, apv, tag }: KdfContext): DeriveKek {
  const parts = [withLength(encodeUtf8(alg)), withLength(apu), withLength(apv), uint32(keyBits)]
  if (tag !== undefined) parts.push(withLength(tag))
  const otherInfo = join(parts)
  let input = new Uint8Array(0)
  return (ephemeralSecret, staticSecret = none) => {
    const secretLength = ephemeralSecret.length + staticSecret.length
    if (input.length !== 4 + secretLength + otherInfo.length) {
      input = new Uint8Array(4 + secretLength + otherInfo.length)
      input[3] = 1
      input.set(otherInfo, 4 + secretLength)
    }
    input.set(ephemeralSecret, 4)
    input.set(staticSecret, 4 + ephemeralSecret.length)
    return primitives.sha256(input)
  }
}

const none = new Uint8Array(0)

function withLength(octets: Uint8Array): Uint8Array {
  return join([uint32(octets.length), octets])
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

// Importing a key costs about as much as a tenth of using it; more on the larger curves.
const imported = boundedMap<string, PublicKey>(2048)

/** Imports a public key that is likely to come again. Never for ephemeral keys. */
export function importLastingKey(jwk: PublicJwk, use: KeyUse): Later<PublicKey> {
  const name = `${use} ${jwk.crv} ${jwk.x} ${jwk.y ?? ''}`
  const known = imported.get(name)
  if (known !== undefined) return known
  const key = primitives.importPublicKey(jwk, use)
  if (key instanceof Promise) {
    return key.then((ready) => {
      imported.set(name, ready)
      return ready
    })
  }
  imported.set(name, key)
  return key
}
