/**
 * Who is who: DIDs, DID documents, their keys and services, the DID methods, and the ports to resolvers and private keys.
 *
 * @module
 */
export type { AddressKind, EgressPolicy, Fetch, GuardedFetchOptions, GuardedResponse } from '../egress.ts'
export { addressKind, guardedFetch, isAllowedAddress, isPrivateAddress, vetUrl } from '../egress.ts'
export type { CacheOptions, ResolverOptions } from './create-resolver.ts'
export { createResolver } from './create-resolver.ts'
export type { Did, DidUrl, DidUrlParts } from './did.ts'
export { absolute, didOf, isDid, isDidUrl, maxDidLength, parseDidUrl } from './did.ts'
export type { MethodKey, Relationship } from './document.ts'
export { checkDocument, keyOf, keysOf, relationships } from './document.ts'
export { checkKid, checkUse, keyErrors, usesOf } from './key-store.ts'
export type { KeyStore, Keys, StoredKey } from './keys.ts'
export { createDidJwk, jwk } from './methods/jwk.ts'
export { createDidKey, key } from './methods/key.ts'
export type { PeerKey, PeerService } from './methods/peer/numalgo2.ts'
export { createDidPeer2 } from './methods/peer/numalgo2.ts'
export type { DidPeer4 } from './methods/peer/numalgo4.ts'
export { createDidPeer4 } from './methods/peer/numalgo4.ts'
export type { LongForms, PeerMethod, PeerOptions } from './methods/peer/peer.ts'
export { memoryLongForms, peer } from './methods/peer/peer.ts'
export type { WebOptions } from './methods/web.ts'
export { didWebUrl, web } from './methods/web.ts'
export { x25519Of } from './montgomery.ts'
export { jwkOfMultikey, multikeyOf } from './multikey.ts'
export type { ResolutionBudget } from './resolution.ts'
export { documentOf, resolutionBudget } from './resolution.ts'
export type { DidDocument, DidMethod, DidResolutionResult, ResolveOptions, Resolver } from './resolver.ts'
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
export { canonicalDid, canonicalKid, peer3Of, sameSubject } from './subject.ts'
