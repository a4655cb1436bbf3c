/**
 * Brings messages to peers: in the order in which they were queued, by the endpoints and transports in the order that the peer prefers,
 * again and again until they arrive, expire, or cannot arrive. What is queued is on stable storage; each message ends in one state (REL-01).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#failover | v2.1, Failover}
 * @module
 */
import { type Endpoint, schemeOf } from '../did/service.ts'
import { canonicalDid } from '../did/subject.ts'
import { fromPrior } from '../envelope/from-prior.ts'
import { type Packed, pack } from '../envelope/pack.ts'
import type { Wrapping } from '../envelope/wrapping.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { idKey } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { type Core, nowSeconds } from './core.ts'
import { identityOf, keepIdentity, makeDid } from './identities.ts'
import type { Unit } from './journal.ts'
import type { Delivery, Parcel, Receive, Socket } from './ports.ts'
import { type Outgoing, type OutgoingState, outboxRow, type Relationship } from './records.ts'
import type { Numbering } from './work.ts'

export type Outbox = {
  /** There may be something to deliver. */
  kick(relationship: string): void
  /** Packs a message that was just stored for the answer of the connection it came over; undefined where it has to go the other way. */
  packReply(row: string): Promise<Parcel | undefined>
  /** A connection that lasts, over which a peer asked for its messages (RR-02). */
  addSocket(relationship: string, socket: Socket): void
  /** Tells of a message of ours by its id, queued or ended. */
  find(id: string): Promise<Outgoing | undefined>
  /** Takes a message that awaits its acknowledgment to its end. */
  acknowledged(unit: Unit, relationship: string, matches: (record: Outgoing) => boolean): Promise<readonly Outgoing[]>
  /** Sends messages once more that ended before: what answered a duplicate, or is missing in a sequence. */
  again(unit: Unit, relationship: string, ids: readonly string[], resent: boolean): Promise<void>
  readonly numbering: Numbering
  close(): Promise<void>
}

type Lane = {
  /** What is on its way, by row. */
  readonly busy: Set<string>
  /** What was read of the store and is not begun. */
  ready: { readonly key: string; readonly value: Outgoing }[]
  /** Up to which row the store was read. */
  cursor: string
  /** Rows that wait for their time, and which of them wait for an acknowledgment. */
  readonly deferred: Map<string, { readonly due: number; readonly state: OutgoingState }>
  /** No message of this relationship is tried before. */
  pausedUntil: number
  /** Failures in a row, of the way rather than of a message. */
  failures: number
  looking: boolean
  lookAgain: boolean
  callOff?: () => void
}

type Attempt =
  | { readonly done: 'handed-over'; readonly endpoint: string }
  | { readonly done: 'failed' | 'expired'; readonly error: DidcommError }
  | { readonly retry: true; readonly error: DidcommError; readonly afterSeconds?: number; readonly ofTheWay: boolean }

const pageSize = 64
// More that waits is left in the store until some of it went.
const maxDeferred = 10_000

