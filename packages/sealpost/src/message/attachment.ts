/**
 * Attachments: the content of those that carry it, and how they are made. What lies behind links is in `attachment-fetch.ts`;
 * signatures are for those who know cryptography.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#attachments | v2.1, Attachments}
 * @module
 */
import { decodeBase64Tolerant, encodeBase64url } from '../bytes/base64url.ts'
import { isObject, parseJsonBytes } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import { mediaTypeOfFile, mediaTypes } from './media-types.ts'
import type { Attachment, Plaintext } from './plaintext.ts'
import { quote } from './wording.ts'

/** What an attachment holds: a JSON value, octets, or places to fetch them from. */
export type AttachmentContent =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'links'; readonly links: readonly string[]; readonly hash: string }

/** The descriptive members of an attachment, all optional; `id` is recommended, for without it nobody can refer to the attachment. */
export type AttachmentDescription = Pick<
  Attachment,
  'id' | 'description' | 'filename' | 'media_type' | 'format' | 'lastmod_time' | 'byte_count'
>

/**
 * Reads what an attachment holds, from its inline forms if there are any.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` where `base64` is neither base64 nor base64url; `ERR_MALFORMED_ATTACHMENT` where there is no content.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#attachments | v2.1, Attachments}
 * @example
 * ```ts
 * import { attachmentContent, base64Attachment } from 'sealpost/message'
 *
 * const content = attachmentContent(base64Attachment(new Uint8Array([1, 2, 3]), { id: 'photo', media_type: 'image/png' }))
 * if (content.kind === 'bytes') console.log(content.bytes.length) // 3
 * ```
 */
export function attachmentContent({ data }: Attachment): AttachmentContent {
  // ATT-10: any JSON value, a string too (G-35).
  if (data.json !== undefined) return { kind: 'json', json: data.json }
  // ATT-09: base64url by the text, padded base64 in its own example (G-28).
  if (typeof data.base64 === 'string') return { kind: 'bytes', bytes: decodeBase64Tolerant(data.base64) }
  // Some peers write `null` for what they leave out, whatever the type says.
  if (data.links?.length && typeof data.hash === 'string') return { kind: 'links', links: data.links, hash: data.hash }
  throw new DidcommError('ERR_MALFORMED_ATTACHMENT', 'expected an attachment that gives access to its content, found none', {
    rule: 'ATT-05',
  })
}

/**
 * The DIDComm message that an attachment carries inline, as a JSON object: an envelope or a plaintext message (ATT-14). It is parsed,
 * not checked.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ATTACHMENT` where the content is no JSON object or lies behind links; `ERR_MALFORMED_JSON`, `ERR_MALFORMED_ENCODING`.
 */
export function attachedMessage(attachment: Attachment): Record<string, unknown> {
  const content = attachmentContent(attachment)
  const value = content.kind === 'bytes' ? parseJsonBytes(content.bytes) : content.kind === 'json' ? content.json : undefined
  if (isObject(value)) return value
  throw new DidcommError('ERR_MALFORMED_ATTACHMENT', 'expected an attachment that carries a DIDComm message inline, found other content', {
    rule: 'ATT-14',
  })
}

/**
 * The octets that a detached signature of an attachment covers: those of `base64`, or what was fetched by its links (ATT-11).
 *
 * @param fetched - the content behind the links, checked against its hash
 * @throws {DidcommError} `ERR_MALFORMED_ATTACHMENT` where the content is `json` alone: JSON has no octets that signers could agree on.
 */
export function signedContent({ data }: Attachment, fetched?: Uint8Array): Uint8Array {
  if (typeof data.base64 === 'string') return decodeBase64Tolerant(data.base64)
  if (fetched !== undefined && data.json === undefined) return fetched
  throw new DidcommError('ERR_MALFORMED_ATTACHMENT', 'expected a signed attachment to hold `base64` or fetched content, found neither', {
    rule: 'ATT-11',
  })
}

/** The media type of an attachment: as it says, in its older spelling too (OOB-17), or by the extension of its file name (ATT-04). */
export function attachmentMediaType(attachment: Attachment): string | undefined {
  if (attachment.media_type !== undefined) return attachment.media_type
  if (typeof attachment.mime_type === 'string') return attachment.mime_type
  return attachment.filename === undefined ? undefined : mediaTypeOfFile(attachment.filename)
}

/**
 * The attachment that a reference such as `#photo` names; the mark may be missing. Undefined where there is none (ATT-12).
 */
export function findAttachment(message: Plaintext, reference: string): Attachment | undefined {
  const id = reference.startsWith('#') ? reference.slice(1) : reference
  return message.attachments?.find((attachment) => attachment.id === id)
}

/** Makes an attachment of a JSON value. */
export function jsonAttachment(json: unknown, description: AttachmentDescription = {}): Attachment {
  if (json === undefined) throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a JSON value to attach, found nothing', { rule: 'ATT-10' })
  return { ...description, data: { json } }
}

/** Makes an attachment of octets: base64url without padding. */
export function base64Attachment(bytes: Uint8Array, description: AttachmentDescription = {}): Attachment {
  return { ...description, data: { base64: encodeBase64url(bytes) } }
}

/**
 * Makes an attachment of content that lies elsewhere. The links are alternatives, the best first.
 *
 * @param hash - the multihash of the content, which must be given (ATT-06)
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` without links or hash.
 */
export function linkAttachment(links: readonly string[], hash: string, description: AttachmentDescription = {}): Attachment {
  if (links.length === 0 || hash === '') {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected links and a hash, found ${links.length} links and ${quote(hash)}`, {
      rule: 'ATT-06',
    })
  }
  return { ...description, data: { links, hash } }
}

/** Makes an attachment of a DIDComm message, an encrypted one by default (ATT-14). */
export const messageAttachment = (message: object, description: AttachmentDescription = {}): Attachment =>
  jsonAttachment(message, { media_type: mediaTypes.encrypted, ...description })
