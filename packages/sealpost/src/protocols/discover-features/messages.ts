/**
 * The messages of Discover Features 2.0: `queries` and `disclose` (DSC-01).
 *
 * @see {@link https://didcomm.org/discover-features/2.0 | Discover Features 2.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'
import { list, maybe, text } from '../shapes.ts'

export const piuri = 'https://didcomm.org/discover-features/2.0'

/** What is asked for (DSC-02): features of a type whose ids match. Some peers write `feature_type`. */
export type Query = { readonly 'feature-type'?: string | null; readonly feature_type?: string | null; readonly match?: string | null }

/** A feature, with members that its type defines, such as the value of a constraint (DSC-06). */
export type Disclosure = {
  /** `protocol`, `goal-code`, `header`, `constraint`, or one that others define. */
  readonly 'feature-type': string
  /** A PIURI, a goal code, the name of a header or of a constraint (DSC-05). */
  readonly id: string
  readonly roles?: readonly string[]
  readonly [member: string]: unknown
}

type ReceivedDisclosure = {
  readonly 'feature-type'?: string | null
  readonly feature_type?: string | null
  readonly id?: string | null
  readonly roles?: readonly string[] | null
}

export type Queries = { readonly queries: readonly Query[] }
export type Disclose = { readonly disclosures: readonly Disclosure[] }
export type ReceivedDisclose = { readonly disclosures: readonly ReceivedDisclosure[] }

const featureType = { 'feature-type': maybe(text(255)), feature_type: maybe(text(255)) }

// Whoever sends thousands of queries is not asking.
const queries = list<Query>(v.looseObject({ ...featureType, match: maybe(text(512)) }), 100)
const disclosures = list<ReceivedDisclosure>(
  v.looseObject({ ...featureType, id: maybe(text(2048)), roles: maybe(list(text(255), 100)) }),
  1000,
)

export const messages: Messages<{ queries: Queries; disclose: ReceivedDisclose; disclosures: ReceivedDisclose }> = {
  queries: { body: v.looseObject({ queries }), protection: 'authenticated' },
  disclose: { body: v.looseObject({ disclosures }), protection: 'authenticated' },
  /** The name that peers who grew up with version 1 give to `disclose`. It is read, and never sent. */
  disclosures: { body: v.looseObject({ disclosures }), protection: 'authenticated' },
}

/** The features of what came, in the spelling of the specification; what has no type or no id is none. */
export const disclosed = ({ disclosures }: ReceivedDisclose): readonly Disclosure[] =>
  disclosures.flatMap(({ feature_type: alias, 'feature-type': type = alias, id, roles, ...rest }) =>
    type && id ? [{ ...rest, 'feature-type': type, id, ...(roles && { roles }) }] : [],
  )
