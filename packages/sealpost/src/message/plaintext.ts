/**
 * The plaintext message: what is said. It knows no cryptography.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#plaintext-message-structure | v2.1, Plaintext Message Structure}
 * @module
 */

/** A plaintext message with the headers that v2.1 names. Headers that nobody knows are kept as they are (HDR-22). */
export type Plaintext = {
  readonly id: string
  readonly type: string
  readonly typ?: string
  readonly from?: string
  readonly to?: readonly string[]
  readonly thid?: string
  readonly pthid?: string
  /** UTC epoch seconds. */
  readonly created_time?: number
  /** UTC epoch seconds. */
  readonly expires_time?: number
  readonly body?: { readonly [member: string]: unknown }
  readonly attachments?: readonly Attachment[]
  readonly from_prior?: string
  readonly please_ack?: readonly string[]
  readonly ack?: readonly string[]
  readonly lang?: string
  readonly 'accept-lang'?: readonly string[]
  readonly return_route?: string
  readonly return_route_thread?: string
  readonly [header: string]: unknown
}

/** An attachment (v2.1, Attachments). */
export type Attachment = {
  readonly id?: string
  readonly description?: string
  readonly filename?: string
  readonly media_type?: string
  readonly format?: string
  /** UTC epoch seconds. */
  readonly lastmod_time?: number
  readonly byte_count?: number
  readonly data: AttachmentData
  readonly [member: string]: unknown
}

export type AttachmentData = {
  /** A detached JWS over the content. */
  readonly jws?: object
  /** A multihash of the content. */
  readonly hash?: string
  readonly links?: readonly string[]
  /** base64url. */
  readonly base64?: string
  readonly json?: unknown
  readonly [member: string]: unknown
}
