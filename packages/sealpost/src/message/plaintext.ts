/**
 * The plaintext message: what is said. It knows no cryptography.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#plaintext-message-structure | v2.1, Plaintext Message Structure}
 * @module
 */

/**
 * A plaintext message with the headers that v2.1 names. Headers are siblings of `body` and have its audience (PLN-03); headers that
 * nobody knows are kept as they are (HDR-22), and each is spelled as the text that names it does (G-30). A message of headers alone is complete: `body` is optional (HDR-19, HDR-26).
 */
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
  /** Read it with `returnRouteOf`: a value that nobody knows is no error, it means none (RR-01). */
  readonly return_route?: unknown
  readonly return_route_thread?: unknown
  /** The URI that asks for route traces. It is refused by default (TRC-04). */
  readonly trace?: string
  readonly [header: string]: unknown
}

/** An attachment (v2.1, Attachments). */
export type Attachment = {
  readonly id?: string
  readonly description?: string
  /** A hint, never a path: read it with `safeFilename` (ATT-04). */
  readonly filename?: string
  readonly media_type?: string
  readonly format?: string
  /** UTC epoch seconds. */
  readonly lastmod_time?: number
  /** A hint about the size of linked content, in octets. */
  readonly byte_count?: number
  readonly data: AttachmentData
  readonly [member: string]: unknown
}

/** Where the content of an attachment is: inline as `json` or `base64`, or behind `links` with a `hash` (ATT-05). */
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
