/**
 * Makes a DID with its private keys. Nothing is stored here.
 *
 * @module
 */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyEntry, StoredDid } from '@sealpost/node'
import { decodeBase64url, encodeBase64url } from 'sealpost/bytes'
import {
  createDidJwk,
  createDidKey,
  createDidPeer2,
  createDidPeer4,
  type Did,
  type DidDocument,
  didCommService,
  documentOf,
  keysOf,
  type Resolver,
} from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { type Curve, generateKey, isAgreementCurve, type PrivateJwk, publicJwkOf, signatureAlgorithmOf } from 'sealpost/jose'

/** The methods that make a DID of nothing but keys. */
export const didMethods = ['key', 'jwk', 'peer:2', 'peer:4'] as const
export type MethodName = (typeof didMethods)[number]

export type IdentityOptions = {
  readonly method: MethodName
  /** The curve of the key for encryption, or of the only key. */
  readonly curve?: Curve
  /** The curve of the key for signatures of a did:peer. */
  readonly signing?: Curve
  /** Where messages can be brought, in order of preference. */
  readonly endpoints?: readonly string[]
  /** The keys of mediators, the first to receive first. */
  readonly routingKeys?: readonly string[]
}

export type Identity = { readonly keys: readonly KeyEntry[]; readonly stored: StoredDid; readonly document: DidDocument }

/** The curve of the one key that a method has, chosen so that it can encrypt and sign. */
const onlyCurve = { key: 'Ed25519', jwk: 'P-256' } as const

/**
 * Makes a DID and its keys.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` for what the method cannot express.
 */
export async function createIdentity(options: IdentityOptions, resolver: Resolver, nowSeconds: number): Promise<Identity> {
  const { method, curve, signing, endpoints = [], routingKeys = [] } = options
  const single = method === 'key' || method === 'jwk'
  if (single && (endpoints.length > 0 || routingKeys.length > 0 || signing !== undefined)) {
    throw new DidcommError(
      'ERR_USAGE_ARGUMENT',
      `a did:${method} is one key alone: for endpoints or two keys use --method peer:2 or peer:4`,
    )
  }
  if (routingKeys.length > 0 && endpoints.length === 0) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'routing keys need an endpoint to go with: add --endpoint', { rule: 'SVC-10' })
  }
  const made = single ? await makeSingle(method, curve ?? onlyCurve[method]) : await makePeer(method, options)
  const { did, shortForm, jwks } = made
  const document = await documentOf(resolver, did)
  const keys = entriesOf(document, jwks)
  // A did:peer:4 is known by either form, and so are its keys.
  const short = shortForm === undefined ? [] : keys.map((key) => ({ ...key, kid: key.kid.replace(did, shortForm) as KeyEntry['kid'] }))
  return {
    keys: [...keys, ...short],
    stored: { did, ...(shortForm !== undefined && { shortForm }), createdTime: nowSeconds },
    document,
  }
}

type Made = { readonly did: Did; readonly shortForm?: Did; readonly jwks: readonly PrivateJwk[] }

async function makeSingle(method: 'key' | 'jwk', curve: Curve): Promise<Made> {
  const jwk = await generateKey(curve)
  if (method === 'jwk') return { did: createDidJwk(publicJwkOf(jwk)), jwks: [jwk] }
  // The document of an Ed25519 did:key has the X25519 key that is derived of it (G-45).
  return { did: createDidKey(publicJwkOf(jwk)), jwks: curve === 'Ed25519' ? [jwk, x25519PrivateOf(jwk)] : [jwk] }
}

async function makePeer(
  method: 'peer:2' | 'peer:4',
  { curve = 'X25519', signing = 'Ed25519', endpoints = [], routingKeys = [] }: IdentityOptions,
): Promise<Made> {
  if (!isAgreementCurve(curve)) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `${curve} is for signatures: choose X25519, P-256, P-384 or P-521 with --curve`, {
      rule: 'CRV-07',
    })
  }
  if (signatureAlgorithmOf(signing) === undefined) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `${signing} is not for signatures: choose Ed25519, P-256 or secp256k1 with --signing`, {
      rule: 'SIG-02',
    })
  }
  const jwks = [await generateKey(signing), await generateKey(curve)] as const
  const keys = [
    { purpose: 'authentication', jwk: publicJwkOf(jwks[0]) },
    { purpose: 'keyAgreement', jwk: publicJwkOf(jwks[1]) },
  ] as const
  const [first, ...others] = endpoints.map((uri) => ({ uri, routingKeys }))
  const services = first === undefined ? [] : [didCommService({ endpoints: [first, ...others] })]
  const { did, shortForm } =
    method === 'peer:2' ? { ...createDidPeer2({ keys, services }), shortForm: undefined } : createDidPeer4({ keys, services })
  return { did, ...(shortForm !== undefined && { shortForm }), jwks }
}

/** The private keys under the kids that the document gives them. */
function entriesOf(document: DidDocument, jwks: readonly PrivateJwk[]): readonly KeyEntry[] {
  const listed = [...keysOf(document, 'authentication'), ...keysOf(document, 'keyAgreement')]
  const unique = [...new Map(listed.map((key) => [key.kid, key])).values()]
  return unique.flatMap(({ kid, jwk }) => {
    const own = jwks.find(({ crv, x }) => crv === jwk.crv && x === jwk.x)
    return own === undefined ? [] : [{ ...own, kid }]
  })
}

/** The private X25519 key that belongs to an Ed25519 key: the scalar that Ed25519 itself makes of its seed. */
export function x25519PrivateOf({ d }: PrivateJwk): PrivateJwk {
  const scalar = createHash('sha512').update(decodeBase64url(d)).digest().subarray(0, 32)
  // Node makes the public half of the private one; the `x` it is given is not looked at.
  const key = createPrivateKey({
    key: { kty: 'OKP', crv: 'X25519', d: encodeBase64url(scalar), x: encodeBase64url(scalar) },
    format: 'jwk',
  })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'X25519', x, d: encodeBase64url(scalar) }
}
