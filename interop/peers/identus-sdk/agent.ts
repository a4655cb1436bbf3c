/**
 * An agent of Identus, as its authors made it: only where it keeps what it knows is ours, in memory, since the SDK brings none.
 *
 * @module
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

type Named = { toString(): string }
type Key = { readonly curve: string; readonly value: Uint8Array }
type Told = {
  readonly id: string
  readonly piuri: string
  readonly from?: Named
  readonly body: { readonly [member: string]: unknown }
  readonly direction: number
}
type IdentusAgent = {
  start(): Promise<unknown>
  stop(): Promise<unknown>
  startFetchingMessages(seconds: number): Promise<void>
  createNewPeerDID(services: readonly never[], updateMediator: boolean): Promise<Named>
  sendMessage(message: object): Promise<unknown>
}
/** What is used of the package. */
type IdentusSdk = {
  readonly Agent: { initialize(options: { readonly pluto: object; readonly mediatorDID: string }): IdentusAgent }
  readonly Domain: { readonly Message: new (body: object, id: undefined, type: string, from: Named, to: Named) => object }
}

/** A person with that SDK, who is mediated. */
export type IdentusPerson = {
  readonly did: string
  /** The messages that came, by type. */
  readonly heard: (type: string) => readonly Told[]
  /** Answers whoever sent a message. */
  answer(to: Told, type: string, body: object): Promise<void>
  close(): Promise<void>
}

const receivedDirection = 1

/**
 * Starts one: it asks the mediator for mediation, makes a DID behind it, and fetches each second.
 *
 * @throws where the SDK is not installed, or where it does not get mediation
 */
export async function startIdentus(mediatorDid: string): Promise<IdentusPerson> {
  const require = createRequire(fileURLToPath(new URL('../../.work/identus-sdk/package.json', import.meta.url)))
  const { Agent, Domain } = require('@hyperledger/identus-sdk') as IdentusSdk
  const messages: Told[] = []
  const agent = Agent.initialize({ pluto: inMemory(messages), mediatorDID: mediatorDid })
  await agent.start()
  await agent.startFetchingMessages(1)
  const did = await agent.createNewPeerDID([], true)
  return {
    did: did.toString(),
    heard: (type) => messages.filter(({ piuri, direction }) => piuri === type && direction === receivedDirection),
    async answer({ from }, type, body) {
      await agent.sendMessage(new Domain.Message(body, undefined, type, did, from as Named))
    },
    close: async () => void (await agent.stop()),
  }
}

/** What the SDK calls a Pluto, as far as it is called here. */
function inMemory(messages: Told[]): object {
  const keysOf = new Map<string, readonly Key[]>()
  const people: object[] = []
  const mediators: object[] = []
  const pairs: { readonly host: Named; readonly receiver: Named; readonly name: string }[] = []
  const storePeerDID = async (did: Named, keys: readonly Key[] | Key): Promise<void> => {
    const all = [keys].flat()
    keysOf.set(did.toString(), all)
    people.push({ did, privateKeys: all.map(({ curve, value }) => ({ keyCurve: { curve }, value })) })
  }
  return {
    state: 'running',
    start: async () => undefined,
    stop: async () => undefined,
    storeDID: storePeerDID,
    storePeerDID,
    getAllPeerDIDs: async () => people,
    getDIDPrivateKeysByDID: async (did: Named) => keysOf.get(did.toString()) ?? [],
    storeMediator: async (mediator: object) => void mediators.push(mediator),
    getAllMediators: async () => mediators,
    storeDIDPair: async (host: Named, receiver: Named, name: string) => void pairs.push({ host, receiver, name }),
    getAllDidPairs: async () => pairs,
    getPairByDID: async (did: Named) =>
      pairs.find(({ host, receiver }) => [host, receiver].some((one) => one.toString() === did.toString())) ?? null,
    getPairByName: async (name: string) => pairs.find((pair) => pair.name === name) ?? null,
    storeMessage: async (message: Told) => void messages.push(message),
    storeMessages: async (more: readonly Told[]) => void messages.push(...more),
    getAllMessages: async () => messages,
    getMessage: async (id: string) => messages.find((message) => message.id === id) ?? null,
    getAllCredentials: async () => [],
    getLinkSecret: async () => null,
    storeLinkSecret: async () => undefined,
  }
}
