/**
 * A small world for tests of the agent: a clock that is moved by hand, a network on which each parcel is seen, stores that outlive the
 * agents, and raw peers that can say anything.
 *
 * @module
 */
import {
  type Agent,
  type AgentEvent,
  type AgentOptions,
  type Clock,
  createAgent,
  newPeerDid,
  type Receipt,
  type Store,
} from '../../src/agent/index.ts'
import type { Tables } from '../../src/agent/records.ts'
import { createResolver, type Did, type DidDocument, type KeyStore, keysOf, peer, type Resolver } from '../../src/did/index.ts'
import { fromPrior, type PackOptions, pack, type Unpacked, unpack } from '../../src/envelope/index.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import type { Plaintext } from '../../src/message/plaintext.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { memoryNetwork } from '../../src/transport/memory.ts'
import { probe } from './probe.ts'

type ManualClock = Clock & {
  /** Moves on, and runs what is due on the way, each at its time. */
  advance(seconds: number): Promise<void>
  /** Sets the time of day elsewhere: what waits goes on waiting as long as it had to. */
  jump(seconds: number): void
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** @param atRest - awaits what is under way, before time moves on */
function manualClock(atRest: () => Promise<void>): ManualClock {
  let elapsed = 0
  let offset = Date.UTC(2026, 0, 1)
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    epochMilliseconds: () => elapsed + offset,
    later(milliseconds, run) {
      const entry = { at: elapsed + milliseconds, run }
      waiting.add(entry)
      if (milliseconds <= 0) {
        setTimeout(() => {
          if (waiting.delete(entry)) run()
        }, 0)
      }
      return () => void waiting.delete(entry)
    },
    jump(seconds) {
      offset += seconds * 1000
    },
    async advance(seconds) {
      const end = elapsed + seconds * 1000
      for (;;) {
        await atRest()
        const [next] = [...waiting].sort((a, b) => a.at - b.at)
        if (next === undefined || next.at > end) break
        waiting.delete(next)
        elapsed = Math.max(elapsed, next.at)
        next.run()
      }
      elapsed = end
      await atRest()
    },
  }
}

/** A parcel on the network. */
export type Sent = { readonly from: string; readonly to: string; readonly envelope: string }

export type Resident = {
  readonly agent: Agent
  readonly name: string
  readonly heard: AgentEvent[]
  readonly store: Store
  /** The names of the events, in order. */
  names(): string[]
  /** Closes it, and creates it again over the same store and keys. */
  restart(options?: Partial<AgentOptions>): Promise<Resident>
  /** Drops it where it stands: what it has not stored is lost, and it is never heard of again. */
  crash(): void
  rows<T extends keyof Tables>(table: T): Promise<readonly (Tables[T] & { readonly key: string })[]>
}

/** A peer without an agent: it says what a test wants. */
export type RawPeer = {
  did: Did
  readonly keys: KeyStore
  readonly resolver: Resolver
  readonly uri: string
  /** What came to it, opened. */
  readonly heard: Unpacked[]
  readonly bodies: () => unknown[]
  seal(to: Did, message: Partial<Plaintext>, options?: Partial<PackOptions>): Promise<string>
  say(to: Resident, did: Did, message: Partial<Plaintext>, options?: Partial<PackOptions>): Promise<Receipt>
  /** A new DID with keys; it is not its own until `did` is set. */
  another(endpoints?: readonly string[]): Promise<Did>
  prior(prior: Did, next: Did | undefined, issuedAtSeconds: number): Promise<string>
}

export type World = ReturnType<typeof createWorld>

let counter = 0
/** An id that no other message of the tests has. */
export const freshId = (): string => `00000000-0000-4000-8000-${String(++counter).padStart(12, '0')}`

export const note = 'https://example.com/probe/1.0/note'

/** Where agents keep what they know: in memory, unless a file of tests says otherwise. */
export const stores: { fresh: () => Store | Promise<Store> } = { fresh: memoryStore }

