/**
 * The messages of Coordinate Mediation 3.0, and of 2.0, in which the list of recipients is called a keylist.
 *
 * @see {@link https://didcomm.org/coordinate-mediation/3.0 | Coordinate Mediation 3.0}
 * @see {@link https://didcomm.org/coordinate-mediation/2.0 | Coordinate Mediation 2.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'
import { count, empty, list, maybe, party } from '../shapes.ts'

export const piuri = 'https://didcomm.org/coordinate-mediation/3.0'
export const piuri2 = 'https://didcomm.org/coordinate-mediation/2.0'

export type MediateRequest = object
export type MediateDeny = object
/** 3.0 has a list, 2.0 one DID; either is read in both. */
export type MediateGrant = { readonly routing_did: string | readonly string[] }

export type Update = { readonly recipient_did: string; readonly action: 'add' | 'remove' }
export type Updated = Update & { readonly result: 'success' | 'no_change' | 'client_error' | 'server_error' }
export type RecipientUpdate = { readonly updates: readonly Update[] }
export type RecipientUpdateResponse = { readonly updated: readonly Updated[] }

export type RecipientQuery = { readonly paginate?: { readonly limit: number; readonly offset: number } | null }
/** Which part of the list this is: `count` of it from `offset` on, and `remaining` more after it. */
export type Pagination = { readonly count: number; readonly offset: number; readonly remaining: number }
type Part = { readonly pagination?: Pagination | null }
export type Recipients = Part & { readonly dids: readonly { readonly recipient_did: string }[] }
export type Keylist = Part & { readonly keys: readonly { readonly recipient_did: string }[] }

const most = 10_000
const update = { recipient_did: party, action: v.picklist(['add', 'remove']) }
const result = v.picklist(['success', 'no_change', 'client_error', 'server_error'])

const request = { body: empty, protection: 'authenticated' } as const
const deny = { body: empty, protection: 'authenticated' } as const
const grant = {
  body: v.looseObject({ routing_did: v.union([party, v.pipe(list(party, 100), v.minLength(1))]) }),
  protection: 'authenticated',
} as const
const updates = { body: v.looseObject({ updates: list<Update>(v.looseObject(update), most) }), protection: 'authenticated' } as const
const updated = {
  body: v.looseObject({ updated: list<Updated>(v.looseObject({ ...update, result }), most) }),
  protection: 'authenticated',
} as const
const paginate = maybe(v.looseObject({ limit: count, offset: count }))
const query = { body: v.looseObject({ paginate }), protection: 'authenticated' } as const
const pagination = maybe(v.looseObject({ count, offset: count, remaining: count }))
const recipients = list(v.looseObject({ recipient_did: party }), most)

export const messages: Messages<{
  'mediate-request': MediateRequest
  'mediate-deny': MediateDeny
  'mediate-grant': MediateGrant
  'recipient-update': RecipientUpdate
  'recipient-update-response': RecipientUpdateResponse
  'recipient-query': RecipientQuery
  recipient: Recipients
}> = {
  'mediate-request': request,
  'mediate-deny': deny,
  'mediate-grant': grant,
  'recipient-update': updates,
  'recipient-update-response': updated,
  'recipient-query': query,
  recipient: { body: v.looseObject({ dids: recipients, pagination }), protection: 'authenticated' },
}

export const messages2: Messages<{
  'mediate-request': MediateRequest
  'mediate-deny': MediateDeny
  'mediate-grant': MediateGrant
  'keylist-update': RecipientUpdate
  'keylist-update-response': RecipientUpdateResponse
  'keylist-query': RecipientQuery
  keylist: Keylist
}> = {
  'mediate-request': request,
  'mediate-deny': deny,
  'mediate-grant': grant,
  'keylist-update': updates,
  'keylist-update-response': updated,
  'keylist-query': query,
  keylist: { body: v.looseObject({ keys: recipients, pagination }), protection: 'authenticated' },
}
