/** An agent in a page: what it keeps is in IndexedDB, and its keys are of WebCrypto, so that nothing can read them. */
import { expect, it } from 'vitest'
import { type Agent, createAgent } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import { openWebCryptoKeys } from '../../src/keys/webcrypto.ts'
import { ping, trustPing } from '../../src/protocols/index.ts'
import { openIndexedDbStore } from '../../src/store/indexeddb.ts'
import { memoryNetwork } from '../../src/transport/memory.ts'

const run = crypto.randomUUID()

it('REL-05: an agent in a page pings another, and is the same one when the page is loaded anew', async () => {
  const network = memoryNetwork()
  const open = async (name: string): Promise<Agent> =>
    createAgent({
      store: await openIndexedDbStore({ name: `agent-${name}-${run}` }),
      keys: await openWebCryptoKeys(`keys-${name}-${run}`),
      resolver: createResolver([peer()]),
      transports: [network.transport(`memory:${name}`)],
      endpoints: [`memory:${name}`],
      protocols: [trustPing],
    })
  const [alice, bob] = [await open('alice'), await open('bob')]
  const { id } = await bob.accept((await alice.invite()).invitation)
  expect((await ping(bob, id, { timeoutSeconds: 10 })).at).toBe('answered')
  await bob.close()

  const again = await open('bob')
  const did = await again.rotate(id)
  expect((await ping(again, id, { timeoutSeconds: 10 })).at).toBe('answered')
  expect((await again.contact(id))?.ours.did).toBe(did)
  await Promise.all([alice.close(), again.close()])
})
