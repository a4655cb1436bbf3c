/**
 * JOSE as DIDComm uses it: keys and bytes, no DIDs.
 *
 * @module
 */
export type { DeriveKek, KdfContext } from './agreement.ts'
export { concatKdf } from './agreement.ts'
export type { AgreementCurve, ContentAlgorithm, Curve, KeyAlgorithm, SignatureAlgorithm, SignatureCurve } from './algorithms.ts'
export {
  agreementCurves,
  contentAlgorithms,
  curves,
  isAgreementCurve,
  keyAlgorithms,
  signatureAlgorithmOf,
  signatureAlgorithms,
} from './algorithms.ts'
export { generateKey } from './generate-key.ts'
export type { Jwe, JweHeader, JweLimits, JweParties, JweRecipient, JweSecrets } from './jwe.ts'
export { decryptJwe, encryptJwe, jweHeader, parseJwe } from './jwe.ts'
export { checkPrivateJwk, checkPublicJwk, publicJwkOf } from './jwk.ts'
export type { Jws, JwsSignature, Signer } from './jws.ts'
export { parseCompactJws, parseDetachedJws, parseJws, signCompactJws, signDetachedJws, signJws, verifySignature } from './jws.ts'
export type { EcCurve } from './point.ts'
export { compressPoint, decompressPoint, isOnCurve } from './point.ts'
export type { KeyUse, Later, PrivateJwk, PublicJwk } from './primitives/primitives.ts'
