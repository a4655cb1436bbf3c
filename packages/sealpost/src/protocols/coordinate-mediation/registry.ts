/**
 * What a mediator does with its list of recipients, and what it has to know for it: the same in both versions.
 *
 * @module
 */
import type { Given } from '../../machine/index.ts'
import type { MediateRequest, Pagination, RecipientQuery, Update, Updated } from './messages.ts'

/** What a mediator has to know: its question is `{ dids }`, the DIDs that the input names. */
export type Registry = {
  readonly routingDid: string
  readonly admits: (peer: string) => boolean
  /** The recipient DIDs of this peer, in the order in which they are listed. */
  readonly held: ReadonlySet<string>
  /** Of the DIDs that the input names, those that this peer may not have: another holds them, or it did not prove that they are its own. */
  readonly taken: ReadonlySet<string>
}

/** The DIDs that an input names. */
export const namedDids = (body: object): readonly string[] =>
  'updates' in body ? (body as { updates: readonly Update[] }).updates.map(({ recipient_did: did }) => did) : []

/** Whether this peer, proved by a key, may have mediation. */
export function admitted(_: unknown, __: MediateRequest, { peer, context }: Given<Registry>): boolean {
  return peer !== undefined && context.admits(peer)
}

/** The list after the updates, and what came of each. */
export function applied(
  updates: readonly Update[],
  { held: before, taken }: Registry,
): { readonly held: readonly string[]; readonly updated: readonly Updated[] } {
  const held = new Set(before)
  const updated = updates.map((one) => apply(one, held, taken))
  return { held: [...held], updated }
}

function apply({ recipient_did, action }: Update, held: Set<string>, taken: ReadonlySet<string>): Updated {
  const one = { recipient_did, action }
  if (action === 'remove') return { ...one, result: held.delete(recipient_did) ? 'success' : 'no_change' }
  if (held.has(recipient_did)) return { ...one, result: 'no_change' }
  if (!recipient_did.startsWith('did:') || taken.has(recipient_did)) return { ...one, result: 'client_error' }
  held.add(recipient_did)
  return { ...one, result: 'success' }
}

/** The most recipients that one answer lists. */
export const maxPage = 1_000

/** The part of the list that a query asks for. `pagination` is there where it was asked for, or where the list is longer. */
export function page(
  { paginate }: RecipientQuery,
  { held }: Registry,
): { readonly recipients: readonly { readonly recipient_did: string }[]; readonly pagination?: Pagination } {
  const { limit, offset } = paginate ?? { limit: maxPage, offset: 0 }
  const recipients = [...held].slice(offset, offset + Math.min(limit, maxPage)).map((did) => ({ recipient_did: did }))
  const remaining = Math.max(held.size - offset - recipients.length, 0)
  if (!paginate && remaining === 0) return { recipients }
  return { recipients, pagination: { count: recipients.length, offset, remaining } }
}
