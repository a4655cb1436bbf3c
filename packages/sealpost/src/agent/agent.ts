/**
 * The agent: relationships, threads, protocols, retries. It runs protocols without knowing any, and reaches the world by its ports.
 *
 * @module
 */
import { type Did, isDid } from '../did/did.ts'
import { documentOf } from '../did/resolution.ts'
import { type Endpoint, endpointsOf } from '../did/service.ts'
import { newId } from '../envelope/forward.ts'
import { fromPrior } from '../envelope/from-prior.ts'
import { rulesOf } from '../envelope/policy.ts'
import { wrappings } from '../envelope/wrapping.ts'
import { DidcommError } from '../errors.ts'
import { type Host, instanceOf, type Protocol } from '../machine/protocol.ts'
import type { AnyRole, State } from '../machine/role.ts'
import { emptyType } from '../message/ack.ts'
import { checkPlaintext } from '../message/check.ts'
import type { Invitation } from '../message/out-of-band.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { attachAcks } from './acks.ts'
import { expectOptions, expects, isObject } from './arguments.ts'
import { openBackground } from './background.ts'
import { commandsOf } from './commands.ts'
import { type Core, exclusively, nowSeconds, steadyClock } from './core.ts'
import { type AgentEvent, type EventsOptions, openEvents } from './events.ts'
import { identities, identityOf, keepIdentity, makeDid, newPeerDid } from './identities.ts'
import { createInbox } from './inbox.ts'
import { type AcceptOptions, accept, type ConnectOptions, type Invite, type InviteOptions, invite, withdraw } from './invitations.ts'
import { openJournal } from './journal.ts'
import { defaultLimits } from './limits.ts'
import type { AgentOptions, Route } from './options.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import type { Clock, Logger, PeerRef, Random, Receive, Socket } from './ports.ts'
import { type Identity, peerThread, type Quarantined, type Relationship } from './records.ts'
import { registryOf } from './registry.ts'
import { begin, end, invitationToName, relationshipOf, relationships, update } from './relationships.ts'
import { isShared, rotateOurs } from './rotation.ts'
import { createWaiters } from './waiters.ts'
import { type Whereabouts, whereIs } from './where.ts'
import { addOutgoing, beginWork, finishWork, threadOfWork } from './work.ts'

/** A message that an application sends by itself, outside of the roles of a protocol. */
export type NewMessage = Omit<Plaintext, 'id' | 'from' | 'to' | 'from_prior' | 'created_time'> & { readonly id?: string }

export type SendMessageOptions = {
  /** Asks for an acknowledgment, and sends again until it comes (ACK-01). */
  readonly ack?: boolean
  readonly expiresInSeconds?: number
  /** How it is wrapped: authcrypt where nothing is said. */
  readonly as?: 'authcrypt' | 'authcrypt(signed)' | 'anoncrypt(authcrypt)' | 'anoncrypt(signed)'
}

/** Where a message of ours is found again. */
export type Sent = { readonly id: string; readonly thid: string; readonly relationship: string }

export type Agent = Host & {
  /** Takes what a transport brought. Transports that were given call it by themselves. */
  readonly receive: Receive
  invite(options?: InviteOptions): Promise<Invite>
  withdraw(invitation: string): Promise<void>
  /** Accepts an invitation, or its URL. */
  accept(invitation: string | Invitation, options?: AcceptOptions): Promise<Relationship>
  /** Begins a relationship with a public DID: by a fresh DID of ours, or by the one that is given. */
  connect(did: Did, options?: ConnectOptions): Promise<Relationship>
  /** A new DID to which anybody may write; or one whose keys are held already, such as a did:web. */
  publish(did?: Did): Promise<Did>
  identities(): Promise<readonly Identity[]>
  /** Resolves when the message is on stable storage; from then on it ends in one state (REL-01). */
  send(peer: PeerRef, message: NewMessage, options?: SendMessageOptions): Promise<Sent>
  contact(peer: PeerRef): Promise<Relationship | undefined>
  contacts(): AsyncIterable<Relationship>
  label(peer: PeerRef, label: string): Promise<void>
  /** Changes our DID for a relationship. The peer learns of it by an empty message, and by all that follow until it answers. */
  rotate(peer: PeerRef): Promise<Did>
  /** Ends a relationship, and tells the peer (ROT-18); unless it knows us by a DID that others know too, which is not left. */
  end(peer: PeerRef): Promise<void>
  /** The state of a role in a thread; without a thread, of a role that lives as long as the relationship. */
  stateOf(peer: PeerRef, protocol: Protocol, role: AnyRole, thid?: string): Promise<State | undefined>
  events(options?: EventsOptions): AsyncIterableIterator<AgentEvent>
  /** Listens for events of a name, or for all by `*`. Returns how to stop. */
  on(event: string, listener: (event: AgentEvent) => void): () => void
  where(id: string): Promise<Whereabouts>
  quarantine(): Promise<readonly (Quarantined & { readonly row: string })[]>
  /** Handles a quarantined message once more; true where it went well. */
  replay(row: string): Promise<boolean>
  /** Where a peer takes messages, in its own order. */
  endpoints(peer: PeerRef): Promise<readonly Endpoint[]>
  /** Sends to a peer over a connection that lasts, rather than to its endpoints, until it is closed. */
  attach(peer: PeerRef, socket: Socket): Promise<void>
  /** The connections that last over which messages of a relationship go now. Events `attached` and `detached` tell of changes. */
  sockets(relationship: string): readonly Socket[]
  /** Adds a way by which DIDs that are made from now on are reached. Returns how to take it away. */
  addRoute(route: Route): () => void
  /** Resolves when nothing waits to be stored. */
  settled(): Promise<void>
  /** Stops: what is under way is stored, and goes on when the agent is created again. */
  close(): Promise<void>
  /** Aborted when it is closed. */
  readonly closing: AbortSignal
  readonly clock: Clock
  readonly random: Random
}

