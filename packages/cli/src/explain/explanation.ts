/**
 * What an explanation is made of: facts, and findings about them. Data alone; how it is shown is not known here.
 *
 * @module
 */
import { DidcommError } from 'sealpost/errors'
import { adviceFor } from './advice.ts'

/** What was looked at. */
export type Kind = 'encrypted' | 'signed' | 'plaintext' | 'invitation' | 'from_prior' | 'did' | 'did-document' | 'key' | 'other'

/** Something that can be read off. */
export type Fact = { readonly label: string; readonly value: string | readonly string[] }

/** Something that was found out: proved by a key, only claimed, worth knowing, not to be checked here, or against a rule. */
export type Finding = {
  readonly level: 'proved' | 'claimed' | 'note' | 'warning' | 'unchecked' | 'broken'
  readonly text: string
  /** The id of the rule. */
  readonly rule?: string
  /** What to do about it. */
  readonly advice?: string
}

/** One layer, message, attachment or document. */
export type Part = {
  readonly title: string
  readonly facts: readonly Fact[]
  readonly findings: readonly Finding[]
  /** The content as it stands. */
  readonly content?: unknown
  readonly parts?: readonly Part[]
}

export type Explanation = {
  readonly kind: Kind
  /** One sentence on the whole. */
  readonly summary: string
  /** `broken` where a rule is, `unchecked` where a DID could not be resolved, `foreign` where it is nothing of DIDComm. */
  readonly verdict: 'sound' | 'unchecked' | 'broken' | 'foreign'
  readonly parts: readonly Part[]
}

/** Makes an explanation; the worst finding decides. */
export const explanation = (kind: Kind, summary: string, parts: readonly Part[]): Explanation => ({
  kind,
  summary,
  verdict: kind === 'other' ? 'foreign' : has(parts, 'broken') ? 'broken' : has(parts, 'unchecked') ? 'unchecked' : 'sound',
  parts,
})

const has = (parts: readonly Part[], level: Finding['level']): boolean =>
  parts.some(({ findings, parts: inner = [] }) => findings.some((finding) => finding.level === level) || has(inner, level))

/** A fact where there is a value for it, and nothing else. */
export const fact = (label: string, value: string | readonly string[] | undefined): readonly Fact[] =>
  value === undefined || value.length === 0 ? [] : [{ label, value }]

/** An error as a finding, with what to do about it. What could not be looked up breaks no rule. */
export function broken(error: unknown): Finding {
  if (!(error instanceof DidcommError)) throw error
  const { code, family, message, rule } = error
  const advice = adviceFor(error)
  const unknown = ['ERR_DID_NOT_FOUND', 'ERR_DID_UNAVAILABLE', 'ERR_UNSUPPORTED_METHOD'].includes(code) || family === 'delivery'
  return {
    level: unknown ? 'unchecked' : 'broken',
    text: message,
    ...(rule !== undefined && { rule }),
    ...(advice !== undefined && { advice }),
  }
}

/** Octets for people. */
export const sizeOf = (octets: number): string =>
  octets < 10_000 ? `${octets} octets` : `${(octets / 1024).toFixed(1)} KiB (${octets} octets)`

/** A time of the wire, in epoch seconds, for people. */
export function timeOf(seconds: unknown): string | undefined {
  if (typeof seconds !== 'number') return undefined
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z')
}
