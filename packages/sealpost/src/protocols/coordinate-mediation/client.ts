/**
 * What the recipient of a mediator can be and can be told: the same in both versions.
 *
 * @module
 */
import { type At, emit, type Given, type State, type Step, stopTimer } from '../../machine/index.ts'
import type { MediateGrant, Pagination, RecipientUpdateResponse, Update, Updated } from './messages.ts'

export type ClientStates =
  | { readonly at: 'ready' }
  | { readonly at: 'requesting' }
  | { readonly at: 'granted'; readonly routingDids: readonly string[] }
  | { readonly at: 'denied' }
  | { readonly at: 'updating' }
  | { readonly at: 'updated'; readonly updated: readonly Updated[] }
  | { readonly at: 'querying'; readonly recipients: readonly string[]; readonly pageSize: number }
  | { readonly at: 'listed'; readonly recipients: readonly string[] }
  | { readonly at: 'silent' }

export type ClientCommands = {
  request: { readonly timeoutSeconds: number }
  update: { readonly add?: readonly string[]; readonly remove?: readonly string[]; readonly timeoutSeconds: number }
  query: { readonly pageSize?: number; readonly timeoutSeconds: number }
}

type In<Place extends ClientStates['at']> = At<ClientStates, Place>

/** The most recipients that are listed: a mediator that never comes to an end is not followed. */
export const maxListed = 100_000

/** The updates that a command means. */
export const updatesOf = ({ add = [], remove = [] }: ClientCommands['update']): readonly Update[] => [
  ...add.map((did) => ({ recipient_did: did, action: 'add' as const })),
  ...remove.map((did) => ({ recipient_did: did, action: 'remove' as const })),
]

/** Mediation is granted, with one routing DID or several. */
export function granted(_: State, { routing_did: dids }: MediateGrant, { peer }: Given): Step<In<'granted'>> {
  const routingDids = typeof dids === 'string' ? [dids] : dids
  return [{ at: 'granted', routingDids }, stopTimer('timeout'), emit('granted', { by: peer ?? null, routingDids })]
}

/** Mediation is denied. */
export function denied(_: State, __: object, { peer }: Given): Step<In<'denied'>> {
  return [{ at: 'denied' }, stopTimer('timeout'), emit('denied', { by: peer ?? null })]
}

/** The mediator tells what came of each update. */
export function updatedAs(_: State, { updated }: RecipientUpdateResponse): Step<In<'updated'>> {
  return [{ at: 'updated', updated }, stopTimer('timeout')]
}

/** The recipients that are known after another page came, and whether there are more to ask for. */
export function afterPage(
  { recipients: before }: In<'querying'>,
  came: readonly { readonly recipient_did: string }[],
  pagination: Pagination | null | undefined,
): { readonly recipients: readonly string[]; readonly hasMore: boolean } {
  const recipients = [...before, ...came.map(({ recipient_did: did }) => did)]
  return { recipients, hasMore: came.length > 0 && (pagination?.remaining ?? 0) > 0 && recipients.length < maxListed }
}

/** Nothing came in time. */
export function silent(): Step<In<'silent'>> {
  return [{ at: 'silent' }, emit('silent')]
}
