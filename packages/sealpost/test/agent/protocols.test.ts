/** The protocols as agents run them: every command, on real agents over a network in memory, with a mediator made of a map and two lists. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Agent, type AgentEvent, type AgentOptions, createAgent } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import type { Command } from '../../src/machine/index.ts'
import type { Registry } from '../../src/protocols/coordinate-mediation/index.ts'
import * as protocols from '../../src/protocols/index.ts'
import type { Delivered, Queue, QueueQuestion, WaitingMessage } from '../../src/protocols/message-pickup/index.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { memoryNetwork } from '../../src/transport/memory.ts'

const { coordinateMediation, coordinateMediation2, coreProtocols, messagePickup, messagePickup3, routing, userProfile } = protocols
const timeoutSeconds = 10

/** A mediator's memory. */
const memory = {
  held: new Set<string>(),
  waiting: [] as WaitingMessage[],
  live: [] as boolean[],
  forwarded: [] as unknown[],
  isLasting: true,
}

const registry = (): Registry => ({ routingDid: 'did:example:mediator', admits: () => true, held: memory.held, taken: new Set() })
const queue = ({ limit, without = [] }: QueueQuestion): Queue => {
  const messages = memory.waiting.filter(({ id }) => !without.includes(id))
  return { status: { messageCount: messages.length }, messages: messages.slice(0, limit), isLasting: memory.isLasting }
}
const mediationHost = {
  context: registry,
  tasks: {
    bind: ({ recipients }: { readonly recipients: readonly string[] }) => {
      memory.held = new Set(recipients)
    },
  },
}
const pickupHost = {
  context: (question: unknown) => queue(question as QueueQuestion),
  tasks: {
    forget: ({ ids }: { readonly ids: readonly string[] }) => {
      memory.waiting = memory.waiting.filter(({ id }) => !ids.includes(id))
    },
    live: ({ liveDelivery }: { readonly liveDelivery: boolean }) => void memory.live.push(liveDelivery),
  },
}
const mediatorOptions: Partial<AgentOptions> = {
  protocols: [
    ...coreProtocols.filter(({ piuri }) => !/mediation|pickup/.test(piuri)),
    coordinateMediation,
    coordinateMediation2,
    messagePickup,
    messagePickup3,
    routing,
  ],
  hosts: {
    [coordinateMediation.piuri]: mediationHost,
    [coordinateMediation2.piuri]: mediationHost,
    [messagePickup.piuri]: pickupHost,
    [messagePickup3.piuri]: pickupHost,
    [routing.piuri]: { tasks: { deliver: (detail: object) => void memory.forwarded.push(detail) } },
    [userProfile.piuri]: { context: () => ({ profile: { displayName: 'The mediator' } }) },
  },
}

const received: string[] = []
const receiving = {
  tasks: {
    receive: ({ messages, unreadable }: Delivered) => {
      received.push(...messages.map(({ envelope }) => envelope))
      return { command: 'acknowledge', detail: { ids: [...messages.map(({ id }) => id), ...unreadable] } }
    },
  },
}
const phoneOptions: Partial<AgentOptions> = {
  protocols: coreProtocols,
  hosts: {
    [messagePickup.piuri]: receiving,
    [messagePickup3.piuri]: receiving,
    [userProfile.piuri]: { context: () => ({ profile: { displayName: 'The phone' } }) },
  },
}

let phone: Agent
let mediator: Agent
let toMediator: string
let toPhone: string
const heard: AgentEvent[] = []

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
const told = (name: string): AgentEvent | undefined => heard.find((event) => event.name === name)

beforeEach(async () => {
  const network = memoryNetwork()
  const agentAt = (name: string, options: Partial<AgentOptions>) =>
    createAgent({
      store: memoryStore(),
      keys: memoryKeyStore(),
      resolver: createResolver([peer()]),
      transports: [network.transport(`memory:${name}`)],
      endpoints: [`memory:${name}`],
      ...options,
    })
  phone = await agentAt('phone', phoneOptions)
  mediator = await agentAt('mediator', mediatorOptions)
  heard.length = 0
  received.length = 0
  Object.assign(memory, { held: new Set(), waiting: [], live: [], forwarded: [], isLasting: true })
  for (const agent of [phone, mediator]) agent.on('*', (event) => heard.push(event))
  const { invitation } = await mediator.invite()
  toMediator = (await phone.accept(invitation)).id
  await protocols.ping(phone, toMediator, { timeoutSeconds })
  for await (const contact of mediator.contacts()) toPhone = contact.id
})
afterEach(() => Promise.all([phone.close(), mediator.close()]))

