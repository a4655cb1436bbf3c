/** Agents behind mediators, on a network in memory. */
import { type Agent, createAgent, type Limits, type Socket, type Store } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import type { KeyStore } from '../../src/did/keys.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import { type Connector, withMediation } from '../../src/mediation/index.ts'
import { basicMessage } from '../../src/protocols/basicmessage/index.ts'
import { trustPing } from '../../src/protocols/trust-ping/index.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { type TestMediator, type TestMediatorOptions, testMediator } from '../../src/testing/index.ts'
import { type MemoryNetwork, type MemoryTransport, memoryNetwork } from '../../src/transport/memory.ts'

export type Party = { readonly agent: Agent; readonly sockets: Connector; readonly transport: MemoryTransport; readonly heard: string[] }

/** A store whose rows outlive `close`, as those of a disk do. */
export function lasting(): Store {
  const store = memoryStore()
  return { ...store, close: async () => undefined }
}

export type Disk = { readonly store: Store; readonly keys: KeyStore }
export const disk = (): Disk => ({ store: lasting(), keys: memoryKeyStore() })

/** Opens connections that last over a network in memory, and opens them again soon. */
export function connectorOf(transport: MemoryTransport): Connector {
  return {
    schemes: ['memory'],
    connect(uri, { onOpen }) {
      let closed = false
      const again = (): void => {
        if (!closed) setTimeout(open, 10)
      }
      const open = (): void => {
        if (closed) return
        let socket: Socket
        try {
          socket = transport.open(uri)
        } catch {
          again()
          return
        }
        onOpen(socket)
        socket.onClose(again)
      }
      open()
      return {
        retryNow: () => undefined,
        close() {
          closed = true
        },
      }
    },
  }
}

const resolver = createResolver([peer()])
// What is tried again is tried again soon.
const limits = { maxBackoffSeconds: 1, deliverySeconds: 5 }

let names = 0

/** An agent that is reached by nothing but its mediators; what it was told by basic messages is in `heard`. */
export async function agentOn(network: MemoryNetwork, { store, keys }: Disk = disk(), bounds: Partial<Limits> = {}): Promise<Party> {
  const transport = network.transport(`memory:agent-${names++}`)
  const agent = await createAgent(
    withMediation({
      store,
      keys,
      resolver,
      transports: [transport],
      protocols: [trustPing, basicMessage],
      limits: { ...limits, ...bounds },
    }),
  )
  const heard: string[] = []
  agent.on('message', ({ detail }) => void heard.push(String((detail as { content?: string }).content)))
  return { agent, transport, sockets: connectorOf(transport), heard }
}

export type MediatorParty = TestMediator & { readonly transport: MemoryTransport }

export async function mediatorOn(
  network: MemoryNetwork,
  {
    at = `memory:mediator-${names++}`,
    connection = 'lasting',
    ...options
  }: Partial<TestMediatorOptions> & { readonly at?: string; readonly connection?: 'once' | 'lasting' } = {},
): Promise<MediatorParty> {
  const transport = network.transport(at, { connection })
  const mediator = await testMediator({ ...disk(), resolver, transports: [transport], endpoints: [at], limits, ...options })
  return { ...mediator, transport }
}

/** Waits until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, milliseconds = 5000): Promise<void> {
  const end = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`expected within ${milliseconds} ms that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export { memoryNetwork }
