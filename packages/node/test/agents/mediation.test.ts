/** Agents behind mediators over HTTP and WebSockets on this machine, with stores on disk, and a network that is cut. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Agent, createAgent } from 'sealpost/agent'
import { createResolver, peer } from 'sealpost/did'
import { memoryKeyStore } from 'sealpost/keys/memory'
import { resumeMediations, useMediator, withMediation } from 'sealpost/mediation'
import { basicMessage } from 'sealpost/protocols/basicmessage'
import { ping, trustPing } from 'sealpost/protocols/trust-ping'
import { type Mailbox, memoryMailbox, testMediator } from 'sealpost/testing'
import { afterEach, expect, it } from 'vitest'
import { listenTransport, nodeHttpTransport, nodeWebSocketTransport, openSqliteStore } from '../../src/index.ts'
import { freePort } from '../fixtures/parcels.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const limits = { maxBackoffSeconds: 1, deliverySeconds: 5, ackTimeoutSeconds: 2, ackDelaySeconds: 0.1 }
const resolver = createResolver([peer()])
const here = { allowLoopback: true, timeoutSeconds: 5 } as const
const pace = { timeoutSeconds: 5, trialSeconds: 2, pollSeconds: 0.1, maxPollSeconds: 0.5, liveStatusSeconds: 1 }

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sealpost-'))
  closers.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What stands between the agents and a port, and can be cut. */
async function wire(to: number) {
  const port = await freePort()
  const open = new Set<Socket>()
  const server = createServer((incoming) => {
    const outgoing = connect(to, '127.0.0.1')
    const close = (): void => {
      for (const socket of [incoming, outgoing]) {
        open.delete(socket)
        socket.destroy()
      }
    }
    for (const socket of [incoming, outgoing]) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', close)
    }
    incoming.pipe(outgoing).pipe(incoming)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  closers.push(() => {
    cut()
    server.close()
  })
  return { port, cut }
}

async function mediatorPlace() {
  const port = await freePort()
  const { port: shown, cut } = await wire(port)
  const [path, keys, mailbox] = [join(folder(), 'mediator.db'), memoryKeyStore(), memoryMailbox() as Mailbox]
  const open = async () =>
    testMediator({
      store: await openSqliteStore(path),
      keys,
      mailbox,
      resolver,
      limits,
      transports: [listenTransport({ port, graceSeconds: 0.1 })],
      endpoints: [`http://127.0.0.1:${shown}/`, `ws://127.0.0.1:${shown}/`],
    })
  return { open, cut, mailbox }
}

async function agentIn(path: string, keys = memoryKeyStore()) {
  const sockets = nodeWebSocketTransport({ ...here, schemes: ['ws'], random: () => 0.01 })
  const transports = [nodeHttpTransport({ ...here, schemes: ['http'] }), sockets]
  const store = await openSqliteStore(join(path, 'agent.db'))
  const agent = await createAgent(withMediation({ store, keys, resolver, transports, limits, protocols: [trustPing, basicMessage] }))
  const heard: string[] = []
  agent.on('message', ({ detail }) => void heard.push(String((detail as { content?: string }).content)))
  return { agent, keys, heard, options: { ...pace, sockets } }
}

async function until(holds: () => boolean, what: string, seconds = 40): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`expected within ${seconds} s that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

// A WebSocket that is cut loses what left and did not arrive: only an acknowledgment tells.
const say = async (agent: Agent, to: string, from: number, count: number) => {
  const type = 'https://didcomm.org/basicmessage/2.0/message'
  for (let n = from; n < from + count; n++) await agent.send(to, { type, body: { content: `${n}` } }, { ack: true })
}
const inOrder = (heard: readonly string[]) => [...heard].sort((a, b) => Number(a) - Number(b))
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `${from + n}`)

async function meet(alice: Agent, bob: Agent): Promise<string> {
  const { id } = await bob.accept((await alice.invite()).invitation)
  expect((await ping(bob, id, { timeoutSeconds: 10 })).at).toBe('answered')
  return id
}

it('10.6, 10.7, REL-03: two agents behind a mediator that is cut off and restarted, and one that goes away and comes back', async () => {
  const place = await mediatorPlace()
  let mediator = await place.open()
  closers.push(() => mediator.agent.close())
  const atAlice = folder()
  const [before, bob] = [await agentIn(atAlice), await agentIn(folder())]
  closers.push(
    () => before.agent.close(),
    () => bob.agent.close(),
  )
  const first = await useMediator(before.agent, await mediator.invitation(), before.options)
  await useMediator(bob.agent, await mediator.invitation(), bob.options)
  await until(() => first.delivery() === 'live', 'messages come live')
  const toAlice = await meet(before.agent, bob.agent)

  for (let n = 0; n < 50; n += 10) {
    await say(bob.agent, toAlice, n, 10)
    place.cut()
  }
  await until(() => before.heard.length >= 50, 'all came over connections that were cut')
  await say(bob.agent, toAlice, 50, 10)
  await mediator.agent.close()
  await say(bob.agent, toAlice, 60, 10)
  mediator = await place.open()
  await until(() => before.heard.length >= 70, 'all came by a mediator that was restarted')
  await until(() => first.delivery() === 'live', 'messages come live again')
  expect(inOrder(before.heard)).toEqual(numbers(70))

  await before.agent.close()
  await say(bob.agent, toAlice, 70, 30)
  const alice = await agentIn(atAlice, before.keys)
  closers.push(() => alice.agent.close())
  const [again] = await resumeMediations(alice.agent, alice.options)
  await until(() => alice.heard.length >= 30, 'what waited came')
  await until(() => again?.delivery() === 'live', 'messages come live after the restart')
  await until(() => place.mailbox.accounts().every((account) => place.mailbox.waiting(account).length === 0), 'nothing is left')
  // What was taken and not yet acknowledged when the agent went away was told before.
  expect([...new Set([...before.heard, ...alice.heard])].length).toBe(100)
  expect(alice.heard.filter((one) => before.heard.includes(one))).toEqual([])
}, 150_000)

it('10.10, FLO-01: an agent behind two mediators is reached while one of them is away, by one that asks for its messages', async () => {
  const [one, two, his] = [await mediatorPlace(), await mediatorPlace(), await mediatorPlace()]
  const [first, second, bobs] = [await one.open(), await two.open(), await his.open()]
  const [alice, bob] = [await agentIn(folder()), await agentIn(folder())]
  closers.push(
    () => second.agent.close(),
    () => bobs.agent.close(),
    () => alice.agent.close(),
    () => bob.agent.close(),
  )
  await useMediator(alice.agent, await first.invitation(), { ...alice.options, live: 'poll' })
  await useMediator(alice.agent, await second.invitation(), alice.options)
  await useMediator(bob.agent, await bobs.invitation(), { ...bob.options, live: 'poll' })
  const toAlice = await meet(alice.agent, bob.agent)
  await say(bob.agent, toAlice, 0, 10)
  await until(() => alice.heard.length >= 10, 'all came by the first')
  await first.agent.close()
  await say(bob.agent, toAlice, 10, 10)
  await until(() => alice.heard.length >= 20, 'all came by the second')
  expect(inOrder(alice.heard)).toEqual(numbers(20))
}, 150_000)
