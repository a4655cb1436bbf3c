/**
 * What is said: plaintext messages, their headers and attachments, problems, and invitations. No cryptography, no DIDs resolved, no
 * clock, no random numbers.
 *
 * @module
 */
export {
  type AckMemory,
  ackHeader,
  acknowledgedIds,
  acknowledges,
  acksDue,
  emptyType,
  isExplicitAck,
  isPureAck,
  pureAck,
  requestedAcks,
} from './ack.ts'
export {
  type AttachmentContent,
  type AttachmentDescription,
  attachedMessage,
  attachmentContent,
  attachmentMediaType,
  base64Attachment,
  findAttachment,
  jsonAttachment,
  linkAttachment,
  messageAttachment,
  signedContent,
} from './attachment.ts'
export { checkAttachment, checkAttachments, maxAttachments } from './attachment-check.ts'
export { type Digests, type FetchAttachmentOptions, fetchAttachment } from './attachment-fetch.ts'
export { beginCascade, type Cascade, type CascadeStep, problemReceived, problemToReport } from './cascade.ts'
export { type CheckOptions, checkPlaintext } from './check.ts'
export { checkForward, type Forward, forwardDelay, forwardType, isForward, maxDelayMilliseconds } from './forward.ts'
export { isDomainGoalCode, matchesGoalCode } from './goal-code.ts'
export { idKey, isAddress, isMessageId, maxAddressLength, maxIdLength, sameId, strictIdLength } from './identifier.ts'
export {
  type FetchInvitationOptions,
  fetchInvitation,
  type InvitationReference,
  invitationUrl,
  maxInvitationUrlLength,
  parseInvitationUrl,
  shortInvitationUrl,
} from './invitation-url.ts'
export { acceptedLanguages, badLanguageCodes, chooseLanguage, inlineTranslations, localizedBody, type Translation } from './language.ts'
export {
  fileExtensions,
  formatOf,
  type MediaType,
  type MessageFormat,
  mediaTypeOf,
  mediaTypeOfFile,
  mediaTypes,
  messageFileName,
} from './media-types.ts'
export { encodeMultihash, type HashName, type Multihash, parseMultihash } from './multihash.ts'
export {
  answersInvitation,
  checkInvitation,
  chooseInvitedMessage,
  createInvitation,
  type Invitation,
  type InvitationContent,
  invitationType,
} from './out-of-band.ts'
export type { Attachment, AttachmentData, Plaintext } from './plaintext.ts'
export {
  escalateWarning,
  explain,
  isProblemReport,
  mayReport,
  type Problem,
  type ProblemReport,
  parseProblemReport,
  problemReport,
  problemReportType,
} from './problem.ts'
export {
  commentOf,
  hasDescriptor,
  isAtLeastAsBroad,
  isProblemCode,
  matchesCode,
  maxErrorsCode,
  type ProblemCode,
  parseProblemCode,
  problemComments,
} from './problem-codes.ts'
export { chooseProfile, definedProfiles, type Profile, parseProfile, profileV2, sameProfile } from './profiles.ts'
export { mayReturn, queueUri, type ReturnRequest, type ReturnRoute, returnCapacity, returnRouteOf } from './return-route.ts'
export {
  nothingSeen,
  ordersToResend,
  type ReceivedOrders,
  receivedOrdersHeader,
  resent,
  type SeenOrders,
  type Sequencing,
  sawOrder,
  sequencingOf,
} from './sequencing.ts'
export { inertText, safeFilename } from './text.ts'
export { childHeaders, isChildOf, replyHeaders, sameThread, threadKey, threadOf } from './thread.ts'
export { defaultSkewSeconds, isExpired, isFromFuture } from './time.ts'
export { type TracePolicy, type TraceReport, traceReport, traceTarget } from './trace.ts'
export {
  commonVersion,
  isCompatible,
  isMessageType,
  type MessageType,
  matchesType,
  maxTypeUriLength,
  type Protocol,
  type ProtocolVersion,
  parseMessageType,
  parseProtocol,
  sameName,
} from './type-uri.ts'
export { type WebRedirect, webRedirectOf } from './web-redirect.ts'
