/**
 * One try to deliver a message: over a connection of the peer, or to one of its endpoints after the other. What a failure means is judged
 * here; when it is tried again is not.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#failover | v2.1, Failover}
 * @module
 */
import { type Endpoint, schemeOf } from '../did/service.ts'
import { type Packed, pack } from '../envelope/pack.ts'
import type { Wrapping } from '../envelope/wrapping.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { idKey } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import type { ReturnRoute } from '../message/return-route.ts'
import { threadOf } from '../message/thread.ts'
import { asksAck } from './acks.ts'
import { type Core, nowSeconds } from './core.ts'
import type { Receipt, Socket } from './ports.ts'
import type { Outgoing, Relationship } from './records.ts'
import { rotateOurs } from './rotation.ts'

/** How a try ended. */
export type Attempt =
  | { readonly done: 'handed-over'; readonly endpoint: string }
  | { readonly done: 'failed' | 'expired'; readonly error: DidcommError }
  /** `ofTheWay`: the failure is of the way to the peer, rather than of this message. */
  | { readonly retry: true; readonly error: DidcommError; readonly afterSeconds?: number; readonly ofTheWay: boolean }

export type Courier = {
  attempt(record: Outgoing): Promise<Attempt>
  /** Packs a message for a connection of the peer's own: without mediators. Undefined where the relationship has ended. */
  packDirect(record: Outgoing): Promise<Packed | undefined>
  /** A connection that lasts, over which a peer asked for its messages (RR-02). */
  addSocket(relationship: string, socket: Socket, route?: ReturnRoute): void
  readonly sockets: (relationship: string) => readonly Socket[]
}

