/**
 * Envelopes: sealed and opened with keys that are given, packed and unpacked with DIDs resolved.
 *
 * @module
 */
export { signAttachment, verifyAttachment } from './attachment-signature.ts'
export type { ForwardOptions, Hop } from './forward.ts'
export { newId, wrapForward } from './forward.ts'
export type { Rotation } from './from-prior.ts'
export { fromPrior, signFromPrior } from './from-prior.ts'
export type { PublicKeys } from './lookup.ts'
export type { OpenOptions, Unpacked } from './open.ts'
export { open } from './open.ts'
export type { Packed, PackOptions } from './pack.ts'
export { pack } from './pack.ts'
export type { Limits, Policy, Rules } from './policy.ts'
export { defaultLimits, rulesOf } from './policy.ts'
export type { LayerEvidence, Party, Proof, Warning } from './proof.ts'
export { apvOf, chooseCurve } from './recipients.ts'
export type { Route } from './route.ts'
export type { SealOptions } from './seal.ts'
export { seal } from './seal.ts'
export type { UnpackOptions } from './unpack.ts'
export { unpack } from './unpack.ts'
export type { Layer, ReceivedWrapping, Wrapping } from './wrapping.ts'
export { layersOf, receivedWrappings, wrappingOf, wrappings } from './wrapping.ts'
