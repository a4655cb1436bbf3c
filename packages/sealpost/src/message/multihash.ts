/**
 * Multihashes: a hash that says of what kind it is. The text says "multi-hash format" and no base, so that all the usual spellings
 * are read: base58btc as IPFS writes it, multibase, hexadecimal.
 *
 * @see {@link https://www.ietf.org/archive/id/draft-multiformats-multihash-07.html | The Multihash Data Format}
 * @module
 */
import { decodeBase58btc, decodeMultibase, encodeBase58btc, encodeVarint, readVarint } from '../bytes/multibase.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { quote } from './wording.ts'

/** The hashes that can be checked. */
export type HashName = 'sha2-256' | 'sha2-512'
/** A hash with its kind. */
export type Multihash = { readonly name: HashName; readonly digest: Uint8Array }

const kinds: ReadonlyMap<number, { readonly name: HashName; readonly length: number }> = new Map([
  [0x12, { name: 'sha2-256', length: 32 }],
  [0x13, { name: 'sha2-512', length: 64 }],
])
const maxLength = 256
const hexadecimal = /^f?(?:[0-9a-f]{2})+$|^f?(?:[0-9A-F]{2})+$/

/**
 * Reads a multihash (ATT-07).
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_HASH` for a kind that cannot be checked; `ERR_MALFORMED_ATTACHMENT` where it is no multihash, or cut short.
 */
export function parseMultihash(text: string): Multihash {
  const bytes = text.length > 0 && text.length <= maxLength ? octetsOf(text) : undefined
  if (bytes !== undefined) {
    const { value: code, length: codeLength } = readVarint(bytes)
    const digest = bytes.subarray(codeLength + readVarint(bytes.subarray(codeLength)).length)
    const kind = kinds.get(code)
    // ATT-07: what we cannot check is not sound: an unknown code must never pass for a match.
    if (kind === undefined) {
      throw new DidcommError('ERR_UNSUPPORTED_HASH', `expected a multihash of sha2-256 or sha2-512, found code ${code}`, { rule: 'ATT-07' })
    }
    // A digest that was cut short would be easier to meet by chance.
    if (digest.length === kind.length) return { name: kind.name, digest }
  }
  throw new DidcommError('ERR_MALFORMED_ATTACHMENT', `expected \`hash\` to be a multihash, found ${quote(text)}`, { rule: 'ATT-06' })
}

/** Writes a multihash as base58btc without prefix: the form that all readers of multihashes know. */
export function encodeMultihash({ name, digest }: Multihash): string {
  const code = name === 'sha2-256' ? 0x12 : 0x13
  const head = [...encodeVarint(code), ...encodeVarint(digest.length)]
  const bytes = new Uint8Array(head.length + digest.length)
  bytes.set(head)
  bytes.set(digest, head.length)
  return encodeBase58btc(bytes)
}

/** The octets that a text stands for, in the first of the known spellings in which it is as long as it says. */
function octetsOf(text: string): Uint8Array | undefined {
  for (const decode of [fromHexadecimal, decodeMultibase, decodeBase58btc]) {
    const bytes = attempt(decode, text)
    if (bytes !== undefined && isFramed(bytes)) return bytes
  }
  return undefined
}

function isFramed(bytes: Uint8Array): boolean {
  const framed = attempt((octets: Uint8Array) => {
    const code = readVarint(octets)
    const length = readVarint(octets.subarray(code.length))
    return code.length + length.length + length.value === octets.length
  }, bytes)
  return framed === true
}

function fromHexadecimal(text: string): Uint8Array | undefined {
  if (!hexadecimal.test(text)) return undefined
  const digits = text.length % 2 === 0 ? text : text.slice(1)
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

function attempt<In, Out>(decode: (value: In) => Out, value: In): Out | undefined {
  try {
    return decode(value)
  } catch (error) {
    if (isDidcommError(error)) return undefined
    throw error
  }
}
