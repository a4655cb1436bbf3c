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
import { andThen, type Later } from './later.ts'
import type { KeyUse, PublicJwk, PublicKey } from './primitives/primitives.ts'

/** What both sides put into the derivation beside the secrets. */
export type KdfContext = {
  readonly alg: KeyAlgorithm
  /** Octets, base64url-decoded; empty where the header has none (KWA-03). */
  readonly apu: Uint8Array
  readonly apv: Uint8Array
  /** The tag of the content: for ECDH-1PU alone (KWA-04, KWA-05, G-03). */
  readonly tag: Uint8Array | undefined
}

/** Derives the key-encryption key from the secret with the ephemeral key and, for ECDH-1PU, the one between the static keys. */
export type DeriveKek = (ephemeralSecret: Uint8Array, staticSecret?: Uint8Array) => Later<Uint8Array>

const keyBits = 256

/**
 * The Concat KDF with SHA-256, for all recipients of an envelope: one round, since the key has 256 bits on every curve (KWA-01, G-04).
 *
 *     SHA-256(00000001 || Ze || Zs || len(alg) || alg || len(apu) || apu || len(apv) || apv || 00000100 [|| len(tag) || tag])
 *
 * AlgorithmID is the value of `alg`, not of `enc` (KWA-02); the ephemeral secret comes first (KWA-06); the tag has its length
 * before it, and stands in SuppPubInfo (KWA-05, G-05): draft 03 of ECDH-1PU had none (G-06). The example of the draft comes out of it (G-07).
 */
export function concatKdf({ alg, apu, apv, tag }: KdfContext): DeriveKek {
  const algorithm = algorithmIds[alg]
  const otherInfoLength = 16 + algorithm.length + apu.length + apv.length + (tag === undefined ? 0 : 4 + tag.length)
  let input = new Uint8Array(0)
  return (ephemeralSecret, staticSecret = none) => {
    const secretLength = ephemeralSecret.length + staticSecret.length
    // The secrets of all recipients have one length, so that all but the first find the rest in place.
    if (input.length !== 4 + secretLength + otherInfoLength) {
      input = new Uint8Array(4 + secretLength + otherInfoLength)
      input[3] = 1
      let at = writeWithLength(input, 4 + secretLength, algorithm)
      at = writeWithLength(input, at, apu)
      at = writeWithLength(input, at, apv)
      at = writeUint32(input, at, keyBits)
      if (tag !== undefined) writeWithLength(input, at, tag)
    }
    input.set(ephemeralSecret, 4)
    input.set(staticSecret, 4 + ephemeralSecret.length)
    return primitives.sha256(input)
  }
}

const algorithmIds: Readonly<Record<KeyAlgorithm, Uint8Array>> = {
  'ECDH-ES+A256KW': encodeUtf8('ECDH-ES+A256KW'),
  'ECDH-1PU+A256KW': encodeUtf8('ECDH-1PU+A256KW'),
}

const none = new Uint8Array(0)

function writeUint32(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
  return at + 4
}

function writeWithLength(target: Uint8Array, at: number, octets: Uint8Array): number {
  const start = writeUint32(target, at, octets.length)
  target.set(octets, start)
  return start + octets.length
}

// Importing a key costs about as much as a tenth of using it; more on the larger curves.
const imported = boundedMap<string, PublicKey>(2048)

/** Imports a public key that is likely to come again. Never for ephemeral keys. */
export function importLastingKey(jwk: PublicJwk, use: KeyUse): Later<PublicKey> {
  const name = `${use} ${jwk.crv} ${jwk.x} ${jwk.y ?? ''}`
  const known = imported.get(name)
  if (known !== undefined) return known
  return andThen(primitives.importPublicKey(jwk, use), (key) => {
    imported.set(name, key)
    return key
  })
}