export async function openOutbox(core: Core, receive: Receive): Promise<Outbox> {
  const { journal, clock, limits } = core
  let sequence = await lastNumber(core)
  const lanes = new Map<string, Lane>()
  const sockets = new Map<string, Set<Socket>>()
  const running = new Set<Promise<void>>()

  const laneOf = (relationship: string): Lane => {
    let lane = lanes.get(relationship)
    if (lane === undefined) {
      lane = {
        busy: new Set(),
        ready: [],
        cursor: `${relationship} `,
        deferred: new Map(),
        pausedUntil: 0,
        failures: 0,
        looking: false,
        lookAgain: false,
      }
      lanes.set(relationship, lane)
    }
    return lane
  }

  const kick = (relationship: string): void => {
    const lane = laneOf(relationship)
    if (core.closing.aborted) return
    if (lane.looking) lane.lookAgain = true
    else track(look(relationship, lane))
  }

  const track = (work: Promise<void>): void => {
    const tracked = work
      .catch((error: unknown) => core.logger.error('outbox failed', { error: String(error) }))
      .finally(() => running.delete(tracked))
    running.add(tracked)
  }

  /** Takes up what is due, and sees to it that the lane is looked at again when the next is. */
  async function look(relationship: string, lane: Lane): Promise<void> {
    lane.looking = true
    lane.callOff?.()
    try {
      do {
        lane.lookAgain = false
        await takeUp(relationship, lane)
      } while (lane.lookAgain && !core.closing.aborted)
    } finally {
      lane.looking = false
    }
    const now = clock.epochMilliseconds()
    let next = lane.deferred.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...[...lane.deferred.values()].map(({ due }) => due))
    if (lane.pausedUntil > now && (lane.ready.length > 0 || lane.deferred.size > 0 || lane.busy.size === 0))
      next = Math.max(Math.min(next, lane.pausedUntil), lane.pausedUntil)
    if (next !== Number.POSITIVE_INFINITY && lane.busy.size < limits.maxParallel)
      lane.callOff = clock.later(Math.max(0, next - now), () => kick(relationship))
  }

  async function takeUp(relationship: string, lane: Lane): Promise<void> {
    const now = clock.epochMilliseconds()
    if (lane.pausedUntil > now) return
    for (const [key, { due }] of lane.deferred) {
      if (lane.busy.size >= limits.maxParallel) return
      if (due > now || lane.busy.has(key)) continue
      lane.deferred.delete(key)
      const value = await journal.get('outbox', key)
      if (value !== undefined) begin(relationship, lane, key, value)
    }
    while (lane.busy.size < limits.maxParallel && lane.deferred.size < maxDeferred) {
      const [first] = lane.ready.splice(0, 1)
      if (first === undefined) {
        lane.ready = [...(await journal.list({ table: 'outbox', prefix: `${relationship} `, after: lane.cursor, limit: pageSize }))]
        const last = lane.ready.at(-1)
        if (last === undefined) return
        lane.cursor = last.key
        continue
      }
      const { key, value } = first
      if (lane.busy.has(key) || lane.deferred.has(key)) continue
      if ((value.notBefore ?? 0) > now) lane.deferred.set(key, { due: value.notBefore ?? 0, state: value.state })
      else begin(relationship, lane, key, value)
    }
  }

  function begin(relationship: string, lane: Lane, key: string, record: Outgoing): void {
    lane.busy.add(key)
    track(
      deliver(key, record, lane)
        .catch((error: unknown) => {
          // What became of it could not be stored: it is tried again, and told from the first by its id.
          lane.deferred.set(key, { due: clock.epochMilliseconds() + backoff(lane.failures + 1, 1), state: record.state })
          throw error
        })
        .finally(() => {
          lane.busy.delete(key)
          kick(relationship)
        }),
    )
  }

  async function deliver(key: string, record: Outgoing, lane: Lane): Promise<void> {
    const finish = core.trace('deliver', { type: record.message.type })
    const attempt = await attemptDelivery(record)
    finish('error' in attempt ? { error: attempt.error } : {})
    const relationship = record.relationship
    if (core.closing.aborted && 'retry' in attempt) return
    await core
      .exclusive(relationship, async () => {
        const unit = journal.begin()
        // It may have been acknowledged meanwhile.
        const current = await unit.get('outbox', key)
        if (current === undefined) return
        const now = clock.epochMilliseconds()
        if ('done' in attempt) {
          lane.failures = 0
          const asksAck = current.message.please_ack !== undefined && current.message.please_ack.length > 0
          if (attempt.done === 'handed-over' && asksAck && current.state !== 'acknowledged') {
            const attempts = current.attempts + 1
            unit.put('outbox', key, {
              ...current,
              state: 'awaiting-ack',
              attempts,
              at: now,
              endpoint: attempt.endpoint,
              notBefore: lane.deferred.get(key)?.due ?? now,
            })
          } else
            finishRecord(
              unit,
              key,
              current,
              attempt.done,
              'error' in attempt ? attempt.error : undefined,
              'endpoint' in attempt ? attempt.endpoint : undefined,
            )
        } else {
          const attempts = current.attempts + 1
          const wait = attempt.afterSeconds === undefined ? backoff(attempts, 1) : Math.min(attempt.afterSeconds, 86_400) * 1000
          if (attempt.ofTheWay) {
            lane.failures++
            lane.pausedUntil = now + backoff(lane.failures, 1)
          }
          const { code, message } = attempt.error
          lane.deferred.set(key, { due: now + wait, state: 'queued' })
          unit.put('outbox', key, { ...current, state: 'queued', attempts, lastError: { code, message }, notBefore: now + wait })
          core.logger.info('delivery failed', { code, attempts })
        }
        return { durable: journal.commit(unit) }
      })
      .then((committed) => committed?.durable)
  }

  const backoff = (attempts: number, firstSeconds: number): number => {
    const most = Math.min(limits.maxBackoffSeconds, firstSeconds * 2 ** Math.min(attempts, 30))
    return Math.ceil((most / 2 + (core.random.fraction() * most) / 2) * 1000)
  }

  function finishRecord(unit: Unit, key: string, record: Outgoing, state: OutgoingState, error?: DidcommError, endpoint?: string): void {
    const { notBefore: _, ...rest } = record
    const ended: Outgoing = {
      ...rest,
      state,
      at: clock.epochMilliseconds(),
      ...(error && { lastError: { code: error.code, message: error.message } }),
      ...(endpoint !== undefined && { endpoint }),
    }
    unit.put('outbox', key, undefined)
    unit.put('sent', idKey(record.id), ended)
    if (record.pureAck !== true || state === 'failed')
      core.events.add(unit, {
        name: state,
        relationship: record.relationship,
        messageId: record.id,
        thid: record.message.thid ?? record.id,
        detail: error === undefined ? {} : { code: error.code, message: error.message },
      })
  }

  async function attemptDelivery(record: Outgoing): Promise<Attempt> {
    const expires = record.message.expires_time ?? Math.floor(record.queuedAt / 1000) + limits.horizonSeconds
    if (nowSeconds(core) >= expires) {
      return {
        done: 'expired',
        error: new DidcommError('ERR_DELIVERY_TIMEOUT', 'the message expired before it could be delivered', { rule: 'HDR-18' }),
      }
    }
    try {
      const relationship = await prepared(record.relationship)
      if (relationship === undefined || relationship.state === 'ended')
        throw new DidcommError('ERR_PEER_ENDED', 'the relationship has ended')
      for (const socket of sockets.get(relationship.id) ?? []) {
        const packed = await packFor(relationship, record, () => true, false)
        try {
          await socket.send(packed)
          return { done: 'handed-over', endpoint: 'return-route' }
        } catch {
          sockets.get(relationship.id)?.delete(socket)
        }
      }
      return await tryEndpoints(relationship, record)
    } catch (error) {
      return judged(error)
    }
  }

  /** One endpoint after the other, in the order of the peer: each is packed for, since it may have other mediators before it (FLO-01). */
  async function tryEndpoints(relationship: Relationship, record: Outgoing): Promise<Attempt> {
    const failed = new Set<string>()
    let worst: Attempt | undefined
    for (;;) {
      const usable = (endpoint: Endpoint): boolean => !failed.has(endpoint.uri) && canReach(endpoint)
      const packed = await packFor(relationship, record, usable, true)
      const endpoint = packed.endpoints.find(usable)
      if (endpoint === undefined) {
        if (worst !== undefined) return worst
        throw new DidcommError(
          'ERR_DID_NO_ENDPOINT',
          `expected an endpoint of ${relationship.theirs.did} that a transport of ours reaches, found none`,
          { rule: 'SVC-13' },
        )
      }
      const attempt = await tryEndpoint(packed, endpoint, record)
      if ('done' in attempt && attempt.done === 'handed-over') return attempt
      // One way that may work later keeps the message alive.
      if (worst === undefined || 'retry' in attempt) worst = attempt
      failed.add(endpoint.uri)
    }
  }

  async function tryEndpoint({ envelope, mediaType }: Packed, endpoint: Endpoint, record: Outgoing): Promise<Attempt> {
    const transport = core.transports.find(({ schemes }) => schemes.includes(schemeOf(endpoint.uri) ?? ''))
    if (transport === undefined) return judged(new DidcommError('ERR_DID_NO_ENDPOINT', `no transport for ${endpoint.uri}`))
    const late = new AbortController()
    const callOff = clock.later(limits.deliverySeconds * 1000, () => late.abort())
    const stop = (): void => late.abort()
    core.closing.addEventListener('abort', stop)
    try {
      const options = { signal: late.signal, returnRoute: record.message.return_route !== undefined }
      const delivery = await transport.send({ envelope, mediaType }, endpoint, options)
      takeReplies(delivery, transport.name)
      return { done: 'handed-over', endpoint: endpoint.uri }
    } catch (error) {
      return judged(error)
    } finally {
      callOff()
      core.closing.removeEventListener('abort', stop)
    }
  }

  const takeReplies = ({ replies = [] }: Delivery, transport: string): void => {
    for (const reply of replies) track(receive(reply, { transport }).then(() => undefined))
  }

  const canReach = (endpoint: Endpoint): boolean => {
    const scheme = schemeOf(endpoint.uri) ?? ''
    return scheme === 'did' || core.transports.some(({ schemes }) => schemes.includes(scheme))
  }

  /** What a failure means for the message (REL-07): what is not known may pass. */
  function judged(error: unknown): Attempt {
    if (!isDidcommError(error))
      return { retry: true, ofTheWay: false, error: new DidcommError('ERR_INTERNAL', String(error), { cause: error }) }
    // Without an endpoint of theirs, a message waits for a connection of theirs.
    if (error.code === 'ERR_DID_NO_ENDPOINT') return { retry: true, error, ofTheWay: false, afterSeconds: limits.maxBackoffSeconds }
    if (error.family === 'delivery' && (error.retryable || error.code === 'ERR_DELIVERY_REFUSED')) {
      return {
        retry: true,
        error,
        ofTheWay: error.retryable,
        ...(error.retryAfterSeconds !== undefined && { afterSeconds: error.retryAfterSeconds }),
      }
    }
    return error.retryable || error.family === 'store' ? { retry: true, error, ofTheWay: false } : { done: 'failed', error }
  }

  /** The message as it goes out now: from the DID that we have now, to the one that they have now, with a rotation that is not answered. */
  async function packFor(
    { ours, theirs }: Relationship,
    { message, as, attempts }: Outgoing,
    useEndpoint: (endpoint: Endpoint) => boolean,
    forward: boolean,
  ): Promise<Packed> {
    const plain: Plaintext = {
      ...message,
      from: ours.did,
      to: [theirs.did],
      ...(ours.rotation && { from_prior: ours.rotation.jwt }),
      ...(message.sender_order !== undefined && attempts > 0 && { sent_count: attempts + 1 }),
    }
    const options = { keys: core.keys.keys, resolver: core.resolver, forward, useEndpoint, ...(as !== undefined && { as: as as Wrapping }) }
    const [packed] = await pack(plain, options)
    return packed as Packed
  }

  /** The relationship, with a DID of our own for it where it wants one: made when it is first needed, since a mediator may have to be asked. */
  async function prepared(id: string): Promise<Relationship | undefined> {
    const relationship = await journal.get('relationships', id)
    if (relationship?.ours.wantsOwn !== true) return relationship
    return core.exclusive(`own ${id}`, async () => {
      const again = await journal.get('relationships', id)
      return again?.ours.wantsOwn === true ? rotateOurs(core, again) : again
    })
  }

  for (const relationship of await lanesStored(core)) kick(relationship)

  return {
    kick,
    numbering: {
      next: () => ++sequence,
    },
    async packReply(key) {
      const record = await journal.get('outbox', key)
      if (record === undefined) return undefined
      const lane = laneOf(record.relationship)
      if (lane.busy.has(key)) return undefined
      lane.busy.add(key)
      try {
        const relationship = await prepared(record.relationship)
        if (relationship === undefined || relationship.state === 'ended') return undefined
        const { envelope, mediaType } = await packFor(relationship, record, () => true, false)
        const unit = journal.begin()
        finishRecord(unit, key, record, 'handed-over', undefined, 'return-route')
        await journal.commit(unit)
        lane.deferred.delete(key)
        return { envelope, mediaType }
      } catch (error) {
        core.logger.warn('reply failed', { error: String(error) })
        lane.deferred.set(key, { due: 0, state: 'queued' })
        return undefined
      } finally {
        lane.busy.delete(key)
        kick(record.relationship)
      }
    },
    addSocket(relationship, socket) {
      const set = sockets.get(relationship) ?? new Set()
      sockets.set(relationship, set)
      if (set.has(socket)) return
      set.add(socket)
      socket.onClose(() => {
        set.delete(socket)
        if (set.size === 0 && sockets.get(relationship) === set) sockets.delete(relationship)
      })
      // What waited for a connection need not wait any more.
      const lane = laneOf(relationship)
      lane.pausedUntil = 0
      for (const [key, { state }] of lane.deferred) if (state === 'queued') lane.deferred.set(key, { due: 0, state })
      kick(relationship)
    },
    async find(id) {
      const ended = await journal.get('sent', idKey(id))
      if (ended !== undefined) return ended
      for (let after = ''; ; ) {
        const page = await journal.list({ table: 'outbox', limit: 500, ...(after !== '' && { after }) })
        const queued = page.find(({ value }) => idKey(value.id) === idKey(id))
        if (queued !== undefined || page.length < 500) return queued?.value
        after = page.at(-1)?.key ?? ''
      }
    },
    async acknowledged(unit, relationship, matches) {
      const lane = lanes.get(relationship)
      if (lane === undefined) return []
      const waiting = [...lane.deferred].filter(([, { state }]) => state === 'awaiting-ack').map(([key]) => key)
      const matched: Outgoing[] = []
      for (const key of [...waiting, ...lane.busy]) {
        const record = await unit.get('outbox', key)
        if (record === undefined || !matches(record)) continue
        finishRecord(unit, key, record, 'acknowledged')
        unit.after(() => lane.deferred.delete(key))
        matched.push(record)
      }
      return matched
    },
    async again(unit, relationship, ids, resent) {
      for (const id of ids) {
        const record = await unit.get('sent', idKey(id))
        if (record === undefined || record.relationship !== relationship || record.state === 'expired') continue
        unit.put('sent', idKey(id), undefined)
        unit.before(() =>
          unit.put('outbox', outboxRow(relationship, ++sequence), {
            ...record,
            state: 'queued',
            attempts: resent ? record.attempts + 1 : record.attempts,
          }),
        )
      }
      unit.after(() => kick(relationship))
    },
    async close() {
      for (const lane of lanes.values()) lane.callOff?.()
      await Promise.allSettled(running)
    },
  }
}

