/**
 * DID documents: whose they are, and which keys they list for what. Tolerant of what is seen in the wild, strict where safety needs it:
 * what cannot be used is skipped, what belongs to another DID is never used. No DID method is known here.
 *
 * @see {@link https://www.w3.org/TR/did-core/#verification-methods | DID Core, Verification Methods}
 * @module
 */
import { decodeBase58btc, decodeMultibase, isObject } from '../bytes/index.ts'
import { DidcommError } from '../errors.ts'
import { type Curve, isAgreementCurve, signatureAlgorithmOf } from '../jose/algorithms.ts'
import { checkPublicJwk } from '../jose/jwk.ts'
import type { PublicJwk } from '../jose/primitives/primitives.ts'
import { absolute, type Did, type DidUrl, didOf, isDid, isDidUrl } from './did.ts'
import { jwkOfMulticodec, jwkOfRaw, multikeyOf } from './multikey.ts'
import type { DidDocument } from './resolver.ts'
import { formerFragments, sameSubject } from './subject.ts'

/** What a key of a document may be used for. */
export type Relationship = 'keyAgreement' | 'authentication' | 'assertionMethod' | 'capabilityInvocation' | 'capabilityDelegation'

/** A public key of a document: its absolute DID URL, and the validated key. */
export type MethodKey = { readonly kid: DidUrl; readonly jwk: PublicJwk }

/**
 * The relationships of DID Core.
 *
 * Exported from `sealpost/did`.
 */
export const relationships: readonly Relationship[] = [
  'authentication',
  'assertionMethod',
  'keyAgreement',
  'capabilityInvocation',
  'capabilityDelegation',
]

/** The entries of an array of a document, and the services, that are taken. The octets of a document are the resolver's to bound. */
const maxEntries = 10_000
const maxServices = 32
const maxKeyLength = 256
const maxControllers = 16

/** The curve that a type of verification method implies (DOC-03). Other types go by their material. */
const curveOfType: ReadonlyMap<string, Curve> = new Map([
  ['X25519KeyAgreementKey2019', 'X25519'],
  ['X25519KeyAgreementKey2020', 'X25519'],
  ['Ed25519VerificationKey2018', 'Ed25519'],
  ['Ed25519VerificationKey2020', 'Ed25519'],
  ['EcdsaSecp256k1VerificationKey2019', 'secp256k1'],
  ['EcdsaSecp256k1VerificationKey2020', 'secp256k1'],
  ['EcdsaSecp256r1VerificationKey2019', 'P-256'],
  ['P256Key2021', 'P-256'],
  ['P384Key2021', 'P-384'],
  ['P521Key2021', 'P-521'],
])

/**
 * Holds a document to the DID it was asked for, and to limits. An unknown `@context` is no error (DOC-06).
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID_DOCUMENT` where it is no object, or its `id` is not the DID; `ERR_MALFORMED_LIMIT` beyond
 * 32 services or 10,000 entries of an array.
 *
 * @example
 * ```ts
 * import { checkDocument, keysOf } from 'sealpost/did'
 *
 * const document = checkDocument({ id: 'did:example:alice', keyAgreement: [] }, 'did:example:alice')
 * console.log(keysOf(document, 'keyAgreement')) // []
 * ```
 *
 * @see {@link https://www.w3.org/TR/did-core/#core-properties | DID Core, Core Properties}
 */
export function checkDocument(document: unknown, did: Did): DidDocument {
  if (!isObject(document)) throw malformedDocument(`expected the document of ${short(did)} to be an object, found another value`)
  const { id } = document
  // SEC-24: a document of another DID would lend that one's keys to this DID. The two forms of a did:peer are one subject (D-09).
  if (!isDid(id) || !sameSubject(id, did))
    throw malformedDocument(
      `expected the document of ${short(did)}, found \`id\` ${typeof id === 'string' ? short(JSON.stringify(id)) : `of type ${typeof id}`}`,
    )
  for (const name of ['verificationMethod', 'publicKey', ...relationships]) limit(document, name, maxEntries)
  limit(document, 'service', maxServices)
  return document as DidDocument
}

