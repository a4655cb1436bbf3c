/**
 * The three media types of DIDComm messages, the ways they are spelt, and the extensions of files that hold them.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#iana-media-types | v2.1, IANA Media Types}
 * @module
 */

/** The formats of messages, with their media types: of a message in envelopes, that of the outermost (MED-01, MED-02, MED-03, G-50). */
export const mediaTypes = {
  plaintext: 'application/didcomm-plain+json',
  signed: 'application/didcomm-signed+json',
  encrypted: 'application/didcomm-encrypted+json',
} as const

/** A format of messages. */
export type MessageFormat = keyof typeof mediaTypes
/** The media type of a DIDComm message. */
export type MediaType = (typeof mediaTypes)[MessageFormat]

/** The extensions of files, by media type (MED-11). */
export const fileExtensions: Readonly<Record<MediaType, '.dcpm' | '.dcsm' | '.dcem'>> = {
  'application/didcomm-plain+json': '.dcpm',
  'application/didcomm-signed+json': '.dcsm',
  'application/didcomm-encrypted+json': '.dcem',
}

const known: ReadonlySet<string> = new Set(Object.values(mediaTypes))
const maxLength = 255

/**
 * The media type of DIDComm that a text names, as in `typ`, `Content-Type` or `media_type`: case does not count, parameters are dropped,
 * and a type without a slash is in `application/` (MED-07). Undefined for everything else.
 *
 * @example
 * ```ts
 * import { mediaTypeOf } from 'sealpost/message'
 *
 * mediaTypeOf('DIDComm-Encrypted+JSON; charset=utf-8') // 'application/didcomm-encrypted+json'
 * ```
 */
export function mediaTypeOf(text: unknown): MediaType | undefined {
  if (typeof text !== 'string' || text.length > maxLength) return undefined
  if (known.has(text)) return text as MediaType
  const end = text.indexOf(';')
  const bare = (end < 0 ? text : text.slice(0, end)).trim().toLowerCase()
  const full = bare.includes('/') ? bare : `application/${bare}`
  return known.has(full) ? (full as MediaType) : undefined
}

/** The format that a media type stands for; undefined where it is none of DIDComm's. */
export function formatOf(text: unknown): MessageFormat | undefined {
  const type = mediaTypeOf(text)
  if (type === undefined) return undefined
  return type === mediaTypes.plaintext ? 'plaintext' : type === mediaTypes.signed ? 'signed' : 'encrypted'
}

/** The media type of a file with this name, by its extension; undefined where the extension is none of DIDComm's (MED-11). */
export function mediaTypeOfFile(filename: string): MediaType | undefined {
  const end = filename.slice(-5).toLowerCase()
  for (const type of known) if (fileExtensions[type as MediaType] === end) return type as MediaType
  return undefined
}

/**
 * The name of a file for a message. Ids such as `..` or `CON` are allowed, so that they never stand alone in a name; ids that differ
 * in case alone get one name, for they are one id (THR-04, M21).
 *
 * @param id - an id that `isMessageId` holds for
 */
export const messageFileName = (id: string, type: MediaType): string => `m-${id.toLowerCase()}${fileExtensions[type]}`