/** Makes a DID of our own for a relationship that began by another one, and the proof that it is its successor (ROT-01). */
export async function rotateOurs(core: Core, relationship: Relationship): Promise<Relationship> {
  const { ours } = relationship
  const did = await makeDid(core)
  const jwt = await fromPrior(
    { prior: ours.did, next: did, issuedAtSeconds: nowSeconds(core) },
    { keys: core.keys.keys, resolver: core.resolver },
  )
  const { durable, rotated } = await core.exclusive(relationship.id, async () => {
    const unit = core.journal.begin()
    const current = (await unit.get('relationships', relationship.id)) ?? relationship
    const { wantsOwn: _, ...kept } = current.ours
    const next: Relationship = {
      ...current,
      ours: { ...kept, did, retired: [...kept.retired, kept.did].slice(-16), rotation: { jwt, prior: kept.did } },
    }
    keepIdentity(core, unit, { did, relationship: relationship.id })
    const prior = await identityOf(unit, kept.did)
    // A DID that others write to stays in use.
    if (prior?.relationship !== undefined)
      unit.put('identities', canonicalDid(prior.did), { ...prior, retiredAt: core.clock.epochMilliseconds() })
    unit.put('relationships', relationship.id, next)
    core.events.add(unit, { name: 'rotated', relationship: relationship.id, peer: current.theirs.did, detail: { did, by: 'us' } })
    return { durable: core.journal.commit(unit), rotated: next }
  })
  await durable
  return rotated
}

/** The highest number that was given out, in what is queued. */
async function lastNumber({ journal }: Core): Promise<number> {
  let highest = 0
  for (const relationship of await lanesStored({ journal })) {
    const [row] = await journal.list({ table: 'outbox', prefix: `${relationship} `, limit: 1, reverse: true })
    highest = Math.max(highest, Number(row?.key.slice(relationship.length + 1) ?? 0))
  }
  return highest
}

/** The relationships for which something is queued: one step of the list for each. */
async function lanesStored({ journal }: Pick<Core, 'journal'>): Promise<readonly string[]> {
  const found: string[] = []
  for (let after = ''; ; ) {
    const [row] = await journal.list({ table: 'outbox', limit: 1, ...(after !== '' && { after }) })
    if (row === undefined) return found
    found.push(row.value.relationship)
    // '~' sorts after every number.
    after = `${row.value.relationship} ~`
  }
}
