/**
 * The check that every plaintext message passes: one pass over the headers that v2.1 reserves, nothing copied, nothing built. What a
 * body means is for protocols to say.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-headers | v2.1, Message Headers}
 * @module
 */
import { isObject } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import { checkAttachments } from './attachment-check.ts'
import { isAddress, isMessageId, maxIdLength, strictIdLength } from './identifier.ts'
import { mediaTypeOf, mediaTypes } from './media-types.ts'
import type { Plaintext } from './plaintext.ts'
import { isMessageType } from './type-uri.ts'
import { kindOf, quote } from './wording.ts'

/** How strictly a plaintext message is read. */
export type CheckOptions = {
  /** Take ids of 32 octets at most, as the text has it, so that UUIDs are refused (D-03). */
  readonly strict?: boolean
}

// Limits beyond what anybody has use for, so that a list cannot make us work for its length.
const maxRecipients = 10_000
/** The most ids that one message acknowledges, or asks to have acknowledged. */
export const maxAcks = 1_000
const maxLanguages = 256
const maxLanguageLength = 255

/**
 * Checks that a value is a plaintext message: the required headers are there, and all headers that v2.1 reserves have the form it
 * gives them (HDR-25). Unknown headers are kept and looked at by nobody (HDR-22), and an `X-` before a name means nothing (HDR-23). The same object comes back, typed.
 *
 * @throws {DidcommError} `ERR_MALFORMED_MESSAGE`, `ERR_MALFORMED_ATTACHMENT`, or `ERR_MALFORMED_LIMIT` where a list is too long.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-headers | v2.1, Message Headers}
 * @example
 * ```ts
 * import { checkPlaintext } from 'sealpost/message'
 *
 * const message = checkPlaintext(JSON.parse('{"id":"1","type":"https://didcomm.org/empty/1.0/empty","body":{}}'))
 * console.log(message.id)
 * ```
 */
export function checkPlaintext(value: unknown, options?: CheckOptions): Plaintext {
  // PLN-01: a plaintext message is one JSON object.
  if (!isObject(value)) throw malformed('PLN-01', `expected a plaintext message to be a JSON object, found ${kindOf(value)}`)
  refuseProto(value, 'the message')
  const idLength = options?.strict === true ? strictIdLength : maxIdLength

  // HDR-01, THR-01: without an id it cannot be part of anything.
  if (value.id === undefined) throw malformed('HDR-01', 'expected the header `id`, found none: give each message an id, best a UUID')
  checkId(value.id, 'id', 'THR-02', idLength)
  if (!isMessageType(value.type)) throw malformed('HDR-03', `expected \`type\` to be a message type URI, found ${quote(value.type)}`)
  if (value.typ !== undefined && value.typ !== mediaTypes.plaintext) checkTyp(value.typ)
  if (value.from !== undefined && !isAddress(value.from)) throw badAddress('from', 'HDR-10', value.from)
  if (value.to !== undefined) checkTo(value.to)
  if (value.thid !== undefined) checkId(value.thid, 'thid', 'THR-06', idLength)
  if (value.pthid !== undefined) checkId(value.pthid, 'pthid', 'HDR-15', idLength)
  if (value.created_time !== undefined) checkTime(value.created_time, 'created_time', 'HDR-16')
  if (value.expires_time !== undefined) {
    checkTime(value.expires_time, 'expires_time', 'HDR-17')
    if (value.created_time !== undefined && (value.expires_time as number) < (value.created_time as number)) {
      throw malformed('HDR-17', 'expected `expires_time` to be at or after `created_time`, found it before')
    }
  }
  if (value.body !== undefined) {
    // HDR-19: optional since v2.1; an object where it is present.
    if (!isObject(value.body)) throw malformed('HDR-19', `expected \`body\` to be an object, found ${kindOf(value.body)}`)
    refuseProto(value.body, '`body`')
  }
  if (value.attachments !== undefined) checkAttachments(value.attachments)
  if (value.from_prior !== undefined) checkText(value.from_prior, 'from_prior')
  // ACK-01, ACK-02: in `please_ack` the empty string stands for this message.
  if (value.please_ack !== undefined) checkAcks(value.please_ack, 'please_ack', 'ACK-01', idLength)
  if (value.ack !== undefined) checkAcks(value.ack, 'ack', 'ACK-05', idLength)
  if (value.lang !== undefined) checkLanguage(value.lang, 'lang', 'I18-05')
  if (value['accept-lang'] !== undefined) checkAcceptLang(value['accept-lang'])
  if (value.trace !== undefined) checkText(value.trace, 'trace')
  return value as Plaintext
}

