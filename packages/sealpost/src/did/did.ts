/**
 * DIDs and DID URLs: syntax and parts. No method is known here.
 *
 * @see {@link https://www.w3.org/TR/did-core/#did-syntax | DID Core, DID Syntax}
 * @module
 */
import { DidcommError } from '../errors.ts'

/** A DID, such as `did:example:alice`. */
export type Did = `did:${string}:${string}`
/** A DID URL, such as `did:example:alice#key-1`. */
export type DidUrl = `did:${string}:${string}`

/** The longest DID or DID URL that is looked at, in characters: long forms of did:peer carry whole documents. */
export const maxDidLength = 8192

// Method-specific ids may have empty segments, but must not end with a colon; percent-encoding has two hexadecimal digits.
const didSyntax = /^did:[a-z0-9]+:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2}|:(?=[A-Za-z0-9._:%-]))+$/
const urlTailSyntax = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/

/** Tells whether a value is a DID: no path, no query, no fragment. */
export function isDid(value: unknown): value is Did {
  return typeof value === 'string' && value.length <= maxDidLength && didSyntax.test(value)
}

/** The parts of a DID URL. `path` starts with a slash or is empty; `query` and `fragment` come without their marks. */
export type DidUrlParts = {
  readonly did: Did
  readonly path: string
  readonly query: string | undefined
  readonly fragment: string | undefined
}

/**
 * Takes a DID URL apart. A DID is a DID URL without path, query and fragment.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID` where it is not one.
 */
export function parseDidUrl(url: string): DidUrlParts {
  const parts = splitDidUrl(url)
  if (parts === undefined) throw new DidcommError('ERR_MALFORMED_DID', `expected a DID or DID URL, found ${show(url)}`)
  return parts
}

/** Tells whether a value is a DID URL; a bare DID is one too. */
export const isDidUrl = (value: unknown): value is DidUrl =>
  typeof value === 'string' && ((value.length <= maxDidLength && plainKid.test(value)) || splitDidUrl(value) !== undefined)

// What nearly all kids look like, known at a glance: a DID without percent-encoding, and a fragment.
const plainKid = /^did:[a-z0-9]+:[A-Za-z0-9._:-]*[A-Za-z0-9._-]#[A-Za-z0-9._~-]+$/

/** The DID part of a DID URL, without looking at the rest: what two identifiers are compared by (G-26). */
export function didOf(url: DidUrl | Did): Did {
  const end = url.search(/[/?#]/)
  return (end < 0 ? url : url.slice(0, end)) as Did
}

/** Makes a reference of a DID document absolute: `#key-1` belongs to the document's DID (KID-03, G-41). */
export function absolute(reference: string, did: Did): DidUrl {
  return (reference.startsWith('#') ? did + reference : reference) as DidUrl
}

function splitDidUrl(url: string): DidUrlParts | undefined {
  if (url.length > maxDidLength) return undefined
  const hash = url.indexOf('#')
  const fragment = hash < 0 ? undefined : url.slice(hash + 1)
  const rest = hash < 0 ? url : url.slice(0, hash)
  const mark = rest.indexOf('?')
  const query = mark < 0 ? undefined : rest.slice(mark + 1)
  const start = mark < 0 ? rest : rest.slice(0, mark)
  const slash = start.indexOf('/')
  const path = slash < 0 ? '' : start.slice(slash)
  const did = slash < 0 ? start : start.slice(0, slash)
  if (!isDid(did) || fragment === '' || ![path, query ?? '', fragment ?? ''].every((part) => urlTailSyntax.test(part))) return undefined
  return { did, path, query, fragment }
}

/** A value for an error message: short, and on one line. */
const show = (value: string): string => JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
