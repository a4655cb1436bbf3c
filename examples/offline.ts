/** Alice writes while Bob is away, her program ends and begins again, and the message arrives when he comes back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyFileStore, openKeyFile, openSqliteStore } from '@sealpost/node'
import { createResolver, peer } from 'sealpost'
import { createAgent } from 'sealpost/agent'
import { basicMessage } from 'sealpost/protocols'
import { memoryNetwork } from 'sealpost/transport/memory'

const folder = await mkdtemp(join(tmpdir(), 'offline-'))
const network = memoryNetwork()

/** All that an agent is lies in two files: what it keeps, and its keys. */
async function open(name: string) {
  const file = await openKeyFile(join(folder, `${name}.keys`), { passphrase: 'correct horse battery staple', create: true })
  return createAgent({
    store: await openSqliteStore(join(folder, `${name}.db`)),
    keys: keyFileStore(file),
    resolver: createResolver([peer()]),
    transports: [network.transport(`memory:${name}`)],
    endpoints: [`memory:${name}`],
    protocols: [basicMessage],
  })
}

let [alice, bob] = [await open('alice'), await open('bob')]
const { id } = await alice.accept((await bob.invite()).invitation)
await bob.close()

const note = { type: `${basicMessage.piuri}/message`, body: { content: 'Are you there?' } }
const sent = await alice.send(id, note, { ack: true })
console.log((await alice.where(sent.id)).state)
await alice.close()

;[alice, bob] = [await open('alice'), await open('bob')]
for await (const { name, detail } of bob.events({ consumer: 'screen' }))
  if (name === 'message') {
    console.log(`Bob reads: ${detail['content']}`)
    break
  }
for await (const { name, messageId } of alice.events({ consumer: 'screen' })) if (name === 'acknowledged' && messageId === sent.id) break
console.log((await alice.where(sent.id)).why)
await Promise.all([alice.close(), bob.close()])
await rm(folder, { recursive: true })
