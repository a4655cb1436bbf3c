/** Our agent, and a program on didcomm-node 0.4.1 that has none, over HTTP. */
import { createAgent } from 'sealpost/agent'
import { createResolver, type Did, peer } from 'sealpost/did'
import { memoryKeyStore } from 'sealpost/keys/memory'
import { basicMessage, sendMessage } from 'sealpost/protocols/basicmessage'
import { ping, trustPing } from 'sealpost/protocols/trust-ping'
import { memoryStore } from 'sealpost/store/memory'
import { afterEach, expect, it } from 'vitest'
import { listenTransport, nodeHttpTransport } from '../../src/index.ts'
import { startWorker, type Worker } from '../fixtures/didcomm-node-worker.ts'
import { freePort } from '../fixtures/parcels.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const message = `${basicMessage.piuri}/message`
const until = (holds: () => unknown) => expect.poll(holds, { timeout: 5_000 }).toBeTruthy()
const contents = ({ heard }: Worker) =>
  heard.flatMap(({ message: { type, body } }) => (type === message ? [(body as { content: string }).content] : []))

/** An agent that a worker has answered: it wrote `Hello` to the invitation. */
async function met() {
  const port = await freePort()
  const agent = await createAgent({
    store: memoryStore(),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    transports: [nodeHttpTransport({ allowLoopback: true, schemes: ['http'] }), listenTransport({ port, graceSeconds: 0.1 })],
    endpoints: [`http://127.0.0.1:${port}/`],
    protocols: [basicMessage, trustPing],
    limits: { ackDelaySeconds: 0.1 },
  })
  const worker = await startWorker()
  closers.push(agent.close, worker.close)
  const words: unknown[] = []
  agent.on('message', ({ detail }) => words.push(detail['content']))
  const { invitation } = await agent.invite({ goal: 'Let us talk' })
  expect(await worker.say(invitation.from as Did, { type: message, pthid: invitation.id, body: { content: 'Hello' } })).toBe(202)
  await until(() => words.length === 1)
  const id = (await agent.contact(worker.did()))?.id as string
  return { agent, worker, words, invited: invitation.from as Did, id }
}

it('ROT-01, ROT-15: each reads what the other writes, and didcomm-node follows us from the invitation to a DID of its own', async () => {
  const { agent, worker, words, invited, id } = await met()
  expect(words).toEqual(['Hello'])
  await sendMessage(agent, id, { content: 'Welcome' })
  await until(() => contents(worker).length === 1)
  const [first] = worker.heard
  expect(contents(worker)).toEqual(['Welcome'])
  expect(first?.prior?.split('#')[0]).toBe(invited)
  const ours = first?.message['from'] as Did
  expect(ours).not.toBe(invited)

  await worker.say(ours, { type: message, body: { content: 'How are you?' } })
  await until(() => words.length === 2)
  await sendMessage(agent, id, { content: 'Fine' })
  await until(() => contents(worker).length === 2)
  expect(worker.heard.at(-1)).toMatchObject({ message: { from: ours }, prior: null })
})

it('ROT-01: didcomm-node reads our messages before, with and after a rotation under way', async () => {
  const { agent, worker, words, id } = await met()
  await sendMessage(agent, id, { content: 'one' })
  await until(() => contents(worker).length === 1)
  const before = worker.heard.at(-1)?.message['from'] as Did
  await worker.say(before, { type: message, body: { content: 'two' } })
  await until(() => words.length === 2)

  const now = await agent.rotate(id)
  await sendMessage(agent, id, { content: 'three' })
  await until(() => contents(worker).length === 2)
  const third = worker.heard.find(({ message: { body } }) => (body as { content?: string }).content === 'three')
  expect(third?.message['from']).toBe(now)
  expect(third?.prior?.split('#')[0]).toBe(before)
  await worker.say(now, { type: message, body: { content: 'four' } })
  await until(() => words.length === 3)
  expect(words).toEqual(['Hello', 'two', 'four'])
})

it('ROT-07: we follow a rotation that didcomm-node signed', async () => {
  const { agent, worker, words, invited, id } = await met()
  const next = await worker.rotate()
  await worker.say(invited, { type: message, body: { content: 'I moved' } })
  await until(() => words.length === 2)
  expect((await agent.contact(id))?.theirs.did).toBe(next)
  await sendMessage(agent, id, { content: 'I see' })
  await until(() => contents(worker).length === 1)
  expect(worker.heard.at(-1)?.message['to']).toEqual([next])
})

it('PNG-02: didcomm-node answers our ping, and we answer its own', async () => {
  const { agent, worker, id } = await met()
  expect((await ping(agent, id, { timeoutSeconds: 5 })).at).toBe('answered')
  const ours = worker.heard.at(-1)?.message['from'] as Did
  await worker.say(ours, { id: 'ping-of-the-worker', type: 'https://didcomm.org/trust-ping/2.0/ping', body: { response_requested: true } })
  await until(() => worker.heard.some(({ message: { type } }) => type === 'https://didcomm.org/trust-ping/2.0/ping-response'))
  expect(worker.heard.at(-1)?.message).toMatchObject({ thid: 'ping-of-the-worker' })
})

it('ACK-02: a message of didcomm-node that asks for it is acknowledged', async () => {
  const { worker, words, invited } = await met()
  await worker.say(invited, { id: 'please', type: message, please_ack: [''], body: { content: 'Did you get it?' } })
  await until(() => worker.heard.some(({ message: { ack } }) => (ack as string[] | undefined)?.includes('please')))
  expect(words).toEqual(['Hello', 'Did you get it?'])
})
