/**
 * What there is to disclose, which of it a query means, and in what order it is told.
 *
 * @see {@link https://didcomm.org/discover-features/2.0 | Discover Features 2.0}
 * @module
 */
import type { Scope } from '../../machine/index.ts'
import type { Disclosure, Query } from './messages.ts'

/** The headers that the runtime understands, beyond those that every message has. */
export const knownHeaders: readonly string[] = ['ack', 'expires_time', 'from_prior', 'lang', 'please_ack', 'pthid', 'return_route']

/** The features that every runtime has: its protocols with the roles it plays, their goal codes, headers, and the largest message. */
export function featuresOf({ protocols, maxReceiveBytes }: Pick<Scope, 'protocols' | 'maxReceiveBytes'>): readonly Disclosure[] {
  const goalCodes = new Set(protocols.flatMap((protocol) => protocol.goalCodes ?? []))
  return [
    // A protocol without messages is spoken with nobody.
    ...protocols
      .filter(({ messages }) => Object.keys(messages).length > 0)
      .map(({ piuri, roles }) => ({ 'feature-type': 'protocol', id: piuri, roles: Object.keys(roles) })),
    ...[...goalCodes].map((id) => ({ 'feature-type': 'goal-code', id })),
    ...knownHeaders.map((id) => ({ 'feature-type': 'header', id })),
    // TRN-04: the value is a text, under the name of the constraint.
    { 'feature-type': 'constraint', id: 'max_receive_bytes', max_receive_bytes: String(maxReceiveBytes) },
  ]
}

/** The features that any of the queries means, each once. A query for a type that nobody here knows means none (DSC-03). */
export function matching(features: readonly Disclosure[], queries: readonly Query[]): readonly Disclosure[] {
  return features.filter((feature) =>
    queries.some(({ feature_type: alias, 'feature-type': type = alias, match }) => {
      return type === feature['feature-type'] && typeof match === 'string' && matchesGlob(feature.id, match)
    }),
  )
}

/**
 * Tells whether a text is of a pattern in which only `*` is special: any characters, or none (DSC-04). Each part is looked for once, from
 * where the one before it ended.
 */
export function matchesGlob(value: string, pattern: string): boolean {
  const [first = '', ...parts] = pattern.split('*')
  const last = parts.pop()
  if (last === undefined) return value === first
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
  const middle = value.slice(first.length, value.length - last.length)
  let from = 0
  for (const part of parts) {
    const found = middle.indexOf(part, from)
    if (found < 0) return false
    from = found + part.length
  }
  return true
}

/** The same in an order of chance, so that nobody is recognised by the order (DSC-09). */
export function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const order = [...items]
  for (let end = order.length - 1; end > 0; end--) {
    const other = Math.floor(random() * (end + 1))
    ;[order[end], order[other]] = [order[other] as Item, order[end] as Item]
  }
  return order
}
