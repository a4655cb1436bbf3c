/**
 * Coordinate Mediation 2.0, the recipient: it asks a mediator to take messages for it, and tells for which DIDs.
 *
 * Each exchange is a thread, and an instance of its own. All of them let the answer come back over the connection of the question.
 *
 * @module
 */
import { type At, awaited, type Role, roleOf, type Step, startTimer, stopTimer } from '../../machine/index.ts'
import { afterPage, type ClientCommands, type ClientStates, denied, granted, silent, updatedAs, updatesOf } from './client.ts'
import type {
  Keylist,
  MediateDeny,
  MediateGrant,
  MediateRequest,
  RecipientQuery,
  RecipientUpdate,
  RecipientUpdateResponse,
} from './messages.ts'

export type Recipient2 = {
  states: ClientStates
  commands: ClientCommands
  receives: {
    'mediate-grant': MediateGrant
    'mediate-deny': MediateDeny
    'keylist-update-response': RecipientUpdateResponse
    keylist: Keylist
  }
  sends: { 'mediate-request': MediateRequest; 'keylist-update': RecipientUpdate; 'keylist-query': RecipientQuery }
  context: undefined
  tasks: object
}

type In<Place extends ClientStates['at']> = At<ClientStates, Place>

const { onCommand, onMessage, onTimer, send } = roleOf<Recipient2>()

export const recipient2: Role<Recipient2> = {
  name: 'recipient',
  instance: 'thread',
  initial: { at: 'ready' },
  transitions: [
    onCommand('ready', 'request', 'requesting', request),
    onMessage('requesting', 'mediate-grant', 'granted', granted),
    onMessage('requesting', 'mediate-deny', 'denied', denied),
    onTimer('requesting', 'timeout', 'silent', silent),
    onCommand('ready', 'update', 'updating', update),
    onMessage('updating', 'keylist-update-response', 'updated', updatedAs),
    onTimer('updating', 'timeout', 'silent', silent),
    onCommand('ready', 'query', 'querying', query),
    onMessage('querying', 'keylist', 'querying', nextPage, hasMore),
    onMessage('querying', 'keylist', 'listed', lastPage),
    onTimer('querying', 'timeout', 'silent', silent),
  ],
}

function request(_: In<'ready'>, { timeoutSeconds }: ClientCommands['request']): Step<In<'requesting'>> {
  return [{ at: 'requesting' }, send('mediate-request', {}, awaited(timeoutSeconds)), startTimer('timeout', timeoutSeconds)]
}

function update(_: In<'ready'>, detail: ClientCommands['update']): Step<In<'updating'>> {
  return [
    { at: 'updating' },
    send('keylist-update', { updates: updatesOf(detail) }, awaited(detail.timeoutSeconds)),
    startTimer('timeout', detail.timeoutSeconds),
  ]
}

function query(_: In<'ready'>, { pageSize = 1_000, timeoutSeconds }: ClientCommands['query']): Step<In<'querying'>> {
  const paginate = { limit: pageSize, offset: 0 }
  const next = { at: 'querying', recipients: [], pageSize } as const
  return [next, send('keylist-query', { paginate }, awaited(timeoutSeconds)), startTimer('timeout', timeoutSeconds)]
}

function hasMore(state: In<'querying'>, { keys, pagination }: Keylist): boolean {
  return afterPage(state, keys, pagination).hasMore
}

function nextPage(state: In<'querying'>, { keys, pagination }: Keylist): Step<In<'querying'>> {
  const { recipients } = afterPage(state, keys, pagination)
  const paginate = { limit: state.pageSize, offset: recipients.length }
  return [{ ...state, recipients }, send('keylist-query', { paginate }, { returnRoute: 'all' })]
}

function lastPage(state: In<'querying'>, { keys, pagination }: Keylist): Step<In<'listed'>> {
  return [{ at: 'listed', recipients: afterPage(state, keys, pagination).recipients }, stopTimer('timeout')]
}
