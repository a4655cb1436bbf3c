/**
 * did:peer:2: the DID lists its keys and services. Read are all dialects that were written; written is the current one.
 *
 * @see {@link https://identity.foundation/peer-did-method-spec/#method-2-multiple-inception-key-without-doc | Peer DID Method, numalgo 2}
 * @module
 */
import { decodeBase64url, decodeMultibase, encodeBase64url, encodeUtf8, isObject, parseJsonBytes } from '../../../bytes/index.ts'
import { DidcommError } from '../../../errors.ts'
import type { PublicJwk } from '../../../jose/primitives/primitives.ts'
import { type Did, maxDidLength } from '../../did.ts'
import type { Relationship } from '../../document.ts'
import { jwkOfMultikey, multikeyOf } from '../../multikey.ts'
import type { DidDocument } from '../../resolver.ts'
import { peer3Of } from '../../subject.ts'

/** A key for a new did:peer, as a JWK or as a Multikey. */
export type PeerKey = { readonly purpose: Relationship } & ({ readonly jwk: PublicJwk } | { readonly multibase: string })
/** A service for a new did:peer, with `type` and `serviceEndpoint`; such as {@link didCommService} makes. */
export type PeerService = { readonly type: unknown; readonly serviceEndpoint: unknown; readonly [member: string]: unknown }

const purposes = {
  assertionMethod: 'A',
  keyAgreement: 'E',
  authentication: 'V',
  capabilityInvocation: 'I',
  capabilityDelegation: 'D',
} as const satisfies Record<Relationship, string>
const relationshipOf: ReadonlyMap<string, Relationship> = new Map(
  (Object.keys(purposes) as Relationship[]).map((name) => [purposes[name], name]),
)

const abbreviations = { type: 't', serviceEndpoint: 's', routingKeys: 'r', accept: 'a' } as const
const fullNames: ReadonlyMap<string, string> = new Map(Object.entries(abbreviations).map(([name, letter]) => [letter, name]))

// K10: the keys and services that are taken, before anything is decoded.
const maxElements = 64
const maxServices = 32
const maxKeyLength = 512

/**
 * Makes a did:peer:2.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` or `ERR_MALFORMED_ENCODING` for a key that is none; `ERR_USAGE_ARGUMENT` where there is no key,
 * or more than can be read again: 64 keys and services, 8,192 characters.
 *
 * @example
 * ```ts
 * import { createDidPeer2, didCommService } from 'sealpost/did'
 *
 * const { did } = createDidPeer2({
 *   keys: [
 *     { purpose: 'authentication', multibase: 'z6Mkj3PUd1WjvaDhNZhhhXQdz5UnZXmS7ehtx8bsPpD47kKc' },
 *     { purpose: 'keyAgreement', multibase: 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR' },
 *   ],
 *   services: [didCommService({ endpoints: [{ uri: 'https://example.com/didcomm' }] })],
 * })
 * console.log(did.startsWith('did:peer:2.V')) // true
 * ```
 */
export function createDidPeer2({ keys, services = [] }: { keys: readonly PeerKey[]; services?: readonly PeerService[] }): {
  readonly did: Did
  readonly document: DidDocument
} {
  const elements = [
    ...keys.map((key) => purposes[key.purpose] + multikeyIn(key)),
    // The method names services that have no id, but does not look at those that have one.
    ...(services.some(({ id }) => id !== undefined) ? withUniqueIds(services) : services).map((service) => `S${encodeService(service)}`),
  ]
  if (keys.length === 0) throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected at least one key for a did:peer:2, found none')
  if (elements.length > maxElements || services.length > maxServices)
    throw new DidcommError(
      'ERR_USAGE_ARGUMENT',
      `expected at most ${maxElements} keys and services for a did:peer:2, of them ${maxServices} services, found ${elements.length} and ${services.length}`,
    )
  const did = checkedLength(`did:peer:2.${elements.join('.')}`)
  return { did, document: resolveNumalgo2(did) }
}

/** The Multikey of a key for a new did:peer. Text is read first: a full stop in it would go on as further keys of the DID. */
export function multikeyIn(key: PeerKey): string {
  if ('jwk' in key) return multikeyOf(key.jwk)
  if (key.multibase.length > maxKeyLength)
    throw new DidcommError('ERR_MALFORMED_KEY', `expected a Multikey, found ${key.multibase.length} characters`, { rule: 'DOC-05' })
  return multikeyOf(jwkOfMultikey(key.multibase))
}

/** A new did:peer that is short enough to be read again. Throws `ERR_USAGE_ARGUMENT`. */
export function checkedLength(did: string): Did {
  if (did.length <= maxDidLength) return did as Did
  throw new DidcommError(
    'ERR_USAGE_ARGUMENT',
    `expected what fits a did:peer of ${maxDidLength} characters, found ${did.length}: leave something out`,
    { rule: 'JOSE-05' },
  )
}

/** SVC-02: ids of services are unique. One that was taken, or is missing, gets a number. */
export function withUniqueIds(services: readonly PeerService[]): readonly PeerService[] {
  const taken = new Set<unknown>()
  return services.map((service) => {
    const wish = service['id'] ?? '#service'
    let id = wish
    for (let i = 1; taken.has(id); i++) id = `${wish}-${i}`
    taken.add(id)
    return { ...service, id }
  })
}

