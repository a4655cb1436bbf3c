/** Agents whose disk is full: SQLite refuses to grow, as it does on a disk without room. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Agent, type Clock, createAgent, type Store } from 'sealpost/agent'
import { createResolver, peer } from 'sealpost/did'
import type { DidcommError } from 'sealpost/errors'
import { memoryKeyStore } from 'sealpost/keys/memory'
import { basicMessage, sendMessage } from 'sealpost/protocols/basicmessage'
import { memoryStore } from 'sealpost/store/memory'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listenTransport, nodeHttpTransport } from '../../src/index.ts'
import { loadSqliteDriver } from '../../src/sqlite-driver.ts'
import { openSqliteFile } from '../../src/sqlite-file.ts'
import { storeOn } from '../../src/sqlite-store.ts'
import { freePort } from '../fixtures/parcels.ts'

let folder: string
const agents: Agent[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealpost-'))
})
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close()
  rmSync(folder, { recursive: true, force: true })
})

// A full disk is asked again after half a minute, which is a second by this clock.
const speed = 30
const fastClock: Clock = {
  epochMilliseconds: () => Math.floor(performance.timeOrigin + performance.now() * speed),
  later(milliseconds, run) {
    const timer = setTimeout(run, milliseconds / speed)
    return () => clearTimeout(timer)
  },
}

async function agentOn(store: Store) {
  const port = await freePort()
  const heard: string[] = []
  const failures: unknown[] = []
  const http = nodeHttpTransport({ allowLoopback: true, schemes: ['http'] })
  const send: typeof http.send = (...args) =>
    http.send(...args).catch((error: DidcommError) => {
      failures.push([error.code, error.retryAfterSeconds])
      throw error
    })
  const agent = await createAgent({
    store,
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    transports: [{ ...http, send }, listenTransport({ port, graceSeconds: 0.1 })],
    endpoints: [`http://127.0.0.1:${port}/`],
    protocols: [basicMessage],
    clock: fastClock,
  })
  agents.push(agent)
  agent.on('message', ({ detail }) => heard.push((detail['content'] as string).split(' ')[0] as string))
  return { agent, heard, failures }
}

const contactOf = async (agent: Agent): Promise<string> => {
  for await (const { id } of agent.contacts()) return id
  return ''
}
// Larger than the room that is left in any page.
const long = (name: string) => ({ content: `${name} ${'x'.repeat(20_000)}` })
const codeOf = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => 'none',
    (error: { code?: string }) => error.code,
  )
const until = (holds: () => boolean) => expect.poll(holds, { timeout: 15_000 }).toBe(true)

it('D13, REL-01, REL-03: an agent whose disk is full takes and promises nothing, loses nothing that it had, and goes on when there is room', async () => {
  const path = join(folder, 'agent.db')
  const file = await openSqliteFile(await loadSqliteDriver(), path, { waitSeconds: 0, isChecked: true })
  const alice = await agentOn(memoryStore())
  const bob = await agentOn(storeOn(file, path))
  const toBob = (await alice.agent.accept((await bob.agent.invite()).invitation)).id
  await sendMessage(alice.agent, toBob, long('before'))
  await until(() => bob.heard.includes('before'))
  const toAlice = await contactOf(bob.agent)
  await bob.agent.settled()

  const [{ page_count: pages } = {}] = file.database.prepare('PRAGMA page_count').all()
  file.database.exec(`PRAGMA max_page_count = ${pages}`)
  expect(await codeOf(sendMessage(bob.agent, toAlice, long('refused')))).toBe('ERR_STORE_FULL')
  const sent = ['one', 'two', 'three']
  const kept = await Promise.all(
    sent.map((name) => alice.agent.send(toBob, { type: `${basicMessage.piuri}/message`, body: long(name) }, { ack: true })),
  )
  for (const { id } of kept)
    await expect.poll(async () => (await alice.agent.where(id)).attempts ?? 0, { timeout: 15_000 }).toBeGreaterThan(0)
  for (const { id } of kept) expect(await alice.agent.where(id)).toMatchObject({ state: 'queued' })
  expect(bob.heard).toEqual(['before'])
  // HTTP-03: 503, with when to come again.
  expect(alice.failures[0]).toEqual(['ERR_DELIVERY_UNAVAILABLE', 30])

  file.database.exec('PRAGMA max_page_count = 100000')
  await until(() => bob.heard.length >= 1 + sent.length)
  await sendMessage(bob.agent, toAlice, long('after'))
  await until(() => alice.heard.includes('after'))
  for (const { id } of kept) await expect.poll(async () => (await alice.agent.where(id)).state, { timeout: 15_000 }).toBe('acknowledged')
  expect([...bob.heard].sort()).toEqual(['before', ...sent].sort())
  expect(alice.heard).toEqual(['after'])
  const events: string[] = []
  for await (const { name, detail } of bob.agent.events({ after: '0' })) {
    if (name === 'message') events.push((detail['content'] as string).split(' ')[0] as string)
    if (events.length === 1 + sent.length) break
  }
  expect(events.sort()).toEqual(['before', ...sent].sort())
}, 60_000)
