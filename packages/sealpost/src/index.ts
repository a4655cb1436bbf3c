/**
 * Sealpost: DIDComm Messaging v2.1. The names that most programs need; the rooms behind them are subpaths of their own, such as
 * `sealpost/message` and `sealpost/jose`.
 *
 * @module
 */

export type { Did, DidDocument, DidMethod, DidResolutionResult, DidUrl, Endpoint, KeyStore, Keys, Resolver } from './did/index.ts'
export {
  createDidJwk,
  createDidKey,
  createDidPeer2,
  createDidPeer4,
  createResolver,
  didCommService,
  isDid,
  isDidUrl,
  jwk,
  key,
  parseDidUrl,
  peer,
  sameSubject,
  web,
} from './did/index.ts'
export type {
  Layer,
  Limits,
  Packed,
  PackOptions,
  Party,
  Policy,
  Proof,
  ReceivedWrapping,
  Unpacked,
  UnpackOptions,
  Warning,
  Wrapping,
} from './envelope/index.ts'
export { fromPrior, newId, pack, signAttachment, unpack, verifyAttachment } from './envelope/index.ts'
export type { ErrorCode, ErrorFamily } from './errors.ts'
export { DidcommError, errorCodes, isDidcommError } from './errors.ts'
export type { ContentAlgorithm, Curve, PrivateJwk, PublicJwk } from './jose/index.ts'
export { generateKey, publicJwkOf } from './jose/index.ts'
export { memoryKeyStore, memoryKeys } from './keys/memory.ts'
export type { Attachment, AttachmentData, Plaintext } from './message/index.ts'
export {
  acknowledgedIds,
  attachmentContent,
  base64Attachment,
  checkForward,
  checkInvitation,
  checkPlaintext,
  chooseLanguage,
  chooseProfile,
  createInvitation,
  explain,
  fetchAttachment,
  fetchInvitation,
  invitationUrl,
  isExpired,
  isForward,
  isProblemReport,
  jsonAttachment,
  linkAttachment,
  matchesType,
  mediaTypeOf,
  mediaTypes,
  messageAttachment,
  parseInvitationUrl,
  parseMessageType,
  parseProblemCode,
  parseProblemReport,
  parseProtocol,
  problemReport,
  replyHeaders,
  requestedAcks,
  returnRouteOf,
  sameThread,
  threadOf,
} from './message/index.ts'