function limit(document: Record<string, unknown>, name: string, most: number): void {
  const entries = document[name]
  if (Array.isArray(entries) && entries.length > most)
    throw new DidcommError(
      'ERR_MALFORMED_LIMIT',
      `expected at most ${most} entries of \`${name}\` in a DID document, found ${entries.length}`,
    )
}

const malformedDocument = (message: string): DidcommError => new DidcommError('ERR_MALFORMED_DID_DOCUMENT', message, { rule: 'SEC-24' })

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text)

/**
 * The usable keys of a relationship, in the order of the document (DOC-02, DOC-04).
 *
 * Skipped, not fatal (DOC-05): keys of another DID (KID-08, D-08), methods that another DID controls (SEC-24), unknown types, invalid keys,
 * and curves that the relationship cannot use: keyAgreement takes X25519, P-256, P-384 and P-521 alone (CRV-07), the others Ed25519, P-256
 * and secp256k1.
 *
 * Exported from `sealpost/did`.
 *
 * @example
 * ```ts
 * import { type DidDocument, keysOf } from 'sealpost/did'
 *
 * const kids = (document: DidDocument) => keysOf(document, 'keyAgreement').map(({ kid }) => kid)
 * ```
 *
 * @see {@link https://www.w3.org/TR/did-core/#verification-relationships | DID Core, Verification Relationships}
 */
export function keysOf(document: DidDocument, relationship: Relationship): readonly MethodKey[] {
  const list = listOf(document, relationship)
  if (list.keys === undefined) {
    const keys: MethodKey[] = []
    for (const listed of list.byKid.values()) {
      const key = readListed(listed, relationship)
      if (key !== undefined) keys.push(key)
    }
    list.keys = Object.freeze(keys)
  }
  return list.keys
}

/**
 * One key of a relationship, by its kid: a DID URL with fragment (KID-03, KID-04, KID-06, KID-07). No other key is looked at.
 *
 * A kid of the other form of the same did:peer is taken too (G-40), and a kid by which old resolvers of did:peer:2 knew the key (G-39).
 *
 * Exported from `sealpost/did`.
 *
 * @returns undefined where the document does not list such a key for that, or it is not usable.
 */
export function keyOf(document: DidDocument, relationship: Relationship, kid: DidUrl): MethodKey | undefined {
  const list = listOf(document, relationship)
  const listed = list.byKid.get(kid)
  if (listed !== undefined) return readListed(listed, relationship)
  const hash = kid.indexOf('#')
  // KID-07: a kid without fragment names no key.
  if (hash < 0 || !isDidUrl(kid)) return undefined
  const did = didOf(kid)
  const own = document.id as Did
  if (did.length !== hash || !sameSubject(did, own)) return undefined
  const other = did === own ? undefined : list.byKid.get(absolute(kid.slice(hash), own))
  const jwk = other === undefined ? formerKey(document, relationship, own, kid.slice(hash + 1)) : readListed(other, relationship)?.jwk
  return jwk && { kid, jwk }
}

function formerKey(document: DidDocument, relationship: Relationship, did: Did, fragment: string): PublicJwk | undefined {
  if (formerFragments(did, fragment).length === 0) return undefined
  return keysOf(document, relationship).find(({ jwk }) => formerFragments(did, multikeyOf(jwk)).includes(fragment))?.jwk
}

/** A key as the relationship lists it: `key` is undefined until it was read, null where it is not usable. */
type Listed = { readonly kid: DidUrl; readonly method: Record<string, unknown>; key?: MethodKey | null }
type List = {
  readonly entries: Snapshot
  readonly methods: Snapshot
  readonly byKid: ReadonlyMap<DidUrl, Listed>
  keys?: readonly MethodKey[]
}
/** An array as it was, to tell whether it is so still. A frozen one needs no copy. */
type Snapshot = { readonly array: unknown; readonly copy: readonly unknown[] | undefined }

