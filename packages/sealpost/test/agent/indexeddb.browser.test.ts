/** Agents in a browser as an application has them: their store in IndexedDB, their keys in WebCrypto, in real time. */
import { afterEach, describe, expect, it } from 'vitest'
import { commands } from 'vitest/browser'
import { type Agent, type AgentEvent, createAgent } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import { openWebCryptoKeys } from '../../src/keys/webcrypto.ts'
import { basicMessage, sendMessage } from '../../src/protocols/basicmessage/index.ts'
import { ping, trustPing } from '../../src/protocols/trust-ping/index.ts'
import { openIndexedDbStore } from '../../src/store/indexeddb.ts'
import { memoryNetwork } from '../../src/transport/memory.ts'
import type { TabSteps } from '../tabs.ts'

const open = new Set<Agent>()
const names = new Set<string>()
let network = memoryNetwork()

type Person = { readonly agent: Agent; readonly heard: AgentEvent[]; readonly words: () => unknown[] }

/** The agent of a person: created again, it has what it had. */
async function agentOf(name: string): Promise<Person> {
  names.add(name)
  const agent = await createAgent({
    store: await openIndexedDbStore({ name: `agent of ${name}`, waitSeconds: 0 }),
    keys: await openWebCryptoKeys(`keys of ${name}`),
    resolver: createResolver([peer()]),
    transports: [network.transport(`memory:${name}`)],
    endpoints: [`memory:${name}`],
    protocols: [basicMessage, trustPing],
    limits: { maxBackoffSeconds: 0.2 },
  })
  open.add(agent)
  const heard: AgentEvent[] = []
  agent.on('*', (event) => heard.push(event))
  return { agent, heard, words: () => heard.filter(({ name: event }) => event === 'message').map(({ detail }) => detail['content']) }
}

async function close({ agent }: Person): Promise<void> {
  open.delete(agent)
  await agent.close()
}

const until = (holds: () => unknown): Promise<void> => expect.poll(holds, { timeout: 8_000 }).toBeTruthy()

/** Two who have met by an invitation; each has the relationship with the other. */
async function met(): Promise<{ alice: Person; bob: Person; toAlice: string; toBob: string }> {
  const [alice, bob] = [await agentOf('alice'), await agentOf('bob')]
  const { invitation } = await alice.agent.invite({ goal: 'Let us talk' })
  const { id: toAlice } = await bob.agent.accept(invitation)
  expect((await ping(bob.agent, toAlice, { timeoutSeconds: 8 })).at).toBe('answered')
  const toBob = alice.heard.find(({ name }) => name === 'connected')?.relationship as string
  return { alice, bob, toAlice, toBob }
}

const deleted = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })

afterEach(async () => {
  await Promise.all([...open].map((agent) => agent.close()))
  open.clear()
  for (const name of names) await Promise.all([deleted(`agent of ${name}`), deleted(`keys of ${name}`)])
  names.clear()
  network = memoryNetwork()
})

describe('agents on IndexedDB with keys of WebCrypto', () => {
  it('REL-01: meet by an invitation, and talk both ways', async () => {
    const { alice, bob, toAlice, toBob } = await met()
    await sendMessage(bob.agent, toAlice, { content: 'Hello' })
    await sendMessage(alice.agent, toBob, { content: 'Welcome' })
    await until(() => alice.words().length === 1 && bob.words().length === 1)
    expect([alice.words(), bob.words()]).toEqual([['Hello'], ['Welcome']])
  })

  it('REL-04: a message that comes twice has one effect, after a restart too', async () => {
    const { alice, bob, toAlice } = await met()
    const envelopes: string[] = []
    const socket = {
      send: async ({ envelope }: { readonly envelope: string }) => void envelopes.push(envelope),
      onClose: () => undefined,
    }
    await bob.agent.attach(toAlice, socket)
    await sendMessage(bob.agent, toAlice, { content: 'Hello' })
    await until(() => envelopes.length === 1)
    const take = (person: Person) => person.agent.receive(envelopes[0] as string, { transport: 'test' })
    for (let times = 0; times < 3; times++) expect(await take(alice)).toEqual({ taken: true })
    expect(alice.words()).toEqual(['Hello'])
    await close(alice)
    const again = await agentOf('alice')
    expect(await take(again)).toEqual({ taken: true })
    expect(again.words()).toEqual([])
  })

  it('REL-05: closed and created again, they know each other, and go on', async () => {
    const { alice, bob, toAlice, toBob } = await met()
    await close(alice)
    await close(bob)
    const [alice2, bob2] = [await agentOf('alice'), await agentOf('bob')]
    expect((await ping(alice2.agent, toBob, { timeoutSeconds: 8 })).at).toBe('answered')
    expect((await ping(bob2.agent, toAlice, { timeoutSeconds: 8 })).at).toBe('answered')
  })

  it('ROT-01: a rotation makes keys that are there after a restart', async () => {
    const { alice, bob, toAlice, toBob } = await met()
    const did = await bob.agent.rotate(toAlice)
    await until(() => alice.heard.some(({ name, peer: by }) => name === 'rotated' && by === did))
    await close(bob)
    const bob2 = await agentOf('bob')
    await sendMessage(alice.agent, toBob, { content: 'to the new one' })
    await until(() => bob2.words().length === 1)
    expect((await alice.agent.contact(toBob))?.theirs.did).toBe(did)
  })

  it('REL-01, REL-05: what is written while the peer is away arrives once it is back, though the writer was away too', async () => {
    const { alice, bob, toAlice } = await met()
    await close(alice)
    const contents = ['one', 'two', 'three']
    for (const content of contents) await sendMessage(bob.agent, toAlice, { content })
    await close(bob)
    const alice2 = await agentOf('alice')
    await agentOf('bob')
    await until(() => alice2.words().length === contents.length)
    expect([...alice2.words()].sort()).toEqual([...contents].sort())
  })

  it('A04: a second tab is refused while the agent is open, and not when it is closed', async () => {
    const { alice } = await met()
    const step = `return module.openIndexedDbStore({ name: 'agent of alice', waitSeconds: 0 }).then((store) => store.close().then(() => 'open'), (error) => error.code)`
    const inTab = (): Promise<unknown> =>
      (commands as unknown as { inTab(what: TabSteps): Promise<unknown> }).inTab({
        module: '/packages/sealpost/src/store/indexeddb.ts',
        steps: [step],
      })
    expect(await inTab()).toBe('ERR_STORE_LOCKED')
    await close(alice)
    expect(await inTab()).toBe('open')
  })
})