/**
 * Creates an agent, and goes on with what its store holds.
 *
 * Exported from `sealpost/agent`.
 *
 * @throws {DidcommError} `ERR_STORE_*` where the store cannot be opened, `ERR_USAGE_ARGUMENT` where two protocols are the same;
 * what the start of a transport throws. Then the store is closed, and nothing goes on.
 *
 * @example
 * ```ts
 * import { createAgent } from 'sealpost/agent'
 * import { createResolver, peer } from 'sealpost/did'
 * import { memoryKeyStore } from 'sealpost/keys/memory'
 * import { basicMessage } from 'sealpost/protocols/basicmessage'
 * import { memoryStore } from 'sealpost/store/memory'
 * import { memoryNetwork } from 'sealpost/transport/memory'
 *
 * const network = memoryNetwork()
 * const alice = await createAgent({
 *   store: memoryStore(),
 *   keys: memoryKeyStore(),
 *   resolver: createResolver([peer()]),
 *   transports: [network.transport('memory:alice')],
 *   endpoints: ['memory:alice'],
 *   protocols: [basicMessage],
 * })
 * const { invitation } = await alice.invite({ goal: 'Let us talk' })
 * console.log(invitation.from.startsWith('did:peer:2'))
 * await alice.close()
 * ```
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  expectOptions(options)
  const { store, keys, resolver, transports = [], protocols = [], hosts = {}, endpoints = [], newDid = newPeerDid } = options
  const {
    policy = {},
    languages = [],
    clock: wallClock = systemClock,
    random = { id: newId, fraction: Math.random },
    logger = silent,
  } = options
  const clock = steadyClock(wallClock)
  const registry = registryOf(protocols)
  rulesOf(policy, () => 0)
  const closing = new AbortController()
  const journal = await openJournal(store, random.id(), () => void clock.later(afterFailureMilliseconds, resume))
  const events = await openEvents(journal, clock, (error) => logger.error('listener failed', { error: String(error) }))
  const late: { outbox?: Outbox; background?: ReturnType<typeof openBackground> } = {}
  const outbox = (): Outbox => late.outbox as Outbox
  // What a commit wrote that failed may be there all the same: it is found by looking, for nobody was told of it.
  const resume = (): void => {
    if (closing.signal.aborted) return
    late.outbox?.resume()
    late.background?.wakeAt(clock.epochMilliseconds())
  }
  const own: Route = { endpoints: () => endpoints.map((endpoint) => (typeof endpoint === 'string' ? { uri: endpoint } : endpoint)) }

  const core: Core = {
    journal,
    events,
    keys,
    resolver,
    clock,
    wallClock,
    random,
    logger,
    trace: options.trace ?? (() => () => undefined),
    limits: { ...defaultLimits, ...options.limits },
    policy: { wrappings: wrappings.filter((wrapping) => wrapping !== 'plaintext'), ...policy },
    protocols,
    registry,
    hosts,
    transports,
    waiters: createWaiters(),
    newDid,
    routes: new Set(endpoints.length > 0 ? [own] : []),
    languages,
    pendingAcks: new Map(),
    exclusive: exclusively(),
    nextNumber: () => outbox().nextNumber(),
    queued: (relationship, rows) => late.outbox?.queued(relationship, rows),
    wakeAt: (at) => late.background?.wakeAt(at),
    tasksAdded: () => late.background?.tasksAdded(),
    closing: closing.signal,
  }
  const inbox = createInbox(core, outbox, options)
  late.outbox = await openOutbox(core, inbox.receive)
  late.background = openBackground(core, { handle: inbox.handle, release: inbox.release, receive: inbox.receive })

  async function close(): Promise<void> {
    closing.abort()
    const over = 'the agent was closed while this was awaited; what was begun goes on when it is created again'
    core.waiters.failAll(new DidcommError('ERR_USAGE_CLOSED', over))
    await late.background?.close()
    await late.outbox?.close()
    // First, so that no consumer writes to a store that is closed.
    events.close()
    await journal.settled()
    await store.close()
  }
  try {
    for (const transport of transports) await transport.start?.(inbox.receive)
  } catch (error) {
    await Promise.allSettled(transports.map(async (transport) => transport.stop?.()))
    await close().catch(() => undefined)
    throw error
  }

  const open = (): void => {
    if (closing.signal.aborted) throw new DidcommError('ERR_USAGE_CLOSED', 'the agent is closed: create it again')
  }

  async function known(peer: PeerRef): Promise<Relationship> {
    open()
    const relationship = await relationshipOf(journal, peer)
    if (relationship?.state === 'active') return relationship
    if (relationship !== undefined)
      throw new DidcommError('ERR_PEER_ENDED', `the relationship with ${relationship.theirs.did} has ended`, { rule: 'ROT-18' })
    if (isDid(peer)) return connect(peer as Did, {})
    throw new DidcommError('ERR_USAGE_NO_RECIPIENT', `expected a DID, or the id of a relationship, found ${peer.slice(0, 80)}`)
  }

  /** Does something with a relationship, in turn with all else that happens to it; resolves when it is stored. */
  async function withPeer<T>(
    peer: PeerRef,
    change: (relationship: Relationship, work: ReturnType<typeof beginWork>) => Promise<T> | T,
  ): Promise<T> {
    const { id } = await known(peer)
    const { durable, result } = await core.exclusive(id, async () => {
      const unit = journal.begin()
      const current = (await unit.get('relationships', id)) as Relationship
      const work = beginWork(unit, current, current.theirs.did)
      const done = await change(current, work)
      await attachAcks(core, work)
      return { durable: finishWork(core, work), result: done }
    })
    await durable
    return result
  }

  async function connect(did: Did, { from, label, endpoints: reachedAt }: ConnectOptions): Promise<Relationship> {
    open()
    expects(isDid(did), 'a DID')
    return core.exclusive(`connect ${did}`, async () => {
      const again = await relationshipOf(journal, did)
      if (again?.state === 'active') return again
      if (from !== undefined && (await identityOf(journal, from)) === undefined)
        throw new DidcommError('ERR_USAGE_ARGUMENT', `expected \`from\` to be a DID of this agent, found ${from}`)
      const ours = from ?? (await makeDid(core, reachedAt))
      const unit = journal.begin()
      const relationship = begin(core, unit, {
        ours,
        theirs: did,
        via: from !== undefined,
        after: again,
        ...(label !== undefined && { label }),
      })
      if (from === undefined) keepIdentity(core, unit, { did: ours, relationship: relationship.id })
      await journal.commit(unit)
      return relationship
    })
  }

  return {
    receive: inbox.receive,
    invite: async (given = {}) => {
      open()
      return invite(core, given)
    },
    withdraw: (id) => withdraw(core, id),
    accept: async (invitation, given = {}) => {
      open()
      return accept(core, invitation, given, inbox.handle)
    },
    connect: (did, given = {}) => connect(did, given),
    async publish(did) {
      open()
      expects(did === undefined || isDid(did), 'a DID, or none')
      const made = did ?? (await makeDid(core))
      const unit = journal.begin()
      keepIdentity(core, unit, { did: made })
      await journal.commit(unit)
      return made
    },
    identities: () => identities(journal),
    send: (peer, message, { ack = false, expiresInSeconds, as } = {}) =>
      withPeer(peer, (relationship, work) => {
        expects(isObject(message), 'a message')
        const id = message.id ?? random.id()
        const now = nowSeconds(core)
        const pthid = message.thid === undefined ? invitationToName(relationship) : undefined
        const whole = checkPlaintext({
          ...(pthid !== undefined && { pthid }),
          ...message,
          id,
          created_time: now,
          ...(expiresInSeconds !== undefined && { expires_time: now + Math.ceil(expiresInSeconds) }),
          ...(ack && { please_ack: [''] }),
          body: message.body ?? {},
        })
        addOutgoing(core, work, whole, as === undefined ? {} : { as })
        return { id, thid: whole.thid ?? id, relationship: relationship.id }
      }),
    command: commandsOf(core, withPeer),
    contact: (peer) => relationshipOf(journal, peer),
    contacts: () => relationships(journal),
    label: (peer, label) => withPeer(peer, (relationship, work) => void update(work.unit, relationship, { label })),
    async rotate(peer) {
      const relationship = await known(peer)
      // ROT-22: only the last rotation is carried, so that a peer who missed one in between could not follow.
      if (relationship.ours.rotation !== undefined || relationship.theirs.pinned === undefined)
        throw new DidcommError('ERR_USAGE_OUT_OF_ORDER', 'expected a peer that has written to our DID: rotate once it has', {
          rule: 'ROT-22',
        })
      const rotated = await core.exclusive(`own ${relationship.id}`, () => rotateOurs(core, relationship))
      await withPeer(relationship.id, (_, work) =>
        addOutgoing(core, work, { id: random.id(), type: emptyType, created_time: nowSeconds(core), body: {} }),
      )
      return rotated.ours.did
    },
    async end(peer) {
      const before = await known(peer)
      const { ours, id } = before
      if (await isShared(core, before)) {
        await withPeer(id, (relationship, work) => void end(core, work.unit, relationship, 'us'))
        return
      }
      const jwt = await fromPrior({ prior: ours.did, issuedAtSeconds: nowSeconds(core) }, { keys: keys.keys, resolver })
      await withPeer(id, (relationship, work) => {
        const farewell = { id: random.id(), type: emptyType, from_prior: jwt, created_time: nowSeconds(core), body: {} }
        // ROT-18: it is anoncrypted, since the DID that would prove the sender is gone with it.
        addOutgoing(core, work, farewell, { farewell: true, as: 'anoncrypt' })
        end(core, work.unit, relationship, 'us')
      })
    },
    async stateOf(peer, protocol, role, thid = peerThread) {
      const relationship = await relationshipOf(journal, peer)
      const thread = await threadOfWork(
        beginWork(journal.begin(), relationship, undefined),
        instanceOf(protocol, role) === 'peer' ? peerThread : thid,
      )
      return Object.values(thread?.instances ?? {}).find(
        (instance) => instance.role === role.name && registry.protocol(instance.piuri)?.piuri === protocol.piuri,
      )?.state
    },
    events: (given) => events.iterate(given),
    on: (name, listener) => events.on(name, listener),
    where: (id) => whereIs(core, outbox(), id),
    quarantine: async () => (await journal.list({ table: 'quarantine', limit: 1000 })).map(({ key, value }) => ({ ...value, row: key })),
    replay: (row) => (late.background as ReturnType<typeof openBackground>).replay(row),
    async endpoints(peer) {
      const { theirs } = await known(peer)
      return endpointsOf(await documentOf(resolver, theirs.did))
    },
    async attach(peer, socket) {
      outbox().addSocket((await known(peer)).id, socket)
    },
    sockets: (relationship) => outbox().sockets(relationship),
    addRoute(route) {
      core.routes.add(route)
      return () => void core.routes.delete(route)
    },
    settled: () => journal.settled(),
    async close() {
      if (closing.signal.aborted) return
      for (const transport of transports) await transport.stop?.()
      await close()
    },
    closing: closing.signal,
    clock,
    random,
  }
}

type Timers = typeof globalThis & { setImmediate?: (run: () => void) => object; clearImmediate?: (handle: object) => void }

const afterFailureMilliseconds = 5_000
const longest = 2 ** 31 - 1

const systemClock: Clock = {
  epochMilliseconds: () => Date.now(),
  later(milliseconds, run) {
    const { setImmediate: soon, clearImmediate } = globalThis as Timers
    if (milliseconds <= 0 && soon !== undefined && clearImmediate !== undefined) {
      const handle = soon(run)
      return () => clearImmediate(handle)
    }
    const timer = setTimeout(run, Math.min(Math.max(0, milliseconds), longest))
    return () => clearTimeout(timer)
  },
}

const nothing = (): void => undefined
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
