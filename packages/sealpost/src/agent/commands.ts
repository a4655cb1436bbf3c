/**
 * Commands of an application to a role: begun in one piece of work, awaited apart from it.
 *
 * @module
 */
import { DidcommError } from '../errors.ts'
import { type Host, instanceOf } from '../machine/protocol.ts'
import type { State } from '../machine/role.ts'
import { expects, isObject } from './arguments.ts'
import type { Core } from './core.ts'
import type { PeerRef } from './ports.ts'
import { peerThread, type Relationship } from './records.ts'
import { invitationToName } from './relationships.ts'
import { step, waitKey } from './step.ts'
import { aborted } from './waiters.ts'
import type { Work } from './work.ts'

type WithPeer = <T>(peer: PeerRef, change: (relationship: Relationship, work: Work) => Promise<T>) => Promise<T>

const nothing = (): void => undefined

/** @param withPeer - does something with a relationship, in turn with all else that happens to it; resolves when it is stored */
export function commandsOf(core: Core, withPeer: WithPeer): Host['command'] {
  // The end is inside of an object: what is begun is awaited without it.
  const begin = async (
    ...[protocol, role, peer, name, detail, given = {}]: Parameters<Host['command']>
  ): Promise<{ end: Promise<State> }> => {
    expects(isObject(protocol) && isObject(role), 'a protocol, and a role of it')
    if (core.registry.protocol(protocol.piuri) === undefined)
      throw new DidcommError('ERR_USAGE_ARGUMENT', `expected ${protocol.piuri} among the \`protocols\` of the agent`)
    if (given.signal?.aborted) throw aborted(given.signal)
    return withPeer(peer, async (relationship, work) => {
      const thid = given.thid ?? core.random.id()
      const home = instanceOf(protocol, role) === 'peer' ? peerThread : thid
      const pthid = given.pthid ?? invitationToName(relationship)
      const target = { protocol, role, thid, begins: given.thid === undefined, ...(pthid !== undefined && { pthid }) }
      const { moved, state, ended } = await step(core, work, target, { kind: 'command', on: name, with: detail })
      if (!moved)
        throw new DidcommError(
          'ERR_USAGE_OUT_OF_ORDER',
          `expected a command that ${role.name} of ${protocol.piuri} takes at ${state.at}, found ${name}`,
        )
      const reached = ended || given.until?.includes(state.at) === true
      const key = waitKey(relationship.id, home, protocol, role)
      const end = reached ? Promise.resolve(state) : core.waiters.wait(key, given.until, given.signal)
      // It may fail before it is known to be stored.
      end.catch(nothing)
      return { end }
    })
  }
  return (...given) => {
    const result: Promise<State> = begin(...given).then(({ end }) => {
      // Whoever does not await the end is not told of it by a crash; that nothing was begun is.
      result.catch(nothing)
      return end
    })
    return result
  }
}
