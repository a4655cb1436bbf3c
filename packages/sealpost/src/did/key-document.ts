/**
 * The document of a DID that is nothing but a public key, whatever its method.
 *
 * @see {@link https://w3c-ccg.github.io/did-key-spec/#create | The did:key Method, Create}
 * @module
 */
import { DidcommError } from '../errors.ts'
import type { Curve } from '../jose/algorithms.ts'
import type { PublicJwk } from '../jose/primitives/primitives.ts'
import type { Did } from './did.ts'
import { x25519Of } from './montgomery.ts'
import { jwkOfMultikey, multikeyOf } from './multikey.ts'
import type { DidDocument } from './resolver.ts'

const maxMultikeyLength = 128

/**
 * The document of a DID that is nothing but a key. An Ed25519 key gives an X25519 key for encryption (G-45).
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID` where the key is none.
 */
export function documentOfKey(did: Did, multikey: string): DidDocument {
  const jwk = readKey(multikey)
  const signing = `${did}#${multikey}`
  const method = { id: signing, type: 'Multikey', controller: did, publicKeyMultibase: multikey }
  const { crv } = jwk
  return {
    '@context': ['https://www.w3.org/ns/did/v1.1'],
    id: did,
    verificationMethod: [method],
    ...(crv !== 'X25519' && {
      authentication: [signing],
      assertionMethod: [signing],
      capabilityDelegation: [signing],
      capabilityInvocation: [signing],
    }),
    ...agreementOf(did, signing, crv, jwk),
  }
}

function agreementOf(did: Did, id: string, crv: Curve, jwk: PublicJwk): { keyAgreement?: readonly unknown[] } {
  if (crv === 'secp256k1') return {} // CRV-07: DIDComm has no key agreement on it.
  if (crv !== 'Ed25519') return { keyAgreement: [id] }
  const multikey = multikeyOf(x25519Of(jwk))
  return { keyAgreement: [{ id: `${did}#${multikey}`, type: 'Multikey', controller: did, publicKeyMultibase: multikey }] }
}

function readKey(multikey: string): PublicJwk {
  if (!multikey.startsWith('z') || multikey.length > maxMultikeyLength)
    throw new DidcommError('ERR_MALFORMED_DID', 'expected a key in base58btc that begins with z, found another text')
  try {
    return jwkOfMultikey(multikey)
  } catch (cause) {
    throw new DidcommError('ERR_MALFORMED_DID', 'expected a DID that is a public key of a supported curve, found another', {
      rule: 'DOC-05',
      cause,
    })
  }
}
