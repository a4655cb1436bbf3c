/** Agents that talk over the transports of this package, with real sockets and nothing in between. */
import { createAgent } from 'sealpost/agent'
import { createResolver, peer } from 'sealpost/did'
import { memoryKeyStore } from 'sealpost/keys/memory'
import { ping, trustPing } from 'sealpost/protocols/trust-ping'
import { memoryStore } from 'sealpost/store/memory'
import { afterEach, expect, it } from 'vitest'
import { nodeHttpTransport, nodeWebSocketTransport } from '../../src/agent-client.ts'
import { listenTransport } from '../../src/agent-server.ts'
import { freePort } from '../fixtures/parcels.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** An agent that takes HTTP and WebSockets, and is known by one of the two. */
async function agentOn(scheme: 'http' | 'ws') {
  const port = await freePort()
  const here = { allowLoopback: true, timeoutSeconds: 5 } as const
  const agent = await createAgent({
    store: memoryStore(),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    transports: [
      listenTransport({ port, graceSeconds: 0.1 }),
      nodeHttpTransport({ ...here, schemes: ['http'] }),
      nodeWebSocketTransport({ ...here, schemes: ['ws'] }),
    ],
    endpoints: [`${scheme}://127.0.0.1:${port}/`],
    protocols: [trustPing],
  })
  closers.push(() => agent.close())
  return agent
}

it('TRN-02: two agents talk, one known by HTTP and the other by a WebSocket', async () => {
  const [alice, bob] = await Promise.all([agentOn('http'), agentOn('ws')])
  const { invitation } = await alice.invite({ goal: 'Let us talk' })
  const theirs = await bob.accept(invitation)
  for (let count = 0; count < 3; count++) expect((await ping(bob, theirs.id, { timeoutSeconds: 10 })).at).toBe('answered')
  const contacts: string[] = []
  for await (const { id } of alice.contacts()) contacts.push(id)
  expect((await ping(alice, contacts[0] as string, { timeoutSeconds: 10 })).at).toBe('answered')
})
