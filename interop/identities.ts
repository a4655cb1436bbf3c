/**
 * Who talks: Alice and Bob of Appendix A and B of the specification, and two mediators.
 *
 * Drivers get documents in one plain shape, and adapt it where their implementation is known to need another.
 *
 * @module
 */
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import interop from '../vectors/didcomm-interop/didcomm-rust-0.4.1.json' with { type: 'json' }
import bobDocument from '../vectors/didcomm-v2.1/diddoc-recipient.json' with { type: 'json' }
import aliceDocument from '../vectors/didcomm-v2.1/diddoc-sender.json' with { type: 'json' }
import bobSecrets from '../vectors/didcomm-v2.1/secrets-recipient.json' with { type: 'json' }
import aliceSecrets from '../vectors/didcomm-v2.1/secrets-sender.json' with { type: 'json' }

export type Curve = 'X25519' | 'P-256' | 'P-384' | 'P-521'
export type PublicJwk = { readonly kty: string; readonly crv: string; readonly x: string; readonly y?: string }
export type PrivateJwk = PublicJwk & { readonly kid: string; readonly d: string }

type Method = { readonly id: string; readonly type: string; readonly controller: string; readonly publicKeyJwk: PublicJwk }
type Endpoint = { readonly uri: string; readonly accept: readonly string[]; readonly routingKeys: readonly string[] }
type Service = { readonly id: string; readonly type: string; readonly serviceEndpoint: readonly Endpoint[] }

/** A DID document whose relationships refer to `verificationMethod`, and whose arrays are all there. */
export type DocumentOf = {
  readonly '@context': readonly string[]
  readonly id: string
  readonly verificationMethod: readonly Method[]
  readonly authentication: readonly string[]
  readonly keyAgreement: readonly string[]
  readonly service: readonly Service[]
}

export type Identity = { readonly document: DocumentOf; readonly secrets: readonly PrivateJwk[] }

const documentOf = (id: string, authentication: readonly Method[], keyAgreement: readonly Method[]): DocumentOf => ({
  '@context': ['https://www.w3.org/ns/did/v1'],
  id,
  verificationMethod: [...authentication, ...keyAgreement],
  authentication: authentication.map((method) => method.id),
  keyAgreement: keyAgreement.map((method) => method.id),
  service: [],
})

const methodOf = ({ kid, d: _, ...publicKeyJwk }: PrivateJwk): Method => ({
  id: kid,
  type: 'JsonWebKey2020',
  controller: kid.slice(0, kid.indexOf('#')),
  publicKeyJwk,
})

const jwkEncoding = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } } as const

function generate(kid: string, curve: 'Ed25519' | 'X25519' | 'P-384'): PrivateJwk {
  // The types of Node know no JWK among the encodings of a generated pair.
  const generated = (curve === 'P-384'
    ? generateKeyPairSync('ec', { namedCurve: curve, ...jwkEncoding } as never)
    : (generateKeyPairSync as (type: string, options: object) => { privateKey: unknown })(curve.toLowerCase(), jwkEncoding)) as unknown as {
    privateKey: JsonWebKey
  }
  return { kid, ...generated.privateKey } as PrivateJwk
}

// The appendix gives Alice no key on P-384, which v2.1 requires all to support.
const aliceP384 = generate('did:example:alice#key-p384-1', 'P-384')

const alice: Identity = {
  document: documentOf(aliceDocument.id, aliceDocument.authentication, [...aliceDocument.keyAgreement, methodOf(aliceP384)]),
  secrets: [...aliceSecrets, aliceP384],
}

const bob: Identity = { document: documentOf(bobDocument.id, [], bobDocument.keyAgreement), secrets: bobSecrets }

/** An identity of fresh keys: one for signatures, one for key agreement. */
export function freshIdentity(did: string): Identity {
  const signing = generate(`${did}#key-1`, 'Ed25519')
  const agreeing = generate(`${did}#key-x25519-1`, 'X25519')
  return { document: documentOf(did, [methodOf(signing)], [methodOf(agreeing)]), secrets: [signing, agreeing] }
}

const mediatorOf = (document: DocumentOf): Identity => ({
  document,
  secrets: interop.secrets.mediators.filter(({ kid }) => kid.startsWith(`${document.id}#`)),
})

export const identities: {
  readonly alice: Identity
  /** Alice, after she rotated. */
  readonly after: Identity
  readonly bob: Identity
  readonly mediators: readonly [Identity, Identity]
} = {
  alice,
  after: freshIdentity('did:example:alice-after'),
  bob,
  mediators: [
    mediatorOf(interop.did_documents.mediators['did:example:mediator1']),
    mediatorOf(interop.did_documents.mediators['did:example:mediator2']),
  ],
}

/** The identity as if it had keys for key agreement on this curve alone, so that every implementation takes the same. */
export function onCurve({ document, secrets }: Identity, curve: Curve): Identity {
  const keyAgreement = document.verificationMethod.filter(
    ({ id, publicKeyJwk }) => document.keyAgreement.includes(id) && publicKeyJwk.crv === curve,
  )
  const authentication = document.verificationMethod.filter(({ id }) => document.authentication.includes(id))
  const kept = [...authentication, ...keyAgreement].map(({ id }) => id)
  return {
    document: { ...documentOf(document.id, authentication, keyAgreement), service: document.service },
    secrets: secrets.filter(({ kid }) => kept.includes(kid)),
  }
}

/** The identity with one DIDComm service. */
export function reachedAt(identity: Identity, uri: string, routingKeys: readonly string[]): Identity {
  const service = {
    id: `${identity.document.id}#didcomm-1`,
    type: 'DIDCommMessaging',
    serviceEndpoint: [{ uri, accept: ['didcomm/v2'], routingKeys }],
  }
  return { ...identity, document: { ...identity.document, service: [service] } }
}