describe('protocols between agents', () => {
  it('PNG-02: a ping is answered', async () => {
    expect(await protocols.ping(phone, toMediator, { timeoutSeconds })).toMatchObject({ at: 'answered' })
    expect(told('pinged')?.detail).toHaveProperty('by')
  })

  it('DSC-01, DSC-09: features are disclosed', async () => {
    const queries = [{ featureType: 'protocol', match: 'https://didcomm.org/*pickup/*' }]
    const end = await protocols.query(phone, toMediator, { queries, timeoutSeconds })
    expect(end.at === 'disclosed' && [...end.disclosures].map(({ id, roles }) => [id, roles]).sort()).toEqual([
      [messagePickup.piuri, ['mediator', 'recipient']],
      [messagePickup3.piuri, ['mediator', 'recipient']],
    ])
    await protocols.disclose(phone, toMediator, { queries: [{ 'feature-type': 'header', match: 'ack' }] })
    await eventually(() => heard.filter(({ name }) => name === 'disclosed').length === 2)
    expect(heard.filter(({ name }) => name === 'disclosed')[1]?.detail).toMatchObject({
      disclosures: [{ 'feature-type': 'header', id: 'ack' }],
    })
  })

  it('a message is read, with its language and its time', async () => {
    await protocols.sendMessage(phone, toMediator, { content: 'Bonjour', lang: 'fr', attachments: [{ id: 'a', data: { json: 1 } }] })
    await eventually(() => told('message') !== undefined)
    expect(told('message')?.detail).toMatchObject({ content: 'Bonjour', lang: 'fr', attachments: [{ id: 'a', data: { json: 1 } }] })
    expect(Math.abs((told('message')?.detail['sentTime'] as number) - Date.now() / 1000)).toBeLessThan(10)
  })

  it('profiles are shown, sent back and asked for', async () => {
    await protocols.sendProfile(phone, toMediator, { profile: { displayName: 'A phone' }, sendBackYours: true })
    await eventually(() => heard.filter(({ name }) => name === 'profile').length === 2)
    expect(heard.filter(({ name }) => name === 'profile').map(({ detail }) => detail['profile'])).toEqual([
      { displayName: 'A phone' },
      { displayName: 'The mediator' },
    ])
    expect(await protocols.requestProfile(mediator, toPhone, { timeoutSeconds })).toEqual({
      at: 'listening',
      profile: { displayName: 'The phone' },
    })
  })

  it.each([
    ['3.0', protocols.requestMediation, protocols.updateRecipients, protocols.listRecipients],
    ['2.0', protocols.requestMediation2, protocols.updateRecipients2, protocols.listRecipients2],
  ] as const)('MPR-03: mediation is granted, in version %s', async (_, request, update, list) => {
    // biome-ignore lint/suspicious/noExplicitAny: both versions at once
    const run = <C extends Command<any, any, any>>(command: C, detail: object) => command(phone, toMediator, detail)
    expect(await run(request, { timeoutSeconds })).toEqual({ at: 'granted', routingDids: ['did:example:mediator'] })
    const dids = Array.from({ length: 5 }, (__, index) => `did:example:${index}`)
    expect(await run(update, { add: dids, remove: ['did:example:none'], timeoutSeconds })).toMatchObject({
      at: 'updated',
      updated: [...dids.map(() => ({ result: 'success' })), { result: 'no_change' }],
    })
    await eventually(() => memory.held.size === 5)
    expect(await run(list, { pageSize: 2, timeoutSeconds })).toEqual({ at: 'listed', recipients: dids })
  })

  it.each([
    ['4.0', protocols.askStatus, protocols.fetchMessages, protocols.switchLiveDelivery, protocols.pushMessages],
    ['3.0', protocols.askStatus3, protocols.fetchMessages3, protocols.switchLiveDelivery3, protocols.pushMessages3],
  ] as const)('messages are fetched, acknowledged and pushed, in version %s', async (_, ask, fetch, live, push) => {
    // biome-ignore lint/suspicious/noExplicitAny: both versions at once
    const run = <C extends Command<any, any, any>>(command: C, detail: object) => command(phone, toMediator, detail)
    memory.waiting = Array.from({ length: 3 }, (__, index) => ({ id: `q-${index}`, envelope: `{"number":${index}}` }))
    expect(await run(ask, { timeoutSeconds })).toMatchObject({ at: 'told', status: { messageCount: 3 } })
    expect(await run(fetch, { limit: 2, timeoutSeconds })).toEqual({ at: 'delivered', ids: ['q-0', 'q-1'] })
    await eventually(() => memory.waiting.length === 1)
    expect(received).toEqual(['{"number":0}', '{"number":1}'])
    expect(await run(fetch, { limit: 9, timeoutSeconds })).toEqual({ at: 'delivered', ids: ['q-2'] })
    await eventually(() => memory.waiting.length === 0)
    expect(await run(fetch, { limit: 9, timeoutSeconds })).toEqual({ at: 'delivered', ids: [] })

    expect(await run(live, { liveDelivery: true, timeoutSeconds })).toMatchObject({ at: 'switched', liveDelivery: true })
    await eventually(() => memory.live.length === 1)
    memory.waiting = [{ id: 'q-9', envelope: '{"number":9}' }]
    // biome-ignore lint/suspicious/noExplicitAny: both versions at once
    await (push as Command<any, any, any>)(mediator, toPhone, { messages: memory.waiting })
    await eventually(() => received.length === 4 && memory.waiting.length === 0)
    memory.isLasting = false
    expect(await run(live, { liveDelivery: true, timeoutSeconds })).toEqual({ at: 'refused' })
    const trouble = heard.filter(({ name }) => name === 'problem' || name === 'quarantined')
    expect(trouble.map(({ detail }) => detail['code'])).toEqual(['e.m.live-mode-not-supported'])
  })

  it('MPR-01: what is to be passed on comes to the host of the mediator', async () => {
    await phone.send(toMediator, {
      type: 'https://didcomm.org/routing/2.0/forward',
      body: { next: 'did:example:bob' },
      attachments: [{ data: { json: { protected: 'e30' } } }],
    })
    await eventually(() => memory.forwarded.length === 1)
    expect(memory.forwarded[0]).toEqual({
      next: 'did:example:bob',
      payloads: [{ data: { json: { protected: 'e30' } } }],
      delayMilliseconds: 0,
    })
  })
})
