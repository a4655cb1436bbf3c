/**
 * The way to a DID: its endpoints, and the mediators that stand before each.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#using-a-did-as-an-endpoint | v2.1, Using a DID as an endpoint}
 * @module
 */
import { type Did, type DidUrl, isDid, parseDidUrl } from '../did/did.ts'
import { keyOf, keysOf, type MethodKey } from '../did/document.ts'
import type { DidDocument } from '../did/resolver.ts'
import { didCommProfile, type Endpoint, endpointsOf, speaksProfile, usableEndpoints } from '../did/service.ts'
import { sameSubject } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import type { Hop } from './forward.ts'
import type { Lookup } from './lookup.ts'

/** Where to bring a message, and for whom to wrap it first. */
export type Route = { readonly endpoints: readonly Endpoint[]; readonly hops: readonly Hop[] }

/**
 * The way to a DID by the endpoint that its owner prefers; by the next one, where the mediators of that cannot be looked up. A DID
 * without endpoints has a way of no hops to nowhere: whoever sends knows another.
 *
 * @param accept - which endpoints may be used, of the DID and of its mediators: those that failed before are left out for the next try
 * (FLO-01)
 * @throws {DidcommError} `ERR_UNSUPPORTED_PROFILE` where the endpoints are there, and none is for DIDComm v2 (PRF-06); what the look-up of the last endpoint threw.
 */
export async function routeTo(document: DidDocument, lookup: Lookup, accept: (endpoint: Endpoint) => boolean = () => true): Promise<Route> {
  const all = endpointsOf(document)
  const spoken = all.filter((endpoint) => speaksProfile(endpoint, didCommProfile))
  if (all.length > 0 && spoken.length === 0) {
    throw new DidcommError(
      'ERR_UNSUPPORTED_PROFILE',
      `expected an endpoint of ${document.id} that takes ${didCommProfile}, found ${all.length} that do not`,
      { rule: 'PRF-06' },
    )
  }
  const usable = inOrder(spoken.filter((endpoint) => isReachable(endpoint) && accept(endpoint)))
  let failure: unknown
  for (const endpoint of usable) {
    try {
      const hops: Hop[] = []
      const reached = isDid(endpoint.uri)
        ? await throughMediator(endpoint.uri, document, { lookup, accept }, hops)
        : sameWay(endpoint, usable)
      // Each endpoint of this mediator failed before: the next one of the recipient is the way.
      if (reached.length === 0) continue
      for (const name of endpoint.routingKeys) hops.push({ name, keys: await routingKey(name, lookup) })
      return { endpoints: reached, hops }
    } catch (error) {
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
  return { endpoints: [], hops: [] }
}

/** What nothing can be brought to: a DID URL is neither a DID nor a place (DEP-01). */
const isReachable = ({ uri }: Endpoint): boolean => isDid(uri) || !uri.startsWith('did:')

/** The owner's order; what is open to everybody on the way comes after what is not (SVC-13). */
function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const secure = usableEndpoints(endpoints)
  return [...secure, ...endpoints.filter((endpoint) => !secure.includes(endpoint))]
}

/** The endpoints that are reached without mediators: for whoever does not wrap. */
export function directEndpoints(document: DidDocument): readonly Endpoint[] {
  const open = endpointsOf(document).filter((endpoint) => speaksProfile(endpoint, didCommProfile) && isReachable(endpoint))
  return inOrder(open.filter(({ uri, routingKeys }) => routingKeys.length === 0 && !isDid(uri)))
}

/** All endpoints that are reached by the same envelope: what is wrapped for other mediators cannot be brought there. */
function sameWay(endpoint: Endpoint, usable: readonly Endpoint[]): readonly Endpoint[] {
  const way = endpoint.routingKeys.join(' ')
  return usable.filter(({ uri, routingKeys }) => !isDid(uri) && routingKeys.join(' ') === way)
}

/**
 * A DID as endpoint: the message is wrapped for all keys of that DID (DEP-02), before it for the routing keys of its own service (DEP-05, decision
 * D-11), and brought to the endpoints of that service (DEP-03).
 */
async function throughMediator(
  did: Did,
  recipient: DidDocument,
  { lookup, accept }: { readonly lookup: Lookup; readonly accept: (endpoint: Endpoint) => boolean },
  hops: Hop[],
): Promise<readonly Endpoint[]> {
  if (sameSubject(did, recipient.id as Did)) throw noEndpoint(`expected the endpoint of ${did} to be a mediator, found the DID itself`)
  const mediator = await lookup.document(did)
  const usable = endpointsOf(mediator).filter((endpoint) => speaksProfile(endpoint, didCommProfile))
  // DEP-04, SEC-41: one level, or strangers' documents could send us round.
  const direct = usable.filter(({ uri }) => !isDid(uri))
  if (direct.length === 0) {
    throw noEndpoint(
      usable.length > 0
        ? `expected the mediator ${did} to have an endpoint that is no DID`
        : `expected the mediator ${did} to have a DIDCommMessaging service`,
    )
  }
  const left = direct.filter(accept)
  const [first] = left
  if (first === undefined) return []
  for (const name of first.routingKeys) hops.push({ name, keys: await routingKey(name, lookup) })
  const keys = keysOf(mediator, 'keyAgreement')
  if (keys.length === 0)
    throw new DidcommError('ERR_DID_NO_KEY_AGREEMENT', `expected the mediator ${did} to have a key for encryption, found none`, {
      rule: 'DEP-02',
    })
  hops.push({ name: did, keys })
  return sameWay(first, left)
}

/** A routing key is a DID URL of a key, or a bare DID such as a did:key, which stands for its keys (SND-05, G-37). */
async function routingKey(name: DidUrl, lookup: Lookup): Promise<readonly MethodKey[]> {
  const { did, fragment } = parseDidUrl(name)
  const document = await lookup.document(did)
  const key = fragment === undefined ? undefined : keyOf(document, 'keyAgreement', name)
  const keys = fragment === undefined ? keysOf(document, 'keyAgreement') : key === undefined ? [] : [key]
  if (keys.length === 0)
    throw new DidcommError('ERR_DID_NO_KEY_AGREEMENT', `expected the routing key ${name} to be a key for encryption, found none`, {
      rule: 'SND-05',
    })
  return keys
}

const noEndpoint = (message: string): DidcommError => new DidcommError('ERR_DID_NO_ENDPOINT', message, { rule: 'DEP-01' })
