/**
 * What must not compile of protocols. The compiler reads this file with all the others: each line that is marked as an error must be one,
 * or it is an error itself.
 *
 * @module
 */
import { type Host, type Messages, type Protocol, roleOf } from '../../src/machine/index.ts'
import { requestMediation } from '../../src/protocols/coordinate-mediation/index.ts'
import { type Ping, ping, trustPing } from '../../src/protocols/trust-ping/index.ts'
import type { Sender } from '../../src/protocols/trust-ping/sender.ts'

declare const agent: Host
const { onCommand, onMessage, onChild, call, send, task } = roleOf<Sender>()
const { call: callOf, onChild: onChildOf } = roleOf<Sender & { children: { check: typeof ping } }>()

export const wrong = (): readonly unknown[] => [
  // @ts-expect-error no such place
  onMessage('wating', 'ping-response', 'silent', () => [{ at: 'silent' }]),
  // @ts-expect-error no such message
  onMessage('waiting', 'pong', 'silent', () => [{ at: 'silent' }]),
  // @ts-expect-error the function goes elsewhere than the transition says
  onMessage('waiting', 'ping-response', 'answered', () => [{ at: 'silent' }]),
  // @ts-expect-error a message that this role does not send
  send('ping-response', {}),
  // @ts-expect-error the body is of another shape
  send('ping', { response_requested: 'yes' }),
  // @ts-expect-error the state at `ready` has no `since`
  onCommand('ready', 'ping', 'silent', (state) => [{ at: 'silent', since: state.since }]),
  // @ts-expect-error no such task
  task('clean', {}),
  // @ts-expect-error a role without children calls nobody
  call('check', ping, { timeoutSeconds: 1 }),
  // @ts-expect-error a role without children hears of none
  onChild('waiting', 'check', 'silent', () => [{ at: 'silent' }]),
  // @ts-expect-error the child's command wants its detail
  callOf('check', ping, {}),
  // @ts-expect-error the child does not end like that
  onChildOf('waiting', 'check', 'silent', (_, { end }) => [{ at: end?.at === 'denied' ? 'silent' : 'silent' }]),
  // @ts-expect-error the command wants its detail
  ping(agent, 'did:example:bob', {}),
]

export async function ends(): Promise<void> {
  const end = await ping(agent, 'did:example:bob', { timeoutSeconds: 10 })
  if (end.at === 'answered') end.seconds satisfies number
  // @ts-expect-error only the answered know how long it took
  end.seconds satisfies number
  // @ts-expect-error the caller is not answered while it waits
  if (end.at === 'waiting') return
  const granted = await requestMediation(agent, 'did:example:m', { timeoutSeconds: 10 })
  if (granted.at === 'granted') granted.routingDids satisfies readonly string[]
  // @ts-expect-error that is what updating ends with
  if (granted.at === 'updated') return
}

declare const pingShape: Messages<{ ping: Ping }>['ping']

export const messages: Messages<{ ping: { readonly response_requested: string } }> = {
  // @ts-expect-error the shape is of another body than the type
  ping: pingShape,
}

// @ts-expect-error a protocol says whether its instances are of threads or of peers
export const protocol: Protocol = { piuri: trustPing.piuri, messages: {}, roles: {} }