/** @param takeReply - takes what came back over a connection (RR-03) */
export function createCourier(core: Core, takeReply: (reply: string | Uint8Array, transport: string) => Promise<Receipt>): Courier {
  const { clock, limits, journal } = core
  // Of each connection, the threads for which it is: of all where there is no set.
  const sockets = new Map<string, Map<Socket, Set<string> | undefined>>()

  const any = (): boolean => true
  const schemeIn = ({ uri }: Endpoint): string => schemeOf(uri) ?? ''
  const transportFor = (endpoint: Endpoint) => core.transports.find(({ schemes }) => schemes.includes(schemeIn(endpoint)))
  const canReach = (endpoint: Endpoint): boolean => schemeIn(endpoint) === 'did' || transportFor(endpoint) !== undefined

  // What is under way is given up when the agent closes.
  const underWay = new Set<AbortController>()
  core.closing.addEventListener('abort', () => {
    for (const sending of underWay) sending.abort()
  })

  async function attempt(record: Outgoing): Promise<Attempt> {
    const now = nowSeconds(core)
    if (now >= (record.message.expires_time ?? Number.POSITIVE_INFINITY)) return expired()
    const tried = await attemptNow(record)
    // A07: after a sleep, or where the clock was put on, there is one more try before all that waits expires.
    const isOver = record.message.expires_time === undefined && now >= Math.floor(record.queuedAt / 1000) + limits.horizonSeconds
    return 'retry' in tried && isOver ? expired() : tried
  }

  async function attemptNow(record: Outgoing): Promise<Attempt> {
    try {
      const relationship = await prepared(record.relationship)
      if (relationship === undefined || (relationship.state === 'ended' && record.farewell !== true))
        throw new DidcommError('ERR_PEER_ENDED', 'the relationship has ended')
      for (const [socket, threads] of sockets.get(relationship.id) ?? []) {
        // RR-02: a connection for one thread carries nothing of another.
        if (threads?.has(idKey(threadOf(record.message))) === false) continue
        const packed = await packFor(relationship, record, any, false)
        try {
          await inTime(socket.send(packed))
          return { done: 'handed-over', endpoint: 'return-route' }
        } catch {
          sockets.get(relationship.id)?.delete(socket)
        }
      }
      const tried = await tryEndpoints(relationship, record)
      // ROT-16: a peer that heard of our new DID meanwhile has refused what came from the old one, and may not say so (HTTP-07). It goes
      // once more, and is told from the first by its id.
      const isOvertaken = record.farewell !== true && 'done' in tried && (await oursOf(relationship.id)) !== relationship.ours.did
      return isOvertaken ? attempt(record) : tried
    } catch (error) {
      return judged(error)
    }
  }

  /** CSC-02: a connection may be dead without knowing it. */
  function inTime(sending: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const callOff = clock.later(limits.deliverySeconds * 1000, () =>
        reject(new DidcommError('ERR_DELIVERY_TIMEOUT', 'the connection hangs')),
      )
      sending.then(resolve, reject).finally(callOff)
    })
  }

  const oursOf = async (id: string): Promise<string | undefined> => (await journal.get('relationships', id))?.ours.did

  /** One endpoint after the other, in the order of the peer: each is packed for, since it may have other mediators before it (FLO-01). */
  async function tryEndpoints(relationship: Relationship, record: Outgoing): Promise<Attempt> {
    const failed = new Set<string>()
    let worst: Attempt | undefined
    // What asks for no acknowledgment and may soon arrive for certain is not given to a way on which it can be lost.
    let waits = false
    for (;;) {
      const usable = (endpoint: Endpoint): boolean =>
        !failed.has(endpoint.uri) && canReach(endpoint) && !(waits && transportFor(endpoint)?.confirms === false)
      let packed: Packed
      try {
        packed = await packFor(relationship, record, usable, true)
      } catch (error) {
        if (worst !== undefined && 'retry' in worst) return worst
        throw error
      }
      const endpoint = packed.endpoints.find(usable)
      if (endpoint === undefined) {
        const whose = `expected an endpoint of ${relationship.theirs.did} that a transport of ours reaches, found none`
        return worst ?? judged(new DidcommError('ERR_DID_NO_ENDPOINT', whose, { rule: 'SVC-13' }))
      }
      const tried = await tryEndpoint(packed, endpoint, record)
      if ('done' in tried && tried.done === 'handed-over') return tried
      // One way that may work later keeps the message alive.
      if (worst === undefined || 'retry' in tried) worst = tried
      waits ||= 'retry' in tried && !asksAck(record) && transportFor(endpoint)?.confirms !== false
      failed.add(endpoint.uri)
    }
  }

  async function tryEndpoint(packed: Packed, endpoint: Endpoint, { message }: Outgoing): Promise<Attempt> {
    const transport = transportFor(endpoint)
    if (transport === undefined) return judged(new DidcommError('ERR_DID_NO_ENDPOINT', `no transport for ${endpoint.uri}`))
    const sending = new AbortController()
    underWay.add(sending)
    const callOff = clock.later(limits.deliverySeconds * 1000, () => sending.abort())
    try {
      const parcel = { envelope: packed.envelope, mediaType: packed.mediaType }
      const { replies } = await transport.send(parcel, endpoint, {
        signal: sending.signal,
        returnRoute: message.return_route !== undefined,
      })
      // The peer takes what it answered for handed over. What we could not keep of it comes again when we ask again.
      const receipts = await Promise.all((replies ?? []).map((reply) => takeReply(reply, transport.name)))
      if (receipts.some(({ taken }) => !taken)) throw new DidcommError('ERR_STORE_FAILED', 'what the peer answered could not be kept')
      return { done: 'handed-over', endpoint: endpoint.uri }
    } catch (error) {
      return judged(error)
    } finally {
      callOff()
      underWay.delete(sending)
    }
  }

  /** What a failure means for the message (REL-07): what is not known may pass. */
  function judged(error: unknown): Attempt {
    if (!isDidcommError(error))
      return { retry: true, ofTheWay: false, error: new DidcommError('ERR_INTERNAL', String(error), { cause: error }) }
    const { code, family, retryable, retryAfterSeconds } = error
    // Without an endpoint of theirs, a message waits for a connection of theirs.
    if (code === 'ERR_DID_NO_ENDPOINT') return { retry: true, error, ofTheWay: false, afterSeconds: limits.maxBackoffSeconds }
    // 10.1: who refuses may have moved, which its DID document tells: it is asked again a few times.
    const mayPass = retryable || family === 'store' || code === 'ERR_DELIVERY_REFUSED'
    if (!mayPass) return { done: 'failed', error }
    return {
      retry: true,
      error,
      ofTheWay: family === 'delivery' && retryable,
      ...(retryAfterSeconds !== undefined && { afterSeconds: retryAfterSeconds }),
    }
  }

  /** The message as it goes out now: from the DID that we have now, to the one that they have now, with a rotation that is not answered. */
  async function packFor(
    { ours, theirs }: Relationship,
    { message, as, attempts, farewell }: Outgoing,
    useEndpoint: (endpoint: Endpoint) => boolean,
    forward: boolean,
  ): Promise<Packed> {
    const plain: Plaintext = {
      ...message,
      ...(farewell !== true && { from: ours.did }),
      to: [theirs.did],
      ...(ours.rotation && farewell !== true && { from_prior: ours.rotation.jwt }),
      ...(message.sender_order !== undefined && attempts > 0 && { sent_count: attempts + 1 }),
    }
    const options = { keys: core.keys.keys, resolver: core.resolver, forward, useEndpoint, ...(as !== undefined && { as: as as Wrapping }) }
    const [packed] = await pack(plain, options)
    return packed as Packed
  }

  /** The relationship, with a DID of our own for it where it wants one: made when it is first needed, since a mediator may have to be asked. */
  async function prepared(id: string): Promise<Relationship | undefined> {
    // A DID of ours that is not stored is told to nobody: a crash could make us forget that it is ours.
    const relationship = await journal.lasting('relationships', id)
    if (relationship?.ours.wantsOwn !== true || relationship.state === 'ended') return relationship
    return core.exclusive(`own ${id}`, async () => {
      const again = await journal.lasting('relationships', id)
      return again?.ours.wantsOwn === true ? rotateOurs(core, again) : again
    })
  }

  return {
    attempt,
    async packDirect(record) {
      const relationship = await prepared(record.relationship)
      return relationship === undefined || relationship.state === 'ended' ? undefined : packFor(relationship, record, any, false)
    },
    addSocket(relationship, socket, route = { route: 'all' }) {
      const open = sockets.get(relationship) ?? new Map<Socket, Set<string> | undefined>()
      sockets.set(relationship, open)
      const isNew = !open.has(socket)
      if (route.route !== 'thread') open.set(socket, undefined)
      else if (isNew) open.set(socket, new Set([idKey(route.thid)]))
      else open.get(socket)?.add(idKey(route.thid))
      if (!isNew) return
      core.events.tell({ name: 'attached', relationship, detail: {} })
      socket.onClose(() => {
        open.delete(socket)
        if (open.size === 0 && sockets.get(relationship) === open) sockets.delete(relationship)
        core.events.tell({ name: 'detached', relationship, detail: {} })
      })
    },
    sockets: (relationship) => [...(sockets.get(relationship)?.keys() ?? [])],
  }
}

function expired(): Attempt {
  const why = 'the message expired before it could be delivered'
  return { done: 'expired', error: new DidcommError('ERR_DELIVERY_TIMEOUT', why, { rule: 'HDR-18' }) }
}
