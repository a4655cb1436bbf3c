/**
 * DIDCommMessaging services: where a DID takes messages, in the order its owner prefers. Nothing is connected to or resolved here.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#did-document-service-endpoint | v2.1, DID Document Service Endpoint}
 * @module
 */
import { isObject } from '../bytes/index.ts'
import { absolute, type Did, type DidUrl, isDidUrl } from './did.ts'
import type { DidDocument } from './resolver.ts'

/** One place to which a message can be brought. */
export type Endpoint = {
  /** Where: a URI of a transport, or the DID of a mediator. */
  readonly uri: string
  /** The profiles that are spoken there, in order of preference; undefined where the document does not say. */
  readonly accept: readonly string[] | undefined
  /** The keys to wrap for, in the order of the document: DID URLs, or bare DIDs such as did:key (SND-05). */
  readonly routingKeys: readonly DidUrl[]
  readonly serviceId: string | undefined
  /** True where it was read from an older form than v2.1 has (SVC-05). */
  readonly legacy?: boolean
}

/** A service as we write it. */
export type DidCommService = {
  readonly id: string
  readonly type: 'DIDCommMessaging'
  readonly serviceEndpoint: EndpointObject | readonly EndpointObject[]
}
/** An endpoint as v2.1 writes it (SVC-08 to SVC-10). */
export type EndpointObject = { readonly uri: string; readonly accept: readonly string[]; readonly routingKeys: readonly string[] }

/**
 * The profile of DIDComm v2 (PRF-01).
 *
 * Exported from `sealpost/did`.
 */
export const didCommProfile = 'didcomm/v2'

const maxEndpoints = 32
const maxRoutingKeys = 16
const maxUriLength = 8192

/**
 * The endpoints of all DIDCommMessaging services, in order of preference: services in the order of the document (SVC-12), in each its own
 * order (SVC-06).
 *
 * Taken are all shapes of `serviceEndpoint` that are seen: an object, an array of objects, a string, an array with strings (SVC-04, SVC-05,
 * G-46). Skipped are endpoints without `uri` (SVC-08), and those with a routing key that is no DID: to leave out the key would show the
 * message to whoever is at the endpoint.
 *
 * Exported from `sealpost/did`.
 *
 * @example
 * ```ts
 * import { endpointsOf } from 'sealpost/did'
 *
 * const service = [{ id: '#1', type: 'DIDCommMessaging', serviceEndpoint: [{ uri: 'https://example.com/didcomm' }] }]
 * console.log(endpointsOf({ id: 'did:example:alice', service })[0]?.uri) // https://example.com/didcomm
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#service-endpoint | v2.1, Service Endpoint}
 */
export function endpointsOf(document: DidDocument): readonly Endpoint[] {
  const services = document['service']
  const endpoints: Endpoint[] = []
  for (const service of Array.isArray(services) ? services : isObject(services) ? [services] : []) {
    if (!isObject(service) || !isMessaging(service['type'])) continue // SVC-01, SVC-03
    const { serviceEndpoint } = service
    for (const item of Array.isArray(serviceEndpoint) ? serviceEndpoint : [serviceEndpoint]) {
      const endpoint = readEndpoint(item, service, document.id as Did)
      if (endpoint !== undefined && endpoints.push(endpoint) === maxEndpoints) return endpoints
    }
  }
  return endpoints
}

const isMessaging = (type: unknown): boolean => type === 'DIDCommMessaging' || (Array.isArray(type) && type.includes('DIDCommMessaging'))

function readEndpoint(item: unknown, service: Record<string, unknown>, did: Did): Endpoint | undefined {
  const own = typeof item === 'string' ? { uri: item } : item
  if (!isObject(own)) return undefined
  const { uri } = own
  if (typeof uri !== 'string' || uri.length > maxUriLength || schemeOf(uri) === undefined) return undefined
  // SVC-05: older forms have these beside `serviceEndpoint`.
  const accept = own['accept'] ?? service['accept']
  const keys = own['routingKeys'] ?? own['routing_keys'] ?? service['routingKeys'] ?? service['routing_keys']
  const routingKeys = readRoutingKeys(keys, did)
  if (routingKeys === undefined) return undefined
  const { id } = service
  const legacy = typeof item === 'string' || accept !== (own['accept'] ?? undefined) || keys !== (own['routingKeys'] ?? undefined)
  return {
    uri,
    accept:
      accept === undefined || accept === null
        ? undefined
        : (Array.isArray(accept) ? accept : [accept]).filter((profile) => typeof profile === 'string'),
    routingKeys,
    serviceId: typeof id === 'string' ? absolute(id, did) : undefined,
    ...(legacy && { legacy }),
  }
}