function encodeService(service: PeerService): string {
  const { type, serviceEndpoint, ...rest } = service
  const short = { t: type === 'DIDCommMessaging' ? 'dm' : type, s: mapEndpoints(serviceEndpoint, abbreviate), ...abbreviate(rest) }
  return encodeBase64url(encodeUtf8(JSON.stringify(short)))
}

const renamed = (value: Record<string, unknown>, nameOf: (name: string) => string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [nameOf(name), member]))

const abbreviate = (value: Record<string, unknown>): Record<string, unknown> =>
  renamed(value, (name) => (Object.hasOwn(abbreviations, name) ? abbreviations[name as keyof typeof abbreviations] : name))

const mapEndpoints = (endpoint: unknown, change: (endpoint: Record<string, unknown>) => unknown): unknown =>
  Array.isArray(endpoint)
    ? endpoint.map((item) => (isObject(item) ? change(item) : item))
    : isObject(endpoint)
      ? change(endpoint)
      : endpoint

/**
 * The document that a did:peer:2 says. Keys have the ids `#key-1`, `#key-2`, … in the order of the DID (G-39, G-41).
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID`; `ERR_MALFORMED_LIMIT` for more keys or services than are taken (K10).
 */
export function resolveNumalgo2(did: Did): DidDocument {
  const [, ...elements] = did.split('.')
  if (!did.startsWith('did:peer:2.') || elements.length === 0) throw malformed('no key')
  if (elements.length > maxElements) throw tooMany(`${elements.length} keys and services`)
  const verificationMethod: Record<string, unknown>[] = []
  const listed = new Map<Relationship, string[]>()
  const services: Record<string, unknown>[] = []
  for (const element of elements) {
    const purpose = element.charAt(0)
    const value = element.slice(1)
    if (purpose === 'S') {
      services.push(...decodeServices(value))
      if (services.length > maxServices) throw tooMany('more services')
      continue
    }
    const relationship = relationshipOf.get(purpose)
    if (relationship === undefined) throw malformed(`the purpose ${JSON.stringify(purpose)}`)
    checkMultibase(value)
    const id = `#key-${verificationMethod.length + 1}`
    verificationMethod.push({ id, controller: did, type: 'Multikey', publicKeyMultibase: value })
    listed.set(relationship, [...(listed.get(relationship) ?? []), id])
  }
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod,
    ...Object.fromEntries(listed),
    ...(services.length > 0 && { service: withIds(services) }),
    alsoKnownAs: [peer3Of(did)],
  }
}

/** A key of an unknown type is none of ours to judge (K06), but it must be one. */
function checkMultibase(value: string): void {
  if (value.length > maxKeyLength || !value.startsWith('z') || value.length < 2) throw malformed('a key that is not in base58btc')
  try {
    decodeMultibase(value)
  } catch (cause) {
    throw malformed('a key that is not in base58btc', cause)
  }
}

/** One `.S` has a service, or, in one dialect, an array of them. */
function decodeServices(encoded: string): Record<string, unknown>[] {
  let value: unknown
  try {
    value = parseJsonBytes(decodeBase64url(encoded))
  } catch (cause) {
    throw malformed('a service that is not JSON in base64url', cause)
  }
  return (Array.isArray(value) ? value : [value]).map((service) => {
    if (!isObject(service)) throw malformed('a service that is no object')
    return expandService(service)
  })
}

/** Names may be abbreviated or not, in the service and in its endpoints (G-43). */
function expandService(abbreviated: Record<string, unknown>): Record<string, unknown> {
  const service = expandNames(abbreviated)
  const { type, serviceEndpoint, accept, routingKeys, routing_keys, ...rest } = service
  const endpoint = mapEndpoints(serviceEndpoint, expandNames)
  if (type !== 'dm' && type !== 'DIDCommMessaging')
    return { ...service, ...(serviceEndpoint !== undefined && { serviceEndpoint: endpoint }) }
  // The older form has a string, with the rest of the endpoint beside it (SVC-05).
  const keys = routingKeys ?? routing_keys
  const beside = { ...(accept !== undefined && { accept }), ...(keys !== undefined && { routingKeys: keys }) }
  const flat = typeof endpoint === 'string' ? { serviceEndpoint: { uri: endpoint, ...beside } } : { serviceEndpoint: endpoint, ...beside }
  return { ...rest, type: 'DIDCommMessaging', ...flat }
}

function expandNames(value: Record<string, unknown>): Record<string, unknown> {
  const expanded = renamed(value, (name) => fullNames.get(name) ?? name)
  if (Object.keys(expanded).length !== Object.keys(value).length) throw malformed('a member of a service both abbreviated and not')
  return expanded
}

/** Services without an id are `#service`, `#service-1`, …; one that was written without its number sign gets it. */
function withIds(services: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  let unnamed = 0
  return services.map(({ id, ...service }) => {
    if (typeof id === 'string' && id !== '') return { id: id.startsWith('#') || id.includes(':') ? id : `#${id}`, ...service }
    const number = unnamed++
    return { id: number === 0 ? '#service' : `#service-${number}`, ...service }
  })
}

const malformed = (found: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected a did:peer:2 made of keys and services, found ${found}`, { rule: 'G-39', cause })

const tooMany = (found: string): DidcommError =>
  new DidcommError(
    'ERR_MALFORMED_LIMIT',
    `expected at most ${maxElements} keys and ${maxServices} services in a did:peer:2, found ${found}`,
    { rule: 'JOSE-05' },
  )
