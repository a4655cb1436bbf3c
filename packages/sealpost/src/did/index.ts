/**
 * Who is who: DIDs, DID documents, their keys and services, and the ports to resolvers and private keys.
 *
 * @module
 */
export type { Did, DidUrl, DidUrlParts } from './did.ts'
export { absolute, didOf, isDid, isDidUrl, maxDidLength, parseDidUrl } from './did.ts'
export type { MethodKey, Relationship } from './document.ts'
export { checkDocument, keyOf, keysOf, relationships } from './document.ts'
export type { Keys } from './keys.ts'
export { jwkOfMultikey, multikeyOf } from './multikey.ts'
export type { DidDocument, DidMethod, DidResolutionResult, Resolver } from './resolver.ts'
export type { DidCommService, Endpoint, EndpointObject, NewEndpoint } from './service.ts'
export {
  defaultEndpointSchemes,
  didCommProfile,
  didCommService,
  endpointsOf,
  sameProfile,
  schemeOf,
  speaksProfile,
  usableEndpoints,
} from './service.ts'
export { canonicalDid, peer3Of, sameSubject } from './subject.ts'
