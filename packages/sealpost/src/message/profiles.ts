/**
 * Profiles: the sets of choices that two parties must share, named in `accept` of endpoints and invitations (PRF-02). There is no negotiation:
 * one reads what the other accepts, and takes the first that fits (PRF-04).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#negotiating-compatibility | v2.1, Negotiating Compatibility}
 * @module
 */
import { DidcommError } from '../errors.ts'
import { quote } from './wording.ts'

/** The profile of v2.0 and v2.1. It covers all publicly visible steps of a route (PRF-03). */
export const profileV2 = 'didcomm/v2'

/** The profiles that the text defines (PRF-01). */
export const definedProfiles = ['didcomm/aip1', 'didcomm/aip2;env=rfc19', 'didcomm/aip2;env=rfc587', 'didcomm/v2'] as const

/** A profile: its name, and its parameters by lower-case name. */
export type Profile = { readonly name: string; readonly parameters: ReadonlyMap<string, string> }

const maxLength = 255

/** Takes the id of a profile apart; undefined where it is none. */
export function parseProfile(id: unknown): Profile | undefined {
  if (typeof id !== 'string' || id.length > maxLength) return undefined
  const [name = '', ...rest] = id.split(';').map((part) => part.trim())
  if (!/^[A-Za-z0-9.+_-]+\/[A-Za-z0-9.+_-]+$/.test(name)) return undefined
  const parameters = new Map<string, string>()
  for (const part of rest) {
    const mark = part.indexOf('=')
    if (mark <= 0) return undefined
    parameters.set(part.slice(0, mark).trim().toLowerCase(), part.slice(mark + 1).trim())
  }
  return { name: name.toLowerCase(), parameters }
}

/** Tells whether two ids name one profile: the order of parameters and the case of their names do not count (PRF-05). */
export function sameProfile(a: unknown, b: unknown): boolean {
  const left = parseProfile(a)
  const right = parseProfile(b)
  if (left === undefined || right === undefined || left.name !== right.name || left.parameters.size !== right.parameters.size) return false
  return [...left.parameters].every(([name, value]) => right.parameters.get(name) === value)
}

/**
 * Chooses the profile to speak with somebody: the first of theirs that we speak (PRF-04). Ids that nobody knows are passed over (PRF-05).
 *
 * @param accept - what they accept, most preferred first; where they say nothing, the choice is ours (PRF-06)
 * @param ours - what we speak, most preferred first
 * @throws {DidcommError} `ERR_UNSUPPORTED_PROFILE` where there is none in common (O10).
 * @example
 * ```ts
 * import { chooseProfile } from 'sealpost/message'
 *
 * chooseProfile(['didcomm/aip2;env=rfc587', 'didcomm/v2']) // 'didcomm/v2'
 * ```
 */
export function chooseProfile(accept: readonly unknown[] | undefined, ours: readonly string[] = [profileV2]): string {
  // An empty list would accept nothing at all: those who write one mean that they do not say.
  const theirs = accept === undefined || accept.length === 0 ? ours : accept
  for (const wish of theirs) {
    const match = ours.find((id) => sameProfile(id, wish))
    if (match !== undefined) return match
  }
  const found = theirs.slice(0, 5).map(quote).join(', ')
  throw new DidcommError('ERR_UNSUPPORTED_PROFILE', `expected a profile that we speak (${ours.join(', ')}), found ${found}`, {
    rule: 'PRF-06',
  })
}
