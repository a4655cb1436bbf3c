/** Two agents meet by an invitation, ping each other, and talk: over HTTP, with what each keeps in a SQLite file of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listenTransport, nodeHttpTransport, openSqliteStore } from '@sealpost/node'
import { createResolver, memoryKeyStore, peer } from 'sealpost'
import { createAgent } from 'sealpost/agent'
import { basicMessage, ping, sendMessage, trustPing } from 'sealpost/protocols'

const folder = await mkdtemp(join(tmpdir(), 'first-agent-'))

async function agentOf(name: string) {
  const server = listenTransport({ port: 0 })
  const agent = await createAgent({
    store: await openSqliteStore(join(folder, `${name}.db`)),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    // On the open network: https alone, no options, and `endpoints` says where the world reaches it.
    transports: [server, nodeHttpTransport({ schemes: ['http'], allowLoopback: true })],
    protocols: [trustPing, basicMessage],
  })
  agent.addRoute({ endpoints: () => [{ uri: server.url }] })
  return agent
}

const [alice, bob] = [await agentOf('alice'), await agentOf('bob')]
const heard = new Promise<unknown>((resolve) => alice.on('message', ({ detail }) => resolve(detail['content'])))

const { url } = await alice.invite({ goal: 'To talk', url: 'https://example.com/invitation' })
const contact = await bob.accept(url ?? '')
const end = await ping(bob, contact.id, { timeoutSeconds: 10 })
await sendMessage(bob, contact.id, { content: 'Hello, Alice' })

if (end.at !== 'answered' || (await heard) !== 'Hello, Alice') throw new Error('expected Alice to answer, and to hear Bob')
console.log(`Alice answered after ${end.seconds} seconds, and heard: ${await heard}`)
await Promise.all([alice.close(), bob.close()])
await rm(folder, { recursive: true })
