/**
 * Brings messages to peers: in the order in which they were queued, by the endpoints and transports in the order that the peer prefers,
 * again and again until they arrive, expire, or cannot arrive. What is queued is on stable storage; each message ends in one state (REL-01).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#failover | v2.1, Failover}
 * @module
 */
import type { DidcommError } from '../errors.ts'
import { idKey } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import type { ReturnRoute } from '../message/return-route.ts'
import { threadOf } from '../message/thread.ts'
import { asksAck } from './acks.ts'
import type { Core } from './core.ts'
import { type Attempt, createCourier } from './delivery.ts'
import type { Unit } from './journal.ts'
import { deferredUntil, type Lane, lanesStored, lastNumber, newLane } from './lane.ts'
import { lineOf } from './lines.ts'
import type { Parcel, Receive, Socket } from './ports.ts'
import { type Outgoing, type OutgoingState, outboxRow } from './records.ts'
import type { Reply } from './work.ts'

export type Outbox = {
  /** There may be something to deliver. */
  kick(relationship: string): void
  /** These messages were just stored: by row, in order. */
  queued(relationship: string, rows: readonly { readonly key: string; readonly value: Outgoing }[]): void
  /** Looks for all that is to be delivered. */
  resume(): void
  /** Packs a message that was just stored for the answer of the connection it came over; undefined where it has to go the other way. */
  packReply(row: string): Promise<Parcel | undefined>
  /** A connection that lasts, over which a peer asked for its messages (RR-02). */
  addSocket(relationship: string, socket: Socket, route?: ReturnRoute): void
  /** The connections that last over which messages of a relationship go. */
  sockets(relationship: string): readonly Socket[]
  /** Tells of a message of ours by its id, queued or ended. */
  find(id: string): Promise<Outgoing | undefined>
  /** Takes messages to their end whose acknowledgment came: by their ids, or by an answer in their thread where they asked for one. */
  acknowledged(unit: Unit, relationship: string, about: { readonly ids: readonly string[]; readonly thread?: string }): Promise<void>
  /** Sends messages once more that ended before: what answered a duplicate, or is missing in a sequence. */
  again(unit: Unit, relationship: string, ids: readonly string[], resent: boolean, reply?: Reply): Promise<readonly Plaintext[]>
  /** The row of what waits longest for a connection of the peer's own (RR-02). */
  oldestQueued(relationship: string, takes: Reply['takes']): Promise<string | undefined>
  nextNumber(): number
  close(): Promise<void>
}

const pageSize = 64
// Of what was handed over; more stays in the store until it is its turn.
const maxReady = 256
const maxRetryAfterSeconds = 86_400
// A store that could not be read may be back by then.
const storeBackMilliseconds = 5_000
// More that waits is left in the store until some of it went.
const maxDeferred = 10_000
// So many of those wait for others of their thread.
const maxBehind = 512

