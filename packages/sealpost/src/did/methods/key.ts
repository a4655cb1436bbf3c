/**
 * did:key: the DID is the public key.
 *
 * @see {@link https://w3c-ccg.github.io/did-key-spec/ | The did:key Method}
 * @module
 */
import { DidcommError } from '../../errors.ts'
import type { PublicJwk } from '../../jose/primitives/primitives.ts'
import { type Did, isDid } from '../did.ts'
import { documentOfKey } from '../key-document.ts'
import { multikeyOf } from '../multikey.ts'
import type { DidDocument, DidMethod } from '../resolver.ts'
import { answer } from '../result.ts'

const prefix = 'did:key:'

/**
 * The did:key method, for Ed25519, X25519, P-256, P-384, P-521 and secp256k1. Documents have Multikeys.
 *
 * Exported from `sealpost/did`.
 */
export const key = (): DidMethod => ({ method: 'key', immutable: true, resolve: (did) => answer(() => resolveKey(did)) })

/**
 * Makes a did:key of a public key.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` where the JWK is not a valid public key.
 *
 * @example
 * ```ts
 * import { createDidKey } from 'sealpost/did'
 *
 * createDidKey({ kty: 'OKP', crv: 'Ed25519', x: 'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik' }) // did:key:z6MkiTBz…
 * ```
 */
export const createDidKey = (publicJwk: PublicJwk): Did => `${prefix}${multikeyOf(publicJwk)}` as Did

function resolveKey(did: Did): DidDocument {
  if (!isDid(did) || !did.startsWith(prefix)) throw new DidcommError('ERR_MALFORMED_DID', 'expected a did:key, found another text')
  return documentOfKey(did, did.slice(prefix.length))
}
