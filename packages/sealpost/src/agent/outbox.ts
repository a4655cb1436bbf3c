/**
 * Brings messages to peers: in the order in which they were queued, by the endpoints and transports in the order that the peer prefers,
 * again and again until they arrive, expire, or cannot arrive. What is queued is on stable storage; each message ends in one state (REL-01).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#failover | v2.1, Failover}
 * @module
 */
import type { DidcommError } from '../errors.ts'
import { idKey } from '../message/identifier.ts'
import { threadOf } from '../message/thread.ts'
import type { Core } from './core.ts'
import { type Attempt, createCourier } from './delivery.ts'
import type { Unit } from './journal.ts'
import type { Parcel, Receive, Socket } from './ports.ts'
import { type Outgoing, type OutgoingState, outboxRow } from './records.ts'

export type Outbox = {
  /** There may be something to deliver. */
  kick(relationship: string): void
  /** Packs a message that was just stored for the answer of the connection it came over; undefined where it has to go the other way. */
  packReply(row: string): Promise<Parcel | undefined>
  /** A connection that lasts, over which a peer asked for its messages (RR-02). */
  addSocket(relationship: string, socket: Socket): void
  /** The connections that last over which messages of a relationship go. */
  sockets(relationship: string): readonly Socket[]
  /** Tells of a message of ours by its id, queued or ended. */
  find(id: string): Promise<Outgoing | undefined>
  /** Takes a message that awaits its acknowledgment to its end. */
  acknowledged(unit: Unit, relationship: string, matches: (record: Outgoing) => boolean): Promise<readonly Outgoing[]>
  /** Sends messages once more that ended before: what answered a duplicate, or is missing in a sequence. */
  again(unit: Unit, relationship: string, ids: readonly string[], resent: boolean): Promise<void>
  nextNumber(): number
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

const pageSize = 64
const maxRetryAfterSeconds = 86_400
// More that waits is left in the store until some of it went.
const maxDeferred = 10_000

export async function openOutbox(core: Core, receive: Receive): Promise<Outbox> {
  const { journal, clock, limits } = core
  let sequence = await lastNumber(core)
  const lanes = new Map<string, Lane>()
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

  const courier = createCourier(core, (reply, transport) => track(receive(reply, { transport }).then(() => undefined)))

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
    await takeDue(relationship, lane, (state) => state !== 'awaiting-ack')
    while (lane.busy.size < limits.maxParallel && lane.deferred.size < maxDeferred) {
      const [first] = lane.ready.splice(0, 1)
      if (first === undefined) {
        lane.ready = [...(await journal.list({ table: 'outbox', prefix: `${relationship} `, after: lane.cursor, limit: pageSize }))]
        const last = lane.ready.at(-1)
        if (last === undefined) break
        lane.cursor = last.key
        continue
      }
      const { key, value } = first
      if (lane.busy.has(key) || lane.deferred.has(key)) continue
      if ((value.notBefore ?? 0) > now) lane.deferred.set(key, { due: value.notBefore ?? 0, state: value.state })
      else begin(relationship, lane, key, value)
    }
    // What was handed over once comes after what never was.
    await takeDue(relationship, lane, (state) => state === 'awaiting-ack')
  }

  /** Begins again what waited for its time. */
  async function takeDue(relationship: string, lane: Lane, isIts: (state: OutgoingState) => boolean): Promise<void> {
    const now = clock.epochMilliseconds()
    for (const [key, { due, state }] of lane.deferred) {
      if (lane.busy.size >= limits.maxParallel) return
      if (due > now || !isIts(state) || lane.busy.has(key)) continue
      lane.deferred.delete(key)
      const value = await journal.get('outbox', key)
      if (value !== undefined) begin(relationship, lane, key, value)
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
      lane.deferred.set(key, { due, state })
      unit.put('outbox', key, { ...record, ...more, state, attempts, notBefore: due })
    }
    if ('done' in attempt) {
      lane.failures = 0
      if (attempt.done !== 'handed-over') finishRecord(unit, key, record, attempt.done, attempt)
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
    // What fails together is one failure.
    if (ofTheWay && lane.pausedUntil <= now) lane.pausedUntil = now + backoff(++lane.failures, 1)
    const wait = afterSeconds === undefined ? backoff(attempts, 1) : Math.min(afterSeconds, maxRetryAfterSeconds) * 1000
    again('queued', wait, { lastError: { code, message } })
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

  for (const relationship of await lanesStored(core)) kick(relationship)

  return {
    kick,
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
        finishRecord(unit, key, record, 'handed-over', { endpoint: 'return-route' })
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
      courier.addSocket(relationship, socket)
      // What waited for a connection need not wait any more.
      const lane = laneOf(relationship)
      lane.pausedUntil = 0
      for (const [key, { state }] of lane.deferred) if (state === 'queued') lane.deferred.set(key, { due: 0, state })
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

const asksAck = ({ message }: Outgoing): boolean => message.please_ack !== undefined && message.please_ack.length > 0