export function createWorld() {
  const network = memoryNetwork()
  // A store that is not in memory takes its time, which is no time of the clock.
  let storing = 0
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    storing++
    try {
      return await work
    } finally {
      storing--
    }
  }
  const clock = manualClock(async () => {
    await turn()
    for (let turns = 0; storing > 0 && turns < 500; turns++) await turn()
  })
  const wire: Sent[] = []
  const documents = new Map<string, DidDocument>()
  /** Decides over each parcel: throws what the sender is to see. */
  const law: { judge: (parcel: Sent) => void | Promise<void> } = { judge: () => undefined }
  const residents: Resident[] = []

  const didWeb = {
    method: 'web',
    async resolve(did: string) {
      const didDocument = documents.get(did)
      return {
        didDocument: didDocument ?? null,
        didDocumentMetadata: {},
        didResolutionMetadata: didDocument === undefined ? { error: 'notFound' } : {},
      }
    },
  }
  const newResolver = (): Resolver => {
    const peers = createResolver([peer()])
    return { resolve: (did) => (did.startsWith('did:web:') ? didWeb.resolve(did) : peers.resolve(did)) as ReturnType<Resolver['resolve']> }
  }

  function transportOf(name: string, connection: 'once' | 'lasting', isGone: () => boolean) {
    const inner = network.transport(`memory:${name}`, { connection })
    return {
      ...inner,
      async send(...[parcel, endpoint, options]: Parameters<typeof inner.send>) {
        const sent = { from: name, to: endpoint.uri, envelope: parcel.envelope }
        await law.judge(sent)
        if (isGone()) return new Promise<never>(() => undefined)
        wire.push(sent)
        return inner.send(parcel, endpoint, options)
      },
    }
  }

  async function resident(name: string, given: Partial<AgentOptions> & { connection?: 'once' | 'lasting' } = {}): Promise<Resident> {
    const { connection = 'once', ...options } = given
    const kept = options.store ?? (await stores.fresh())
    const keys = options.keys ?? memoryKeyStore()
    let gone = false
    // It outlives the agent, and one that crashed cannot reach it any more.
    const store: Store = {
      get: (...args) => (gone ? new Promise(() => undefined) : counted(kept.get(...args))),
      list: (...args) => (gone ? new Promise(() => undefined) : counted(kept.list(...args))),
      commit: (...args) => (gone ? new Promise(() => undefined) : counted(kept.commit(...args))),
      close: async () => undefined,
    }
    const transport = transportOf(name, connection, () => gone)
    const agent = await createAgent({
      resolver: newResolver(),
      transports: [transport],
      endpoints: [`memory:${name}`],
      protocols: [probe],
      clock,
      random: { id: () => globalThis.crypto.randomUUID(), fraction: () => 0.5 },
      ...options,
      store,
      keys,
    })
    const heard: AgentEvent[] = []
    agent.on('*', (event) => heard.push(event))
    const one: Resident = {
      agent,
      name,
      heard,
      store,
      names: () => heard.map((event) => event.name),
      async restart(changed = {}) {
        if (!gone) await agent.close()
        return resident(name, { ...given, ...changed, store: kept, keys })
      },
      crash() {
        gone = true
        void transport.stop?.()
      },
      async rows(table) {
        const rows = await kept.list({ table, limit: 1_000_000 })
        return rows.map(({ key, value }) => ({ ...(value as object), key })) as never
      },
    }
    residents.push(one)
    return one
  }

  async function raw(name: string, { endpoint = true }: { readonly endpoint?: boolean } = {}): Promise<RawPeer> {
    const keys = memoryKeyStore()
    const resolver = newResolver()
    const uri = `memory:${name}`
    const heard: Unpacked[] = []
    const open = async (envelope: string | Uint8Array) =>
      void heard.push(
        await unpack(envelope, { keys: keys.keys, resolver, policy: { nowSeconds: () => Math.floor(clock.epochMilliseconds() / 1000) } }),
      )
    if (endpoint) {
      await network.transport(uri).start?.(async (envelope) => {
        await open(envelope)
        return { taken: true }
      })
    }
    const another = async (endpoints: readonly string[] = endpoint ? [uri] : []): Promise<Did> => {
      const [agreement, authentication] = [await keys.generate('X25519', 'agree'), await keys.generate('Ed25519', 'sign')]
      const { did, document } = newPeerDid(
        { agreement, authentication },
        endpoints.map((each) => ({ uri: each })),
      )
      await keys.name(agreement, keysOf(document, 'keyAgreement')[0]?.kid as never)
      await keys.name(authentication, keysOf(document, 'authentication')[0]?.kid as never)
      return did
    }
    const self: RawPeer = {
      did: await another(),
      keys,
      resolver,
      uri,
      heard,
      bodies: () => heard.map(({ message }) => message.body),
      async seal(to, message, options = {}) {
        const whole: Plaintext = {
          id: freshId(),
          type: note,
          from: self.did,
          to: [to],
          created_time: Math.floor(clock.epochMilliseconds() / 1000),
          body: { text: 'hello' },
          ...message,
        }
        const [packed] = await pack(whole, { keys: keys.keys, resolver, ...options })
        return packed?.envelope as string
      },
      async say(to, did, message, options) {
        const receipt = await to.agent.receive(await self.seal(did, message, options), { transport: 'test', connection: 'once' })
        if (receipt.taken && receipt.reply !== undefined) await open(receipt.reply.envelope)
        return receipt
      },
      another,
      prior: (prior, next, issuedAtSeconds) =>
        fromPrior({ prior, ...(next !== undefined && { next }), issuedAtSeconds }, { keys: keys.keys, resolver }),
    }
    return self
  }

  /** Two agents that have met by an invitation: the second one accepted it, and said so. */
  async function pair(
    left: Partial<AgentOptions> = {},
    right: Partial<AgentOptions> = {},
  ): Promise<{ alice: Resident; bob: Resident; toAlice: string; toBob: string }> {
    const [alice, bob] = [await resident('alice', left), await resident('bob', right)]
    const { invitation } = await alice.agent.invite()
    const { id: toAlice } = await bob.agent.accept(invitation)
    await bob.agent.send(toAlice, { type: note, body: { text: 'first' } })
    await until(() => alice.heard.some(({ name }) => name === 'noted'))
    const [met] = await alice.rows('relationships')
    return { alice, bob, toAlice, toBob: met?.id as string }
  }

  return {
    clock,
    wire,
    law,
    network,
    documents,
    resident,
    raw,
    pair,
    newResolver,
    /** Lets time pass in steps until something holds: for what takes several tries. */
    passing: (holds: () => boolean | Promise<boolean>, stepSeconds = 5): Promise<void> =>
      until(async () => {
        if (await holds()) return true
        await clock.advance(stepSeconds)
        return false
      }),
    now: () => Math.floor(clock.epochMilliseconds() / 1000),
    async close() {
      await Promise.all(residents.map(({ agent }) => Promise.race([agent.close().catch(() => undefined), turn().then(turn).then(turn)])))
    },
  }
}

/** Awaits that something holds; fails after some seconds of real time. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'what was awaited'): Promise<void> {
  const end = Date.now() + 8_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what} did not come: ${holds}`)
    await turn()
  }
}

/** Gives what is under way the time to happen: for what must not. */
export const quiet = async (): Promise<void> => {
  for (let i = 0; i < 15; i++) await turn()
}
