/**
 * Discover Features 2.0, the requester: it asks what the other side can do, and waits.
 *
 * @module
 */
import { type At, awaited, emit, type Given, type Role, roleOf, type Step, startTimer, stopTimer } from '../../machine/index.ts'
import { type Disclosure, disclosed, type Queries, type ReceivedDisclose } from './messages.ts'

/** What to ask for: features of a type whose ids match, where `*` stands for any characters. */
export type Question = { readonly featureType: 'protocol' | 'goal-code' | 'header' | 'constraint' | (string & {}); readonly match: string }

export type Requester = {
  states:
    | { readonly at: 'ready' }
    | { readonly at: 'asked' }
    | { readonly at: 'disclosed'; readonly disclosures: readonly Disclosure[] }
    | { readonly at: 'silent' }
  /** `returnRoute`: the answer may come back over the connection, where the peer has no other way (RR-01). */
  commands: { query: { readonly queries: readonly Question[]; readonly timeoutSeconds: number; readonly returnRoute?: 'all' } }
  receives: { disclose: ReceivedDisclose; disclosures: ReceivedDisclose }
  sends: { queries: Queries }
  context: undefined
  tasks: object
}

type In<Place extends Requester['states']['at']> = At<Requester['states'], Place>

const { onCommand, onMessage, onTimer, send } = roleOf<Requester>()

export const requester: Role<Requester> = {
  name: 'requester',
  initial: { at: 'ready' },
  transitions: [
    onCommand('ready', 'query', 'asked', query),
    // DSC-08: a peer may disclose without being asked.
    onMessage('ready', 'disclose', 'disclosed', learn),
    onMessage('ready', 'disclosures', 'disclosed', learn),
    onMessage('asked', 'disclose', 'disclosed', answer),
    onMessage('asked', 'disclosures', 'disclosed', answer),
    onTimer('asked', 'timeout', 'silent', giveUp),
  ],
}

function query(_: In<'ready'>, { queries, timeoutSeconds, returnRoute }: Requester['commands']['query']): Step<In<'asked'>> {
  const asked = queries.map(({ featureType, match }) => ({ 'feature-type': featureType, match }))
  return [
    { at: 'asked' },
    send('queries', { queries: asked }, returnRoute && awaited(timeoutSeconds)),
    startTimer('timeout', timeoutSeconds),
  ]
}

// DSC-07: what is not disclosed may be there all the same; that is for whoever reads it to keep in mind.
function learn(_: Requester['states'], body: ReceivedDisclose, { peer }: Given): Step<In<'disclosed'>> {
  const disclosures = disclosed(body)
  return [{ at: 'disclosed', disclosures }, emit('disclosed', { by: peer ?? null, disclosures })]
}

function answer(state: In<'asked'>, body: ReceivedDisclose, given: Given): Step<In<'disclosed'>> {
  const [next, ...effects] = learn(state, body, given)
  return [next, stopTimer('timeout'), ...effects]
}

function giveUp(): Step<In<'silent'>> {
  return [{ at: 'silent' }, emit('silent')]
}
