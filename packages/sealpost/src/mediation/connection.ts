/**
 * The connection over which a mediator delivers as messages come: kept open by a transport, and found anew where the mediator moves.
 *
 * @module
 */
import type { Agent, Socket } from '../agent/index.ts'
import { schemeOf } from '../did/index.ts'
import { isDidcommError } from '../errors.ts'
import { bellOf } from './pause.ts'

/** What opens connections that last, and opens them again where they are lost: the transports for WebSockets do. */
export type Connector = {
  /** In lower case, such as `wss`. */
  readonly schemes: readonly string[]
  connect(uri: string, options: { readonly onOpen: (socket: Socket) => void }): { retryNow(): void; close(): void }
}

export type Connection = {
  /** Tries at once, instead of when it would. */
  retryNow(): void
  close(): void
}

const maxWaitSeconds = 300

/** Keeps a connection to a mediator; what is sent to it goes over the connection then. Without an endpoint for it, there is none. */
export function keepConnected(agent: Agent, peer: string, connector: Connector, opened: (socket: Socket) => void): Connection {
  const bell = bellOf(agent)
  let kept: { readonly uri: string; readonly handle: ReturnType<Connector['connect']> } | undefined
  let closed = false
  const stopListening = agent.on('rotated', ({ relationship }) => {
    if (relationship === peer) bell.ring()
  })

  const onOpen = (socket: Socket): void => {
    if (closed) return
    agent.attach(peer, socket).then(
      () => opened(socket),
      () => undefined,
    )
  }
  async function run(): Promise<void> {
    for (let wait = 1; !closed && !agent.closing.aborted; ) {
      try {
        const uri = await placeOf(agent, peer, connector)
        if (uri !== kept?.uri) {
          kept?.handle.close()
          kept = uri === undefined ? undefined : { uri, handle: connector.connect(uri, { onOpen }) }
        }
        wait = maxWaitSeconds
      } catch (error) {
        if (isDidcommError(error, 'ERR_PEER_ENDED', 'ERR_USAGE_CLOSED')) break
        // Its document may be there in a while.
        wait = Math.min(wait * 2, maxWaitSeconds)
      }
      if (!closed) await bell.wait(wait)
    }
    kept?.handle.close()
  }
  void run()
  return {
    retryNow() {
      kept?.handle.retryNow()
      bell.ring()
    },
    close() {
      closed = true
      stopListening()
      bell.ring()
    },
  }
}

/** RR-04: a connection that leads through others is not the mediator's. */
async function placeOf(agent: Agent, peer: string, { schemes }: Connector): Promise<string | undefined> {
  const endpoints = await agent.endpoints(peer)
  return endpoints.find(({ uri, routingKeys }) => routingKeys.length === 0 && schemes.includes(schemeOf(uri) ?? ''))?.uri
}
