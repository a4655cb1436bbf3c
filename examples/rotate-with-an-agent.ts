/** Bob's agent takes another DID, Alice's follows by itself, and in the end they part. */
import { createResolver, memoryKeyStore, peer } from 'sealpost'
import { type Agent, type AgentEvent, createAgent } from 'sealpost/agent'
import { ping, trustPing } from 'sealpost/protocols'
import { memoryStore } from 'sealpost/store/memory'
import { memoryNetwork } from 'sealpost/transport/memory'

const network = memoryNetwork()
const agentOf = (uri: string) =>
  createAgent({
    store: memoryStore(),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    transports: [network.transport(uri)],
    endpoints: [uri],
    protocols: [trustPing],
  })
const next = (agent: Agent, name: string) => new Promise<AgentEvent>((resolve) => agent.on(name, resolve))

const [alice, bob] = await Promise.all([agentOf('memory:alice'), agentOf('memory:bob')])
const { id } = await bob.accept((await alice.invite({ label: 'Bob' })).invitation)
await ping(bob, id, { timeoutSeconds: 10 })

const told = next(alice, 'rotated')
const did = await bob.rotate(id)
const { relationship = '' } = await told
const contact = await alice.contact(relationship)
if (contact?.theirs.did !== did || contact.label !== 'Bob') throw new Error('expected Alice to know Bob by his new DID')
const { at } = await ping(alice, relationship, { timeoutSeconds: 10 })
console.log(`Alice pings ${contact.label} at his new DID: ${at}; she knew him as ${contact.theirs.retired.length} other`)

const parted = next(alice, 'ended')
await bob.end(id)
await parted
const refused = await ping(alice, relationship, { timeoutSeconds: 10 }).catch((error) => error.code)
if (refused !== 'ERR_PEER_ENDED') throw new Error('expected nothing to be sent to a peer that left')
console.log('Bob left, and Alice sends him nothing any more')
await Promise.all([alice.close(), bob.close()])
