/**
 * The form of attachments: what must be there so that the content can be reached. The content itself is not decoded here, but for
 * the one case where it stands in two forms that must agree.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#attachments | v2.1, Attachments}
 * @module
 */
import { decodeBase64Tolerant } from '../bytes/base64url.ts'
import { canonicalJson, isObject, parseJsonBytes } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import type { Attachment } from './plaintext.ts'
import { kindOf, quote } from './wording.ts'

/** The most attachments of one message that are taken. */
export const maxAttachments = 256
/** The most links of one attachment that are taken. */
export const maxLinks = 64

const maxAttachmentIdLength = 255
const unreserved = /^[A-Za-z0-9._~-]+$/
const texts = ['description', 'filename', 'media_type', 'format'] as const
const numbers = ['lastmod_time', 'byte_count'] as const

/**
 * Checks the `attachments` header: each attachment gives access to its content (ATT-01, ATT-05), and ids are unique (ATT-12).
 *
 * @throws {DidcommError} `ERR_MALFORMED_ATTACHMENT`; `ERR_MALFORMED_MESSAGE` where it is no list; `ERR_MALFORMED_LIMIT` where there are too many.
 */
export function checkAttachments(value: unknown): asserts value is readonly Attachment[] {
  if (!Array.isArray(value)) {
    throw new DidcommError('ERR_MALFORMED_MESSAGE', `expected \`attachments\` to be an array, found ${kindOf(value)}`, { rule: 'HDR-21' })
  }
  if (value.length > maxAttachments) throw tooMany('attachments', maxAttachments, value.length)
  let ids: Set<string> | undefined
  for (const item of value) {
    checkAttachment(item)
    if (item.id === undefined || value.length === 1) continue
    ids ??= new Set()
    // ATT-12: `#id` must name one attachment.
    if (ids.has(item.id)) throw malformed('ATT-12', `expected the ids of attachments to be unique, found ${quote(item.id)} twice`)
    ids.add(item.id)
  }
}

/**
 * Checks one attachment.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ATTACHMENT`; `ERR_MALFORMED_LIMIT` for too many links.
 */
export function checkAttachment(value: unknown): asserts value is Attachment {
  if (!isObject(value)) throw malformed('ATT-01', `expected an attachment to be an object, found ${kindOf(value)}`)
  if (Object.hasOwn(value, '__proto__')) throw malformed('PLN-02', 'expected no member named "__proto__" in an attachment, found one')
  const { id, data } = value
  if (id !== undefined && (typeof id !== 'string' || id.length > maxAttachmentIdLength || !unreserved.test(id))) {
    // ATT-02: the id becomes the fragment of a URI.
    throw malformed('ATT-02', `expected the \`id\` of an attachment to be unreserved URI characters, found ${quote(id)}`)
  }
  for (const name of texts) {
    const text = value[name]
    if (text !== undefined && typeof text !== 'string')
      throw malformed('ATT-03', `expected \`${name}\` to be a string, found ${kindOf(text)}`)
  }
  for (const name of numbers) {
    const number = value[name]
    if (number === undefined || (Number.isSafeInteger(number) && (number as number) >= 0 && !Object.is(number, -0))) continue
    throw malformed('ATT-03', `expected \`${name}\` to be a whole number from 0, found ${kindOf(number)}`)
  }
  if (!isObject(data)) throw malformed('ATT-05', `expected \`data\` of an attachment to be an object, found ${kindOf(data)}`)
  checkData(data)
}

const malformed = (rule: string, message: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_ATTACHMENT', message, { rule, cause })

const tooMany = (what: string, most: number, found: number): DidcommError =>
  new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${most} ${what}, found ${found}`, { rule: 'JOSE-05' })

function checkData(data: Record<string, unknown>): void {
  const { json } = data
  // Implementations in use write `null` for these where they have none. For `json`, null is a value (ATT-10).
  const base64 = data.base64 ?? undefined
  const links = data.links ?? undefined
  const hash = data.hash ?? undefined
  const jws = data.jws ?? undefined
  if (Object.hasOwn(data, '__proto__')) throw malformed('PLN-02', 'expected no member named "__proto__" in an attachment, found one')
  if (base64 !== undefined && typeof base64 !== 'string')
    throw malformed('ATT-09', `expected \`base64\` to be a string, found ${kindOf(base64)}`)
  if (hash !== undefined && typeof hash !== 'string') throw malformed('ATT-06', `expected \`hash\` to be a string, found ${kindOf(hash)}`)
  if (jws !== undefined && !isObject(jws)) throw malformed('ATT-11', `expected \`jws\` to be an object, found ${kindOf(jws)}`)
  if (links !== undefined) checkLinks(links, hash)
  const reachable = base64 !== undefined || json !== undefined || (Array.isArray(links) && links.length > 0)
  if (!reachable) {
    // ATT-08: a list of no links leads nowhere; a signature or a hash alone is no content.
    throw malformed(
      'ATT-05',
      'expected `data` to give access to the content by `json`, `base64` or `links` with `hash`, found none of them',
    )
  }
  if (base64 !== undefined && json !== undefined && !sameContent(base64, json)) {
    throw malformed('ATT-05', 'expected `json` and `base64` of an attachment to be the same content, found that they differ')
  }
}

function checkLinks(links: unknown, hash: unknown): void {
  if (!Array.isArray(links)) throw malformed('ATT-08', `expected \`links\` to be an array of URIs, found ${kindOf(links)}`)
  if (links.length > maxLinks) throw tooMany('links of an attachment', maxLinks, links.length)
  for (const link of links) if (typeof link !== 'string') throw malformed('ATT-08', `expected a link to be a string, found ${kindOf(link)}`)
  if (links.length > 0 && (hash === undefined || hash === '')) {
    throw malformed('ATT-06', 'expected `hash` beside `links`, found none: without it nobody can tell what the links lead to')
  }
}

function sameContent(base64: string, json: unknown): boolean {
  try {
    return canonicalJson(parseJsonBytes(decodeBase64Tolerant(base64))) === canonicalJson(json)
  } catch {
    // What is no JSON, or too deep to be written, cannot be the same.
    return false
  }
}