function readRoutingKeys(value: unknown, did: Did): readonly DidUrl[] | undefined {
  if (value === undefined || value === null) return []
  const keys = (Array.isArray(value) ? value : [value]).map((key) => (typeof key === 'string' ? absolute(key, did) : undefined))
  return keys.length <= maxRoutingKeys && keys.every((key) => isDidUrl(key)) ? keys : undefined
}

/**
 * The scheme of a URI in lower case; undefined where it has none.
 *
 * Exported from `sealpost/did`.
 */
export function schemeOf(uri: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+.-]{0,31}):./.exec(uri)?.[1]?.toLowerCase()
}

/**
 * The schemes that endpoints are used with by default (SVC-13): `http` and `ws` are for whoever adds them.
 *
 * Exported from `sealpost/did`.
 */
export const defaultEndpointSchemes: readonly string[] = ['https', 'wss', 'did', 'didcomm']

/**
 * Those of the endpoints that a sender of DIDComm v2 uses: of an allowed scheme (SVC-13), and without an `accept` that leaves out
 * `didcomm/v2` (PRF-06). An empty `accept` says nothing, and excludes nothing.
 *
 * Exported from `sealpost/did`.
 *
 * @param schemes - the URI schemes that may be used, in lower case and without colon
 */
export function usableEndpoints(endpoints: readonly Endpoint[], schemes: readonly string[] = defaultEndpointSchemes): readonly Endpoint[] {
  return endpoints.filter((endpoint) => schemes.includes(schemeOf(endpoint.uri) ?? '') && speaksProfile(endpoint, didCommProfile))
}

/**
 * Tells whether an endpoint takes a profile, or does not say what it takes (PRF-06).
 *
 * Exported from `sealpost/did`.
 */
export function speaksProfile({ accept }: Pick<Endpoint, 'accept'>, profile: string): boolean {
  return accept === undefined || accept.length === 0 || accept.some((other) => sameProfile(other, profile))
}

/**
 * Tells whether two profile ids are the same: parameters in any order, their names in any case (PRF-05).
 *
 * Exported from `sealpost/did`.
 */
export const sameProfile = (a: string, b: string): boolean => a === b || normalProfile(a) === normalProfile(b)

function normalProfile(profile: string): string {
  const [name = '', ...parameters] = profile.split(';', 17).map((part) => part.trim())
  const normal = parameters.map((parameter) => {
    const at = parameter.indexOf('=')
    return at < 0 ? parameter.toLowerCase() : parameter.slice(0, at).trim().toLowerCase() + parameter.slice(at)
  })
  return [name, ...normal.sort()].join(';')
}

/**
 * Makes a DIDCommMessaging service (SVC-02, SVC-03), with the endpoints as an array, the only form that all of v2 has.
 *
 * Exported from `sealpost/did`.
 *
 * @param form - `object` for peers that read one endpoint as an object alone (G-47); it takes the first
 *
 * @example
 * ```ts
 * import { didCommService } from 'sealpost/did'
 *
 * const service = didCommService({ id: '#didcomm', endpoints: [{ uri: 'did:web:mediator.example' }] })
 * console.log(service.type) // DIDCommMessaging
 * ```
 */
export function didCommService({
  id = '#service',
  endpoints,
  form = 'array',
}: {
  id?: string
  endpoints: readonly [NewEndpoint, ...NewEndpoint[]]
  form?: 'array' | 'object'
}): DidCommService {
  const [first, ...others] = endpoints
  return {
    id,
    type: 'DIDCommMessaging',
    serviceEndpoint: form === 'object' ? endpointObject(first) : [first, ...others].map(endpointObject),
  }
}

/** An endpoint to be written; `accept` is `didcomm/v2` where it is not given. */
export type NewEndpoint = { readonly uri: string; readonly accept?: readonly string[]; readonly routingKeys?: readonly string[] }

const endpointObject = ({ uri, accept = [didCommProfile], routingKeys = [] }: NewEndpoint): EndpointObject => ({ uri, accept, routingKeys })
