/**
 * Proofs of Data Integrity, as far as did:webvh 1.0 knows them: eddsa-jcs-2022 by the key that a did:key is.
 *
 * @see {@link https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022 | Data Integrity EdDSA Cryptosuites, eddsa-jcs-2022}
 * @see {@link https://identity.foundation/didwebvh/v1.0/#authorized-keys | did:webvh 1.0, Authorized Keys}
 * @module
 */
import { decodeMultibase } from 'sealpost/bytes'
import { jwkOfMultikey } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { verifySignature } from 'sealpost/jose'
import { digestOf } from './hash.ts'

/** What each proof says of itself. A signature by another suite is none, though it may hold. */
const fixed = { type: 'DataIntegrityProof', cryptosuite: 'eddsa-jcs-2022', proofPurpose: 'assertionMethod' } as const

// The body of a did:key is the key, and its fragment says the same; where they differed, one could sign in the name of the other.
const methodSyntax = /^did:key:(z[1-9A-HJ-NP-Za-km-z]{1,100})#\1$/

/**
 * The key that a proof claims to be by, as a Multikey.
 *
 * @throws {DidcommError} `ERR_TRUST_SIGNATURE` where the proof is of another kind.
 */
export function signerOf(proof: Readonly<Record<string, unknown>>): string {
  for (const [name, value] of Object.entries(fixed)) if (proof[name] !== value) throw unproved(`\`${name}\` to be ${value}`)
  const { verificationMethod } = proof
  const multikey = typeof verificationMethod === 'string' ? methodSyntax.exec(verificationMethod)?.[1] : undefined
  if (multikey === undefined) throw unproved('`verificationMethod` to be a did:key with its own key as fragment')
  return multikey
}

/**
 * Verifies a proof by the key that it names; whether that key may speak is another question.
 *
 * @param digest - of the document that was signed, without its proofs
 * @throws {DidcommError} `ERR_TRUST_SIGNATURE`; `ERR_TRUST_KEY` and `ERR_MALFORMED_KEY` where the key is not one of Ed25519;
 * `ERR_MALFORMED_ENCODING`.
 */
export async function verifyProof(digest: Uint8Array, proof: Readonly<Record<string, unknown>>): Promise<void> {
  const multikey = signerOf(proof)
  const { proofValue, ...config } = proof
  if (typeof proofValue !== 'string' || !/^z.{80,100}$/.test(proofValue)) throw unproved('`proofValue` to be a signature in base58btc')
  const input = new Uint8Array(64)
  input.set(digestOf(config))
  input.set(digest, 32)
  await verifySignature({ alg: 'EdDSA', kid: multikey, header: {}, input, signature: decodeMultibase(proofValue) }, jwkOfMultikey(multikey))
}

const unproved = (expected: string): DidcommError =>
  new DidcommError('ERR_TRUST_SIGNATURE', `expected ${expected} in a proof of did:webvh, found another value`)