export async function openOutbox(core: Core, receive: Receive): Promise<Outbox> {
  const { journal, clock, limits } = core
  let sequence = await lastNumber(core)
  const lanes = new Map<string, Lane>()
  const running = new Set<Promise<void>>()

  const laneOf = (relationship: string): Lane => {
    let lane = lanes.get(relationship)
    if (lane === undefined) {
      lane = newLane(relationship)
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

  function queued(relationship: string, rows: readonly { readonly key: string; readonly value: Outgoing }[]): void {
    const lane = laneOf(relationship)
    if (lane.caughtUp && lane.ready.length < maxReady) {
      lane.ready.push(...rows)
      lane.cursor = rows.at(-1)?.key ?? lane.cursor
    } else {
      lane.caughtUp = false
      lane.missed++
    }
    kick(relationship)
  }

  const track = (work: Promise<void>): void => {
    const tracked = work
      .catch((error: unknown) => core.logger.error('outbox failed', { error: String(error) }))
      .finally(() => running.delete(tracked))
    running.add(tracked)
  }

  const courier = createCourier(core, (reply, transport) => receive(reply, { transport }))

  /** Takes up what is due, and sees to it that the lane is looked at again when the next is. */
  async function look(relationship: string, lane: Lane): Promise<void> {
    lane.looking = true
    lane.callOff?.()
    try {
      do {
        lane.lookAgain = false
        await takeUp(relationship, lane)
      } while (lane.lookAgain && !core.closing.aborted)
    } catch (error) {
      lane.callOff = clock.later(storeBackMilliseconds, () => kick(relationship))
      throw error
    } finally {
      lane.looking = false
    }
    const now = clock.epochMilliseconds()
    // What waits for another message is looked at when that one is gone.
    let next = Number.POSITIVE_INFINITY
    for (const [key, { due, line }] of lane.deferred) if (due < next && !lane.busy.has(key) && lane.lines.isFirst(line, key)) next = due
    if (lane.pausedUntil > now && (lane.ready.length > 0 || lane.deferred.size > 0 || lane.busy.size === 0)) next = lane.pausedUntil
    if (next !== Number.POSITIVE_INFINITY && lane.busy.size < limits.maxParallel)
      lane.callOff = clock.later(Math.max(0, next - now), () => kick(relationship))
  }

  async function takeUp(relationship: string, lane: Lane): Promise<void> {
    const now = clock.epochMilliseconds()
    if (lane.pausedUntil > now) return
    await takeDue(relationship, lane, (state) => state !== 'awaiting-ack')
    while (lane.busy.size < limits.maxParallel && lane.deferred.size < maxDeferred && lane.lines.behind() < maxBehind) {
      const [first] = lane.ready.splice(0, 1)
      if (first === undefined) {
        if (lane.caughtUp) break
        const { missed } = lane
        const range = { table: 'outbox', prefix: `${relationship} `, after: lane.cursor, limit: pageSize, lasting: true } as const
        lane.ready = [...(await journal.list(range))]
        lane.cursor = lane.ready.at(-1)?.key ?? lane.cursor
        lane.caughtUp = lane.ready.length < pageSize && lane.missed === missed
        if (lane.ready.length === 0) break
        continue
      }
      const { key, value } = first
      if (lane.busy.has(key) || lane.deferred.has(key)) continue
      const line = lineOf(value)
      lane.lines.enter(line, key)
      const due = value.notBefore ?? 0
      if (due > now || !lane.lines.isFirst(line, key)) lane.deferred.set(key, deferredUntil(due, value))
      else begin(relationship, lane, key, value)
    }
    // What was handed over once comes after what never was.
    await takeDue(relationship, lane, (state) => state === 'awaiting-ack')
  }

  /** Begins again what waited for its time. */
  async function takeDue(relationship: string, lane: Lane, isIts: (state: OutgoingState) => boolean): Promise<void> {
    const now = clock.epochMilliseconds()
    for (const [key, { due, line, state }] of lane.deferred) {
      if (lane.busy.size >= limits.maxParallel) return
      if (due > now || !isIts(state) || lane.busy.has(key) || !lane.lines.isFirst(line, key)) continue
      lane.deferred.delete(key)
      const value = await journal.get('outbox', key)
      if (value !== undefined) begin(relationship, lane, key, value)
      else {
        lane.lines.leave(line, key)
        lane.lookAgain = true
      }
    }
  }

  function begin(relationship: string, lane: Lane, key: string, record: Outgoing): void {
    lane.busy.add(key)
    track(
      deliver(key, record, lane)
        .catch((error: unknown) => {
          // What became of it could not be stored: it is tried again, and told from the first by its id.
          const due = clock.epochMilliseconds() + backoff(lane.failures + 1, 1)
          lane.deferred.set(key, deferredUntil(due, record))
          throw error
        })
        .finally(() => {
          lane.busy.delete(key)
          if (lane.deferred.get(key)?.line === undefined) lane.lines.leave(lineOf(record), key)
          kick(relationship)
        }),
    )
  }

  async function deliver(key: string, record: Outgoing, lane: Lane): Promise<void> {
    const finish = core.trace('deliver', { type: record.message.type })
    const attempt = await courier.attempt(record)
    finish('error' in attempt ? { error: attempt.error } : {})
    // Whatever was cut off by our own closing is no failure.
    if (core.closing.aborted && 'retry' in attempt) return
    const { durable } = await core.exclusive(record.relationship, async () => {
      const unit = journal.begin()
      // It may have been acknowledged meanwhile.
      const current = await unit.get('outbox', key)
      if (current !== undefined) conclude(unit, key, current, lane, attempt)
      return { durable: journal.commit(unit) }
    })
    await durable
  }

  /** What a try means for the message: its end, or when it is tried again. */
  function conclude(unit: Unit, key: string, record: Outgoing, lane: Lane, attempt: Attempt): void {
    const now = clock.epochMilliseconds()
    const attempts = record.attempts + 1
    const again = (state: OutgoingState, waitMilliseconds: number, more: Partial<Outgoing>): void => {
      const due = now + waitMilliseconds
      const next = { ...record, ...more, state, attempts, notBefore: due }
      lane.deferred.set(key, { ...deferredUntil(due, next), tried: true })
      unit.put('outbox', key, next)
    }
    if ('done' in attempt) {
      lane.failures = 0
      if (attempt.done === 'expired' && record.state === 'awaiting-ack') finishRecord(unit, key, record, 'handed-over')
      else if (attempt.done !== 'handed-over') finishRecord(unit, key, record, attempt.done, attempt)
      else if (asksAck(record)) again('awaiting-ack', backoff(attempts, limits.ackTimeoutSeconds), { at: now, endpoint: attempt.endpoint })
      else finishRecord(unit, key, record, 'handed-over', attempt)
      return
    }
    const { error, ofTheWay, afterSeconds } = attempt
    const { code, message } = error
    core.logger.info('delivery failed', { code, attempts })
    if (code === 'ERR_DELIVERY_REFUSED' && attempts >= limits.maxAttempts) {
      finishRecord(unit, key, record, 'failed', attempt)
      return
    }
    const wait = afterSeconds === undefined ? backoff(attempts, 1) : Math.min(afterSeconds, maxRetryAfterSeconds) * 1000
    // Who says when to come again says it for all that there is.
    // What fails together is one failure.
    if (ofTheWay && (afterSeconds !== undefined || lane.pausedUntil <= now)) {
      lane.failures++
      lane.pausedUntil = now + (afterSeconds === undefined ? backoff(lane.failures, 1) : wait)
    }
    again(record.state, wait, { lastError: { code, message } })
  }

  const backoff = (attempts: number, firstSeconds: number): number => {
    const most = Math.min(limits.maxBackoffSeconds, firstSeconds * 2 ** Math.min(attempts, 30))
    return Math.ceil((most / 2 + (core.random.fraction() * most) / 2) * 1000)
  }

  /** Takes a message to the state it ends in, and tells the application (REL-01). */
  function finishRecord(
    unit: Unit,
    key: string,
    record: Outgoing,
    state: OutgoingState,
    { error, endpoint }: { readonly error?: DidcommError; readonly endpoint?: string } = {},
  ): void {
    const { notBefore: _, ...rest } = record
    unit.put('outbox', key, undefined)
    unit.put('sent', idKey(record.id), {
      ...rest,
      state,
      at: clock.epochMilliseconds(),
      ...(error && { lastError: { code: error.code, message: error.message } }),
      ...(endpoint !== undefined && { endpoint }),
    })
    if (record.pureAck === true && state !== 'failed') return
    core.events.add(unit, {
      name: state,
      relationship: record.relationship,
      messageId: record.id,
      thid: threadOf(record.message),
      detail: error === undefined ? {} : { code: error.code, message: error.message },
    })
  }

  const resume = async (): Promise<void> => {
    for (const [relationship, lane] of lanes) {
      lane.caughtUp = false
      lane.missed++
      lane.ready = []
      lane.cursor = `${relationship} `
    }
    for (const relationship of await lanesStored(core)) kick(relationship)
  }
  const resumeNow = (): void =>
    track(
      resume().catch((error: unknown) => {
        clock.later(storeBackMilliseconds, resumeNow)
        throw error
      }),
    )
  await resume()

  return {
    kick,
    queued,
    resume: resumeNow,
    nextNumber: () => ++sequence,
    async packReply(key) {
      const record = await journal.get('outbox', key)
      if (record === undefined) return undefined
      const lane = laneOf(record.relationship)
      if (lane.busy.has(key)) return undefined
      lane.busy.add(key)
      try {
        const packed = await courier.packDirect(record)
        if (packed === undefined) return undefined
        const { envelope, mediaType } = packed
        const unit = journal.begin()
        lane.deferred.delete(key)
        conclude(unit, key, record, lane, { done: 'handed-over', endpoint: 'return-route' })
        await journal.commit(unit)
        return { envelope, mediaType }
      } catch (error) {
        core.logger.warn('reply failed', { error: String(error) })
        lane.deferred.set(key, { ...deferredUntil(0, record), state: 'queued' })
        return undefined
      } finally {
        lane.busy.delete(key)
        if (!lane.deferred.has(key)) lane.lines.leave(lineOf(record), key)
        kick(record.relationship)
      }
    },
    addSocket(relationship, socket, route) {
      courier.addSocket(relationship, socket, route)
      // What waited for a connection need not wait any more.
      const lane = laneOf(relationship)
      lane.pausedUntil = 0
      for (const [key, { state, ...rest }] of lane.deferred) if (state === 'queued') lane.deferred.set(key, { ...rest, due: 0, state })
      kick(relationship)
    },
    sockets: courier.sockets,
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
    async acknowledged(unit, relationship, { ids, thread }) {
      const lane = lanes.get(relationship)
      if (lane === undefined) return
      const [named, answered] = [new Set(ids.map(idKey)), thread === undefined ? undefined : idKey(thread)]
      // What was tried in vain may have arrived all the same.
      const waiting = [...lane.deferred].filter(
        ([, { state, tried, ...one }]) => (state === 'awaiting-ack' || tried === true) && (named.has(one.id) || one.thread === answered),
      )
      for (const key of [...waiting.map(([row]) => row), ...lane.busy]) {
        const record = await unit.get('outbox', key)
        if (record === undefined) continue
        const isAnswered = answered === idKey(threadOf(record.message)) && asksAck(record)
        if (!isAnswered && !named.has(idKey(record.id))) continue
        finishRecord(unit, key, record, 'acknowledged')
        unit.after(() => {
          lane.lines.leave(lane.deferred.get(key)?.line, key)
          lane.deferred.delete(key)
          kick(relationship)
        })
      }
    },
    async again(unit, relationship, ids, resent, reply) {
      const rows: { key: string; value: Outgoing }[] = []
      let isHeld = false
      for (const id of ids) {
        const record = await unit.get('sent', idKey(id))
        if (record === undefined || record.relationship !== relationship || record.state === 'expired') continue
        unit.put('sent', idKey(id), undefined)
        const held: boolean = reply?.takes(record.message) === true && !isHeld
        isHeld ||= held
        const row = {
          key: '',
          value: {
            ...record,
            state: 'queued' as const,
            attempts: resent ? record.attempts + 1 : record.attempts,
            ...(held && { notBefore: clock.epochMilliseconds() + limits.deliverySeconds * 1000 }),
          },
        }
        rows.push(row)
        unit.before(() => {
          row.key = outboxRow(relationship, ++sequence)
          if (held) reply?.keep(row.key)
          unit.put('outbox', row.key, row.value)
        })
      }
      if (rows.length > 0) unit.after(() => queued(relationship, rows))
      return rows.map(({ value }) => value.message)
    },
    async oldestQueued(relationship, takes) {
      const waiting = await journal.list({ table: 'outbox', prefix: `${relationship} `, limit: pageSize, lasting: true })
      // Whether an answer arrives, nobody tells: what can go another way, goes that way.
      const mayGo = ({ state, message, lastError }: Outgoing): boolean =>
        state === 'queued' && lastError?.code === 'ERR_DID_NO_ENDPOINT' && takes(message)
      return waiting.find(({ key, value }) => mayGo(value) && lanes.get(relationship)?.busy.has(key) !== true)?.key
    },
    async close() {
      for (const lane of lanes.values()) lane.callOff?.()
      await Promise.allSettled(running)
    },
  }
}
