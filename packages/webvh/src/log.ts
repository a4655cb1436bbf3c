/**
 * The form of a log: its lines, the members of an entry, and the parameters that an entry sets. What an entry claims is proved elsewhere.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#the-did-log-file | did:webvh 1.0, The DID Log File}
 * @see {@link https://identity.foundation/didwebvh/v1.0/#didwebvh-did-method-parameters | did:webvh 1.0, DID Method Parameters}
 * @module
 */
import { isObject, parseJson } from 'sealpost/bytes'
import type { DidDocument } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { parseWitness, type Witness } from './witness.ts'

/** An entry whose form was checked. `json` is all of it, as it was parsed. */
export type Entry = {
  readonly versionId: string
  readonly versionTime: string
  /** `versionTime` in milliseconds since 1970. */
  readonly time: number
  readonly parameters: Parameters
  readonly state: DidDocument
  readonly proofs: readonly Record<string, unknown>[]
  readonly json: Readonly<Record<string, unknown>>
}

/** What an entry sets. A member that is absent leaves what was before. */
export type Parameters = {
  readonly method?: string
  readonly scid?: string
  readonly updateKeys?: readonly string[]
  readonly nextKeyHashes?: readonly string[]
  /** Undefined in its value where there are none, which `{}` says. */
  readonly witness?: { readonly value: Witness | undefined }
  readonly watchers?: readonly string[]
  readonly portable?: boolean
  readonly deactivated?: boolean
  readonly ttl?: number
}

/** One version of a DID, proved. */
export type Version = {
  readonly versionId: string
  readonly versionTime: string
  /** `versionTime` in milliseconds since 1970. */
  readonly time: number
  readonly document: DidDocument
  readonly portable: boolean
  readonly deactivated: boolean
  readonly ttlSeconds: number
  readonly watchers: readonly string[]
  /** Those who have to approve of what comes next. */
  readonly witness: Witness | undefined
  /** Those who had to approve of this version. */
  readonly approvers: Witness | undefined
}

/** A log that is not what it has to be. */
export const malformed = (expected: string, found: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected ${expected} in the log of a did:webvh, found ${found}`)

const mostProofs = 16
// What a resolver takes of a document by default.
const mostLettersOfEntry = 262_144
const mostTtlSeconds = 2 ** 31

/** The lines of a log, none of them empty. Only the end of the last may be left out. */
export function linesOf(text: string, maxEntries: number): readonly string[] {
  const lines = text.split('\n', maxEntries + 2).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > maxEntries)
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxEntries} entries in the log of a did:webvh, found more`)
  if (lines.length === 0) throw malformed('an entry', 'none')
  return lines
}

/** Reads one line. */
export function parseEntry(line: string): Entry {
  if (line.length > mostLettersOfEntry)
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${mostLettersOfEntry} characters in an entry, found ${line.length}`)
  const json = parseJson(line)
  if (!isObject(json)) throw malformed('each line to be an object', 'another value')
  const { versionId, versionTime, parameters, state, proof } = json
  if (typeof versionId !== 'string') throw malformed('`versionId` to be text', typeof versionId)
  if (!isObject(state) || typeof state['id'] !== 'string') throw malformed('`state` to be a DID document', 'another value')
  // The schema has one proof by itself too.
  const proofs = isObject(proof) ? [proof] : proof
  // An entry that nobody signed is no entry: an empty array must not pass for proofs that all hold.
  if (!Array.isArray(proofs) || proofs.length === 0 || !proofs.every(isObject)) throw malformed('a proof', 'none')
  if (proofs.length > mostProofs) throw malformed(`at most ${mostProofs} proofs of an entry`, `${proofs.length}`)
  return {
    versionId,
    versionTime: String(versionTime),
    time: parseTime(versionTime),
    parameters: parseParameters(parameters),
    state: state as DidDocument,
    proofs,
    json,
  }
}

const timeSyntax = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|\+00:00)$/

/** A time of ISO 8601 in UTC, with its zone, in milliseconds since 1970. */
export function parseTime(text: unknown): number {
  const seconds = typeof text === 'string' ? timeSyntax.exec(text)?.[1] : undefined
  const time = seconds === undefined ? Number.NaN : Date.parse(text as string)
  // Parsers take days that a month does not have for days of the next.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== seconds) throw malformed('a time in UTC', 'another value')
  return time
}

/** What each parameter is. `null` was how early logs said that nothing is set, and counts as the default. */
const readers: { readonly [name in keyof Parameters]-?: (value: unknown) => Parameters[name] } = {
  method: (value) => {
    // No value is taken for another that is known.
    if (value !== 'did:webvh:1.0') throw malformed('`method` to be did:webvh:1.0', 'another')
    return value
  },
  scid: (value) => {
    if (typeof value !== 'string') throw malformed('`scid` to be text', typeof value)
    return value
  },
  updateKeys: (value) => texts('updateKeys', value),
  nextKeyHashes: (value) => texts('nextKeyHashes', value),
  watchers: (value) => texts('watchers', value),
  witness: (value) => ({ value: value === null ? undefined : parseWitness(value) }),
  portable: (value) => truth('portable', value),
  deactivated: (value) => truth('deactivated', value),
  ttl: (value) => {
    if (value === null) return defaultTtlSeconds
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > mostTtlSeconds)
      throw malformed('`ttl` to be seconds', 'another value')
    return value as number
  },
}

/** How long a document may be kept where its owner says nothing. */
export const defaultTtlSeconds = 3600

function parseParameters(parameters: unknown): Parameters {
  if (!isObject(parameters)) throw malformed('`parameters` to be an object', 'another value')
  const unknown = Object.keys(parameters).find((name) => !Object.hasOwn(readers, name))
  if (unknown !== undefined) throw malformed('parameters of did:webvh:1.0', JSON.stringify(unknown.slice(0, 40)))
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, readers[name as keyof Parameters](value)]))
}

function texts(name: string, value: unknown): readonly string[] {
  if (value === null) return []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw malformed(`\`${name}\` to be texts`, 'another value')
  return value
}

function truth(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw malformed(`\`${name}\` to be true or false`, 'another value')
  return value
}
