/**
 * What is remembered of a mediation: a role of our own, whose state the agent keeps as it keeps those of protocols. No message belongs to
 * it, so that no peer learns of it. It outlives the process: an interrupted provisioning is found again, and goes on.
 *
 * @module
 */
import { type At, type Command, command, type Protocol, type Role, roleOf, type Step } from '../machine/index.ts'

/** The version of Coordinate Mediation. */
export type Coordination = '3.0' | '2.0'
/** The version of Message Pickup. */
export type Pickup = '4.0' | '3.0'

/** What an application wishes of a mediation; it is stored with it. */
export type Wishes = {
  /**
   * How messages come: over a WebSocket as they arrive, or by asking. Over a WebSocket where nothing is said, where there is a transport and
   * the mediator has an endpoint for it; it asks as long as there is no connection.
   */
  readonly live?: 'websocket' | 'poll'
  /** The version of Coordinate Mediation; `auto` where nothing is said: what the mediator speaks, the newest first. */
  readonly dialect?: 'auto' | Coordination
  /** The version of Message Pickup, in the same way. */
  readonly pickup?: 'auto' | Pickup
}

/** What was granted, and in which words the mediator is spoken to. */
export type Terms = { readonly dialect: Coordination; readonly pickup: Pickup; readonly routingDids: readonly string[] }

export type Client = {
  states:
    | { readonly at: 'none' }
    | { readonly at: 'asking'; readonly wishes: Wishes }
    | ({ readonly at: 'granted'; readonly wishes: Wishes } & Terms)
    | { readonly at: 'over' }
  commands: { ask: { readonly wishes: Wishes }; grant: Terms; finish: object }
  receives: object
  sends: object
  context: undefined
  tasks: object
}

type In<Place extends Client['states']['at']> = At<Client['states'], Place>

const { onCommand } = roleOf<Client>()

export const client: Role<Client> = {
  name: 'client',
  initial: { at: 'none' },
  transitions: [
    onCommand('none', 'ask', 'asking', ask),
    onCommand('asking', 'ask', 'asking', ask),
    onCommand('over', 'ask', 'asking', ask),
    // What was granted stays so: only the wishes are new.
    onCommand('granted', 'ask', 'granted', (state, { wishes }) => [{ ...state, wishes }]),
    onCommand('asking', 'grant', 'granted', grant),
    onCommand('granted', 'grant', 'granted', grant),
    onCommand('asking', 'finish', 'over', () => [{ at: 'over' }]),
    onCommand('granted', 'finish', 'over', () => [{ at: 'over' }]),
  ],
}

function ask(_: Client['states'], { wishes }: Client['commands']['ask']): Step<In<'asking'>> {
  return [{ at: 'asking', wishes }]
}

function grant({ wishes }: In<'asking' | 'granted'>, terms: Terms): Step<In<'granted'>> {
  return [{ at: 'granted', wishes, ...terms }]
}

export const record: Protocol = { piuri: 'sealpost:mediation/1.0', messages: {}, instance: 'peer', roles: { client } }

const anywhere = ['asking', 'granted', 'over'] as const

export const remember: Command<Client, 'ask'> = command(record, client, 'ask', anywhere)
export const rememberGrant: Command<Client, 'grant'> = command(record, client, 'grant', anywhere)
export const rememberEnd: Command<Client, 'finish'> = command(record, client, 'finish', anywhere)