// Parsed once for each document object: a resolver that caches hands out the same object again.
const lists = new WeakMap<DidDocument, Partial<Record<Relationship, List>>>()

/** Documents from before DID Core have their methods in `publicKey`. */
const methodsOf = (document: DidDocument): unknown => document['verificationMethod'] ?? document['publicKey']

function listOf(document: DidDocument, relationship: Relationship): List {
  let known = lists.get(document)
  if (known === undefined) {
    known = {}
    lists.set(document, known)
  }
  const list = known[relationship]
  if (list !== undefined && holds(list.entries, document[relationship]) && holds(list.methods, methodsOf(document))) return list
  const fresh = buildList(document, relationship)
  known[relationship] = fresh
  return fresh
}

const snapshot = (array: unknown): Snapshot => ({ array, copy: Array.isArray(array) && !Object.isFrozen(array) ? [...array] : undefined })

function holds({ array, copy }: Snapshot, now: unknown): boolean {
  if (array !== now) return false
  if (copy === undefined) return true
  const items = now as readonly unknown[]
  if (items.length !== copy.length) return false
  // A plain loop: it runs for each message where documents are not frozen.
  for (let i = 0; i < copy.length; i++) if (items[i] !== copy[i]) return false
  return true
}

/** JSON-LD tools write an array of one as its item alone (DOC-03). */
const itemsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : typeof value === 'string' || isObject(value) ? [value] : []

function buildList(document: DidDocument, relationship: Relationship): List {
  const did = document.id as Did
  const entries = document[relationship]
  const methods = methodsOf(document)
  const byKid = new Map<DidUrl, Listed>()
  let byId: Map<DidUrl, Record<string, unknown>> | undefined
  for (const entry of itemsOf(entries)) {
    const kid = kidOf(typeof entry === 'string' ? entry : isObject(entry) ? entry['id'] : undefined, did)
    // DID Core has ids unique; where they are not, the first counts, here and in `verificationMethod`.
    if (kid === undefined || byKid.has(kid)) continue
    if (isObject(entry)) byKid.set(kid, { kid, method: entry })
    else {
      byId ??= indexMethods(methods, did)
      const method = byId.get(kid)
      if (method !== undefined) byKid.set(kid, { kid, method })
    }
  }
  return { entries: snapshot(entries), methods: snapshot(methods), byKid }
}

function indexMethods(methods: unknown, did: Did): Map<DidUrl, Record<string, unknown>> {
  const byId = new Map<DidUrl, Record<string, unknown>>()
  for (const method of itemsOf(methods)) {
    if (!isObject(method)) continue
    const kid = kidOf(method['id'], did)
    if (kid !== undefined && !byId.has(kid)) byId.set(kid, method)
  }
  return byId
}

/** The absolute id of a method of this DID; undefined for one of another DID (KID-08, D-08), or without fragment (KID-07). */
function kidOf(reference: unknown, did: Did): DidUrl | undefined {
  if (typeof reference !== 'string' || reference.length < 2) return undefined
  const kid = absolute(reference, did) // KID-03
  const hash = kid.indexOf('#')
  if (hash < 0) return undefined
  const own = hash === did.length && kid.startsWith(did)
  // The usual fragment is seen to be one at a glance; documents with thousands of keys are read in one go.
  if (own && plainFragment.test(kid.slice(hash + 1))) return kid
  if (!isDidUrl(kid)) return undefined
  const owner = didOf(kid)
  if (owner.length !== hash) return undefined
  return own ? kid : sameSubject(owner, did) ? absolute(kid.slice(hash), did) : undefined
}

const plainFragment = /^[A-Za-z0-9._~-]+$/

function readListed(listed: Listed, relationship: Relationship): MethodKey | undefined {
  if (listed.key === undefined) listed.key = readMethod(listed, relationship) ?? null
  return listed.key ?? undefined
}

