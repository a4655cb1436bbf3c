/**
 * Trust Ping 2.0, the sender: it pings, and it waits.
 *
 * @module
 */
import { type At, awaited, emit, type Given, type Role, roleOf, type Step, startTimer, stopTimer } from '../../machine/index.ts'
import type { Ping, PingResponse } from './messages.ts'

export type Sender = {
  states:
    | { readonly at: 'ready' }
    | { readonly at: 'waiting'; readonly since: number }
    | { readonly at: 'answered'; readonly seconds: number }
    | { readonly at: 'silent' }
  /** `returnRoute`: the answer may come back over the connection, where we are reached no other way (RR-01). */
  commands: { ping: { readonly timeoutSeconds: number; readonly returnRoute?: 'all' } }
  receives: { 'ping-response': PingResponse }
  sends: { ping: Ping }
  context: undefined
  tasks: object
}

type In<Place extends Sender['states']['at']> = At<Sender['states'], Place>

const { onCommand, onMessage, onTimer, send } = roleOf<Sender>()

export const sender: Role<Sender> = {
  name: 'sender',
  initial: { at: 'ready' },
  transitions: [
    onCommand('ready', 'ping', 'waiting', ping),
    onMessage('waiting', 'ping-response', 'answered', measure),
    onTimer('waiting', 'timeout', 'silent', giveUp),
  ],
}

function ping(_: In<'ready'>, { timeoutSeconds, returnRoute }: Sender['commands']['ping'], { now }: Given): Step<In<'waiting'>> {
  return [
    { at: 'waiting', since: now },
    send('ping', { response_requested: true }, returnRoute && awaited(timeoutSeconds)),
    startTimer('timeout', timeoutSeconds),
  ]
}

function measure({ since }: In<'waiting'>, _: PingResponse, { now }: Given): Step<In<'answered'>> {
  const seconds = now - since
  return [{ at: 'answered', seconds }, stopTimer('timeout'), emit('answered', { seconds })]
}

function giveUp(): Step<In<'silent'>> {
  return [{ at: 'silent' }, emit('silent')]
}
