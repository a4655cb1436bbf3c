/**
 * did:jwk: the DID is a public JWK.
 *
 * @see {@link https://github.com/quartzjer/did-jwk/blob/main/spec.md | The did:jwk Method}
 * @module
 */
import { decodeBase64url, encodeBase64url, encodeUtf8, isObject, parseJsonBytes } from '../../bytes/index.ts'
import { DidcommError } from '../../errors.ts'
import { checkPublicJwk } from '../../jose/jwk.ts'
import type { PublicJwk } from '../../jose/primitives/primitives.ts'
import { type Did, isDid } from '../did.ts'
import type { DidDocument, DidMethod } from '../resolver.ts'
import { answer } from '../result.ts'

const prefix = 'did:jwk:'

/**
 * The did:jwk method.
 *
 * Exported from `sealpost/did`.
 */
export const jwk = (): DidMethod => ({ method: 'jwk', immutable: true, resolve: (did) => answer(() => resolveJwk(did)) })

/**
 * Makes a did:jwk of a public key.
 *
 * Exported from `sealpost/did`.
 *
 * @param use - `enc` for key agreement alone, `sig` for all but that, undefined for everything that the curve can do; where it is not
 * given, X25519 is for `enc` and Ed25519 for `sig`
 * @throws {DidcommError} `ERR_MALFORMED_KEY` where the JWK is not a valid public key.
 *
 * @example
 * ```ts
 * import { createDidJwk } from 'sealpost/did'
 *
 * createDidJwk({ kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' }) // did:jwk:eyJrdHki…
 * ```
 */
export function createDidJwk(publicJwk: PublicJwk, use: 'enc' | 'sig' | undefined = usualUse(publicJwk.crv)): Did {
  const checked = checkPublicJwk(publicJwk)
  return `${prefix}${encodeBase64url(encodeUtf8(JSON.stringify(use === undefined ? checked : { ...checked, use })))}` as Did
}

const usualUse = (crv: string): 'enc' | 'sig' | undefined =>
  crv === 'X25519' ? 'enc' : crv === 'Ed25519' || crv === 'secp256k1' ? 'sig' : undefined

function resolveJwk(did: Did): DidDocument {
  const publicKeyJwk = isDid(did) && did.startsWith(prefix) ? readJwk(did.slice(prefix.length)) : undefined
  if (publicKeyJwk === undefined)
    throw new DidcommError('ERR_MALFORMED_DID', 'expected a did:jwk that is a public key of a supported curve, found another')
  // Always this fragment: a `kid` in the JWK does not change it.
  const id = `${did}#0`
  const { use } = publicKeyJwk
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
    id: did,
    verificationMethod: [{ id, type: 'JsonWebKey2020', controller: did, publicKeyJwk }],
    ...(use !== 'enc' && { assertionMethod: [id], authentication: [id], capabilityInvocation: [id], capabilityDelegation: [id] }),
    // Listed for every curve, as the method says; who uses it looks at the curve (CRV-07, G-44).
    ...(use !== 'sig' && { keyAgreement: [id] }),
  }
}

function readJwk(encoded: string): Record<string, unknown> | undefined {
  try {
    const value = parseJsonBytes(decodeBase64url(encoded))
    checkPublicJwk(value)
    return isObject(value) ? value : undefined
  } catch (cause) {
    throw new DidcommError('ERR_MALFORMED_DID', 'expected a did:jwk that is a public key of a supported curve, found another', { cause })
  }
}
