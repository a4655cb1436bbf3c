/**
 * Parties with fixed keys on every curve, for tests that the appendix's Alice and Bob are too few for. `agree-…` keys are listed for
 * encryption, `sign-…` keys for signatures.
 *
 * @module
 */
import type { Did, DidDocument, DidUrl, Keys, MethodKey, Resolver } from '../src/did/index.ts'
import type { Curve, PrivateJwk, PublicJwk } from '../src/jose/index.ts'
import { checkPrivateJwk, checkPublicJwk } from '../src/jose/jwk.ts'
import { memoryKeys } from '../src/keys/memory.ts'
import type { Plaintext } from '../src/message/plaintext.ts'
import jwks from './parties.json' with { type: 'json' }
import { resolverOf } from './support.ts'

export type Name = keyof typeof jwks
export type OwnKey = PrivateJwk & { readonly kid: DidUrl }

export type PartyOfTests = {
  readonly did: Did
  readonly jwks: readonly OwnKey[]
  readonly keys: Keys
  readonly document: DidDocument
  /** The private key of a label, such as `agree-x25519-1`. */
  key(label: string): OwnKey
  /** Its public half, as a document lists it. */
  method(label: string): MethodKey
}

const isFor = (use: string, { kid }: OwnKey): boolean => kid.includes(`#${use}-`)

export const publicOf = (jwk: PrivateJwk): PublicJwk => {
  const { kty, crv, x, y } = jwk
  return checkPublicJwk(y === undefined ? { kty, crv, x } : { kty, crv, x, y })
}

/** A document that lists keys as it says, whatever they are. */
export function documentWith(
  did: Did,
  listed: Readonly<Record<string, readonly { kid: string; jwk: object }[]>>,
  more: object = {},
): DidDocument {
  const relationships = Object.entries(listed).map(([name, keys]) => [
    name,
    keys.map(({ kid, jwk }) => ({ id: kid, type: 'JsonWebKey2020', controller: did, publicKeyJwk: jwk })),
  ])
  return { id: did, ...Object.fromEntries(relationships), ...more }
}

function partyOf(name: Name): PartyOfTests {
  const did: Did = `did:example:${name}`
  const own = jwks[name].map(({ kid, ...jwk }) => ({ kid: kid as DidUrl, ...checkPrivateJwk(jwk) }))
  const key = (label: string): OwnKey => {
    const found = own.find(({ kid }) => kid === `${did}#${label}`)
    if (found === undefined) throw new Error(`${name} has no key ${label}`)
    return found
  }
  const method = (label: string): MethodKey => ({ kid: key(label).kid, jwk: publicOf(key(label)) })
  const methods = (use: string): MethodKey[] => own.filter((jwk) => isFor(use, jwk)).map((jwk) => ({ kid: jwk.kid, jwk: publicOf(jwk) }))
  return {
    did,
    jwks: own,
    keys: memoryKeys(own),
    document: documentWith(did, { keyAgreement: methods('agree'), authentication: methods('sign') }),
    key,
    method,
  }
}

export const alice: PartyOfTests = partyOf('alice')
export const bob: PartyOfTests = partyOf('bob')
export const carol: PartyOfTests = partyOf('carol')
export const mallory: PartyOfTests = partyOf('mallory')
export const mediator: PartyOfTests = partyOf('mediator')
export const everybody: Resolver = resolverOf(...[alice, bob, carol, mallory, mediator].map(({ document }) => document))

/** The documents of all, some of them replaced. */
export function resolverWith(...replaced: readonly DidDocument[]): Resolver & { asked: string[] } {
  const kept = [alice, bob, carol, mallory, mediator]
    .map(({ document }) => document)
    .filter(({ id }) => !replaced.some((one) => one.id === id))
  return resolverOf(...replaced, ...kept)
}

/** The keys of a document on one curve. */
export const listedOn = (party: PartyOfTests, crv: Curve): MethodKey[] =>
  party.jwks.filter((jwk) => jwk.crv === crv && isFor('agree', jwk)).map((jwk) => ({ kid: jwk.kid, jwk: publicOf(jwk) }))

/** A message from Alice to Bob. */
export const hello = (more: Partial<Plaintext> = {}): Plaintext => ({
  id: 'b8a2b6a49c2f4a0e8a435d0c1a2f3b4c',
  typ: 'application/didcomm-plain+json',
  type: 'https://example.com/hello/1.0/hello',
  from: alice.did,
  to: [bob.did],
  body: { text: 'hello' },
  ...more,
})
