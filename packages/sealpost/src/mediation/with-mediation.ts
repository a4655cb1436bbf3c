/**
 * What an agent has to speak so that it can have mediators: the roles of a recipient, and what is done with what a mediator delivers.
 *
 * @module
 */
import type { AgentOptions, HostAnswers, Receive } from '../agent/index.ts'
import { type Protocol, play } from '../machine/index.ts'
import { coordinateMediation, coordinateMediation2 } from '../protocols/coordinate-mediation/index.ts'
import { discoverFeatures } from '../protocols/discover-features/index.ts'
import { type ClientCommands, type Delivered, messagePickup, messagePickup3 } from '../protocols/message-pickup/index.ts'
import { record } from './record.ts'

const spoken: readonly Protocol[] = [
  play(coordinateMediation, 'recipient'),
  play(coordinateMediation2, 'recipient'),
  play(messagePickup, 'recipient'),
  play(messagePickup3, 'recipient'),
  discoverFeatures,
  record,
]

/**
 * Adds to the options of an agent what it needs to have mediators. Protocols that it speaks already stay as they are.
 *
 * Exported from `sealpost/mediation`.
 *
 * @example
 * ```ts
 * import { type AgentOptions, createAgent } from 'sealpost/agent'
 * import { resumeMediations, withMediation } from 'sealpost/mediation'
 *
 * export async function open(options: AgentOptions) {
 *   const agent = await createAgent(withMediation(options))
 *   return { agent, mediations: await resumeMediations(agent) }
 * }
 * ```
 */
export function withMediation<Options extends Pick<AgentOptions, 'protocols' | 'hosts'>>(options: Options): Options {
  const { protocols = [], hosts = {} } = options
  const missing = spoken.filter(({ piuri }) => !protocols.some((known) => known.piuri === piuri))
  return {
    ...options,
    protocols: [...protocols, ...missing],
    hosts: { ...hosts, ...receiving(messagePickup.piuri, hosts), ...receiving(messagePickup3.piuri, hosts) },
  }
}

function receiving(piuri: string, hosts: { readonly [piuri: string]: HostAnswers }): { readonly [piuri: string]: HostAnswers } {
  return { [piuri]: { ...hosts[piuri], tasks: { receive: receiveDelivered, ...hosts[piuri]?.tasks } } }
}

type Acknowledge = { readonly command: 'acknowledge'; readonly detail: ClientCommands['acknowledge'] }

/**
 * Takes what was delivered, and has that acknowledged which is on stable storage (REL-03). What cannot be opened is acknowledged too: it
 * will never be, and would stand before all else; the agent tells of it by the event `refused`. What could not be taken now is left to the
 * mediator, and comes again.
 */
async function receiveDelivered({ messages, unreadable }: Delivered, { receive }: { readonly receive: Receive }): Promise<Acknowledge> {
  // All are begun in their order, and stored together.
  const taken = await Promise.all(
    messages.map(async ({ id, envelope }) => ((await receive(envelope, { transport: 'pickup' })).taken ? id : '')),
  )
  return { command: 'acknowledge', detail: { ids: [...taken, ...unreadable].filter((id) => id !== '') } }
}