const malformed = (rule: string, message: string): DidcommError => new DidcommError('ERR_MALFORMED_MESSAGE', message, { rule })

const badAddress = (header: string, rule: string, value: unknown): DidcommError =>
  malformed(rule, `expected \`${header}\` to hold a DID or DID URL without fragment, found ${quote(value)}`)

// PLN-02: parsed text never has such a member, but values come from elsewhere too, and loops that copy members would set the prototype.
function refuseProto(value: Record<string, unknown>, where: string): void {
  if (Object.hasOwn(value, '__proto__')) throw malformed('PLN-02', `expected no member named "__proto__" in ${where}, found one`)
}

function checkId(value: unknown, header: string, rule: string, maxLength: number): void {
  if (isMessageId(value, maxLength)) return
  throw malformed(rule, `expected \`${header}\` to be 1 to ${maxLength} unreserved URI characters, found ${quote(value)}`)
}

function checkTyp(value: unknown): void {
  // MED-08: a `typ` of another format means that this was never meant to be read as plaintext.
  if (mediaTypeOf(value) === mediaTypes.plaintext) return
  throw malformed('MED-08', `expected \`typ\` to be ${mediaTypes.plaintext}, found ${quote(value)}`)
}

function checkTo(value: unknown): void {
  // HDR-04: peers have sent one string here.
  if (!Array.isArray(value)) throw malformed('HDR-04', `expected \`to\` to be an array of DIDs, found ${kindOf(value)}`)
  checkLength(value, 'to', maxRecipients)
  for (const item of value) if (!isAddress(item)) throw badAddress('to', 'HDR-05', item)
}

function checkTime(value: unknown, header: string, rule: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0)) return
  const found = typeof value === 'number' ? `the number ${Object.is(value, -0) ? '-0' : value}` : kindOf(value)
  throw malformed(rule, `expected \`${header}\` to be whole UTC epoch seconds, found ${found}`)
}

function checkText(value: unknown, header: string): void {
  if (typeof value !== 'string') throw malformed('HDR-25', `expected \`${header}\` to be a string, found ${kindOf(value)}`)
}

function checkAcks(value: unknown, header: string, rule: string, idLength: number): void {
  if (!Array.isArray(value)) throw malformed(rule, `expected \`${header}\` to be an array of message ids, found ${kindOf(value)}`)
  checkLength(value, header, maxAcks)
  for (const id of value) if (id !== '' || header === 'ack') checkId(id, header, rule, idLength)
}

function checkLanguage(value: unknown, header: string, rule: string): void {
  if (typeof value === 'string' && value.length <= maxLanguageLength) return
  throw malformed(rule, `expected \`${header}\` to hold IANA language tags, found ${quote(value)}`)
}

function checkAcceptLang(value: unknown): void {
  if (!Array.isArray(value)) throw malformed('I18-02', `expected \`accept-lang\` to be an array of languages, found ${kindOf(value)}`)
  checkLength(value, 'accept-lang', maxLanguages)
  for (const language of value) checkLanguage(language, 'accept-lang', 'I18-02')
}

function checkLength(value: readonly unknown[], header: string, maxLength: number): void {
  if (value.length <= maxLength) return
  throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxLength} items in \`${header}\`, found ${value.length}`, {
    rule: 'JOSE-05',
  })
}