function readMethod({ kid, method }: Listed, relationship: Relationship): MethodKey | undefined {
  // SEC-24: what another DID controls does not speak for this one.
  if (!isOwnController(method['controller'], didOf(kid))) return undefined
  const jwk = readMaterial(method)
  if (jwk === undefined) return undefined
  // CRV-07: a document may list keys for what they cannot do.
  const fits = relationship === 'keyAgreement' ? isAgreementCurve(jwk.crv) : signatureAlgorithmOf(jwk.crv) !== undefined
  return fits ? Object.freeze({ kid, jwk: Object.freeze(jwk) }) : undefined
}

/**
 * Whether a `controller` is the DID itself, and nobody beside it. Documents of v2.0 name the key there (DIF-04), others write it relative
 * to the document, of which the empty text is one, or as an array.
 */
function isOwnController(controller: unknown, did: Did): boolean {
  if (controller === undefined || controller === '') return true
  if (Array.isArray(controller))
    return controller.length > 0 && controller.length <= maxControllers && controller.every((item) => isOwnReference(item, did))
  return isOwnReference(controller, did)
}

function isOwnReference(reference: unknown, did: Did): boolean {
  const url = typeof reference === 'string' ? absolute(reference, did) : undefined
  return url === did || (isDidUrl(url) && sameSubject(didOf(url), did))
}

/** The key of a method; undefined where there is none that is valid, where its type means another curve, or where it has two keys. */
function readMaterial(method: Record<string, unknown>): PublicJwk | undefined {
  const { type, publicKeyJwk, publicKeyMultibase, publicKeyBase58 } = method
  // Decoding base58 takes time that grows with the square of the length; no key of ours is that long.
  if ([publicKeyMultibase, publicKeyBase58].some((text) => typeof text === 'string' && text.length > maxKeyLength)) return undefined
  const crv = typeof type === 'string' ? curveOfType.get(type) : undefined
  let jwk: PublicJwk | undefined
  try {
    if (publicKeyJwk !== undefined) jwk = checkPublicJwk(publicKeyJwk)
    if (typeof publicKeyMultibase === 'string') jwk = agreed(jwk, readOctets(decodeMultibase(publicKeyMultibase), crv, type === 'Multikey'))
    if (typeof publicKeyBase58 === 'string') jwk = agreed(jwk, readOctets(decodeBase58btc(publicKeyBase58), crv, false))
  } catch {
    return undefined // DOC-05: an unusable method is none.
  }
  return crv === undefined || jwk?.crv === crv ? jwk : undefined
}

function agreed(one: PublicJwk | undefined, other: PublicJwk): PublicJwk {
  if (one !== undefined && (one.crv !== other.crv || one.x !== other.x || one.y !== other.y))
    throw malformedDocument('expected one key in a verification method, found two')
  return other
}

/** The suites of 2018 and 2019 have the key as it is, later ones a multicodec in front; some write the one where the other is due. */
function readOctets(bytes: Uint8Array, crv: Curve | undefined, prefixed: boolean): PublicJwk {
  const jwk = crv !== undefined && !prefixed && isRaw(bytes, crv) ? jwkOfRaw(crv, bytes) : jwkOfMulticodec(bytes)
  if (jwk === undefined)
    throw new DidcommError('ERR_MALFORMED_KEY', 'expected a public key of a known curve, found another', { rule: 'DOC-05' })
  return jwk
}

/** A key of its curve has one length without, and another with the multicodec. */
function isRaw(bytes: Uint8Array, crv: Curve): boolean {
  const lengths: Readonly<Record<Curve, readonly number[]>> = {
    X25519: [32],
    Ed25519: [32],
    'P-256': [33, 65],
    'P-384': [49, 97],
    'P-521': [67, 133],
    secp256k1: [33, 65],
  }
  return lengths[crv].includes(bytes.length)
}
