import { expect, it } from 'vitest'
import { createAgent } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import { basicMessage, sendMessage } from '../../src/protocols/basicmessage/index.ts'
import { ping, trustPing } from '../../src/protocols/trust-ping/index.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { memoryNetwork } from '../../src/transport/memory.ts'

it('two agents meet by an invitation, and talk', async () => {
  const network = memoryNetwork()
  const agentAt = (name: string) =>
    createAgent({
      store: memoryStore(),
      keys: memoryKeyStore(),
      resolver: createResolver([peer()]),
      transports: [network.transport(`memory:${name}`)],
      endpoints: [`memory:${name}`],
      protocols: [trustPing, basicMessage],
    })
  const [alice, bob] = await Promise.all([agentAt('alice'), agentAt('bob')])
  const heard: [who: string, name: string][] = []
  alice.on('*', (event) => heard.push(['alice', event.name]))
  bob.on('*', (event) => heard.push(['bob', event.name]))
  const { invitation } = await alice.invite({ goal: 'Let us talk' })
  const contact = await bob.accept(invitation)
  const end = await ping(bob, contact.id, { timeoutSeconds: 10 })
  expect(end.at).toBe('answered')
  await sendMessage(bob, contact.id, { content: 'Hello' })
  const back = ping(bob, contact.id, { timeoutSeconds: 10 })
  expect((await back).at).toBe('answered')
  expect(heard.filter(([who]) => who === 'alice').map(([, name]) => name)).toContain('message')
  await alice.close()
  await bob.close()
})
