/**
 * Message type URIs and protocol identifier URIs: parts, versions, and what counts as the same. Time is linear in the length: the
 * loose expressions of the text are not anchored, know lower case alone, and go quadratic on hostile input (URI-06, G-52).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#protocol-identifier-uri | v2.1, Protocol Identifier URI}
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-type-uri | v2.1, Message Type URI}
 * @module
 */
import { DidcommError } from '../errors.ts'
import { quote } from './wording.ts'

/** The version of a protocol. A patch number says nothing in URIs (SEM-04). */
export type ProtocolVersion = { readonly major: number; readonly minor: number }

/** The parts of a protocol identifier URI. */
export type Protocol = {
  /** The whole identifier without a slash at its end, such as `https://didcomm.org/lets_do_lunch/1.0`. */
  readonly protocol: string
  /** What stands before the name, delimiter included, such as `https://didcomm.org/`. */
  readonly documentUri: string
  readonly name: string
  readonly version: ProtocolVersion
}

/** The parts of a message type URI. */
export type MessageType = Protocol & {
  /** The name of the message type, such as `proposal`. */
  readonly message: string
}

/** The longest URI of a protocol or message type that is looked at, in characters. */
export const maxTypeUriLength = 2048

// URI-04: identifier = alpha *(*(alphanum / "_" / "-" / ".") alphanum)
const identifier = /^[A-Za-z](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
const version = /^(\d{1,9})\.(\d{1,9})(?:\.\d{1,9})?$/
const documentUri = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]*$/
const delimiters = '?/&:;='

/**
 * Takes a message type URI apart (URI-03).
 *
 * @throws {DidcommError} `ERR_MALFORMED_TYPE_URI` where it is not one.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-type-uri | v2.1, Message Type URI}
 * @example
 * ```ts
 * import { parseMessageType } from 'sealpost/message'
 *
 * const { name, version, message } = parseMessageType('https://didcomm.org/lets_do_lunch/1.0/proposal')
 * console.log(name, version.major, message) // lets_do_lunch 1 proposal
 * ```
 */
export function parseMessageType(uri: string): MessageType {
  const type = readMessageType(uri)
  if (type === undefined) {
    const expected = 'expected a message type URI such as https://didcomm.org/lets_do_lunch/1.0/proposal'
    throw new DidcommError('ERR_MALFORMED_TYPE_URI', `${expected}, found ${quote(uri)}`, { rule: 'URI-03' })
  }
  return type
}

/**
 * Takes a protocol identifier URI apart (URI-01). A slash at its end is taken.
 *
 * @throws {DidcommError} `ERR_MALFORMED_TYPE_URI` where it is not one.
 */
export function parseProtocol(piuri: string): Protocol {
  const protocol = readProtocol(piuri)
  if (protocol === undefined) {
    const expected = 'expected a protocol identifier URI such as https://didcomm.org/lets_do_lunch/1.0'
    throw new DidcommError('ERR_MALFORMED_TYPE_URI', `${expected}, found ${quote(piuri)}`, { rule: 'URI-01' })
  }
  return protocol
}

/** Tells whether a value is a message type URI. It builds nothing: every message passes here. */
export function isMessageType(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > maxTypeUriLength) return false
  const slash = value.lastIndexOf('/')
  if (slash < 0 || !identifier.test(value.slice(slash + 1))) return false
  const before = value.lastIndexOf('/', slash - 1)
  if (before < 0 || !version.test(value.slice(before + 1, slash))) return false
  const start = startOfName(value, before)
  return isNameAt(value, start, before)
}

/** Tells whether two names of protocols or message types are the same: case and punctuation do not count (URI-05). */
export const sameName = (a: string, b: string): boolean => a === b || bareName(a) === bareName(b)

/**
 * Tells whether two protocols can talk: same document, same name, same major version (SEM-01).
 *
 * @param a - a protocol or message type, or its URI; a URI that is none is compatible with nothing
 */
export function isCompatible(a: Protocol | string, b: Protocol | string): boolean {
  const left = protocolOf(a)
  const right = protocolOf(b)
  if (left === undefined || right === undefined) return false
  return left.documentUri === right.documentUri && left.version.major === right.version.major && sameName(left.name, right.name)
}

/** Tells whether two message types are handled alike: compatible protocols, and the same name of the message (URI-05, SEM-01). */
export function matchesType(a: MessageType | string, b: MessageType | string): boolean {
  if (a === b && typeof a === 'string') return isMessageType(a)
  const left = typeof a === 'string' ? readMessageType(a) : a
  const right = typeof b === 'string' ? readMessageType(b) : b
  return left !== undefined && right !== undefined && sameName(left.message, right.message) && isCompatible(left, right)
}

/** The version that two parties of compatible protocols speak: the older of the two (SEM-01). Undefined where they are not compatible. */
export function commonVersion(a: Protocol | string, b: Protocol | string): ProtocolVersion | undefined {
  const left = protocolOf(a)
  const right = protocolOf(b)
  if (left === undefined || right === undefined || !isCompatible(left, right)) return undefined
  return left.version.minor <= right.version.minor ? left.version : right.version
}

function protocolOf(value: Protocol | string): Protocol | undefined {
  return typeof value === 'string' ? (readMessageType(value) ?? readProtocol(value)) : value
}

function readMessageType(uri: unknown): MessageType | undefined {
  if (typeof uri !== 'string' || uri.length > maxTypeUriLength) return undefined
  const slash = uri.lastIndexOf('/')
  const message = uri.slice(slash + 1)
  if (slash < 0 || !identifier.test(message)) return undefined
  const protocol = readProtocol(uri.slice(0, slash))
  return protocol === undefined || protocol.protocol.length !== slash ? undefined : { ...protocol, message }
}

function readProtocol(uri: unknown): Protocol | undefined {
  if (typeof uri !== 'string' || uri.length > maxTypeUriLength) return undefined
  const protocol = uri.endsWith('/') ? uri.slice(0, -1) : uri
  const slash = protocol.lastIndexOf('/')
  if (slash < 0) return undefined
  const numbers = version.exec(protocol.slice(slash + 1))
  const start = startOfName(protocol, slash)
  if (numbers === null || !isNameAt(protocol, start, slash)) return undefined
  return {
    protocol,
    documentUri: protocol.slice(0, start),
    name: protocol.slice(start, slash),
    version: { major: Number(numbers[1]), minor: Number(numbers[2]) },
  }
}

/** Where the run of characters of a name begins that ends before `end`. */
function startOfName(uri: string, end: number): number {
  let start = end
  while (start > 0 && isNameCharacter(uri.charCodeAt(start - 1))) start--
  return start
}

function isNameAt(uri: string, start: number, end: number): boolean {
  if (start === 0 || !delimiters.includes(uri.charAt(start - 1))) return false
  return identifier.test(uri.slice(start, end)) && documentUri.test(uri.slice(0, start))
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x2d && code <= 0x39 && code !== 0x2f) || code === 0x5f || (code >= 0x41 && code <= 0x5a)
  )
}

const bareName = (name: string): string => name.toLowerCase().replace(/[._-]/g, '')
