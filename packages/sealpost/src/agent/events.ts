/**
 * What the application hears. Events are stored with what caused them, so that none is lost: a consumer with a name goes on where it
 * stopped, after a crash too.
 *
 * @module
 */
import type { Journal, Unit } from './journal.ts'
import type { Clock } from './ports.ts'
import { ordinal, type StoredEvent } from './records.ts'

/** Something that happened. */
export type AgentEvent = StoredEvent & {
  /** Its place among all events of this agent: it sorts as text. */
  readonly cursor: string
}

export type EventsOptions = {
  /** The name under which the agent remembers how far this consumer has come: an event counts as handled when the next is asked for. */
  readonly consumer?: string
  /** Begins after this event, in place of the next one to come. */
  readonly after?: string
  /** `false`: ends with the last one that is there, in place of waiting for more. */
  readonly follow?: boolean
  readonly signal?: AbortSignal
}

export type Events = {
  /** Adds an event to a piece of work; who listens hears of it once that is stored. */
  add(unit: Unit, event: Omit<StoredEvent, 'at'>): void
  /** Tells those who listen now, and stores nothing: for what is no loss. */
  tell(event: Omit<StoredEvent, 'at'>): void
  on(name: string, listener: (event: AgentEvent) => void): () => void
  iterate(options?: EventsOptions): AsyncIterableIterator<AgentEvent>
  close(): void
}

const pageSize = 100

export async function openEvents(journal: Journal, clock: Clock, onListenerError: (error: unknown) => void): Promise<Events> {
  const [last] = await journal.list({ table: 'events', limit: 1, reverse: true })
  let next = last === undefined ? 1 : Number(last.key) + 1
  // The last one that is on stable storage: none after it is told to anybody.
  let lasting = last?.key ?? ''
  const listeners = new Map<string, Set<(event: AgentEvent) => void>>()
  let wake: (() => void)[] = []
  let closed = false

  const hear = (event: AgentEvent): void => {
    for (const name of [event.name, '*'])
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(event)
        } catch (error) {
          onListenerError(error)
        }
      }
  }
  const wakeAll = (): void => {
    const waiting = wake
    wake = []
    for (const run of waiting) run()
  }

  return {
    add(unit, event) {
      const stored: StoredEvent = { ...event, at: clock.epochMilliseconds() }
      let cursor = ''
      unit.before(() => {
        cursor = ordinal(next++)
        unit.put('events', cursor, stored)
      })
      unit.after(() => {
        lasting = cursor
        hear({ ...stored, cursor })
        wakeAll()
      })
    },
    tell: (event) => hear({ ...event, at: clock.epochMilliseconds(), cursor: '' }),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener)
      return () => void set.delete(listener)
    },
    async *iterate({ consumer, after, follow = true, signal } = {}) {
      const remembered = consumer === undefined ? undefined : (await journal.get('consumers', consumer))?.after
      let cursor = after ?? remembered ?? (consumer === undefined ? lasting : '')
      const stop = (): void => wakeAll()
      signal?.addEventListener('abort', stop)
      try {
        while (!closed && signal?.aborted !== true) {
          const seen = lasting
          const page = (await journal.list({ table: 'events', limit: pageSize, ...(cursor !== '' && { after: cursor }) })).filter(
            ({ key }) => key <= lasting,
          )
          if (page.length === 0) {
            if (!follow && seen === lasting) return
            // What came while the store was read woke nobody.
            if (seen === lasting && !closed && (signal?.aborted as boolean | undefined) !== true)
              await new Promise<void>((resolve) => void wake.push(resolve))
            continue
          }
          const marks: Promise<void>[] = []
          for (const { key, value } of page) {
            if (closed || (signal?.aborted as boolean | undefined) === true) return
            yield { ...value, cursor: key }
            cursor = key
            if (consumer === undefined || closed) continue
            const unit = journal.begin()
            unit.put('consumers', consumer, { after: key })
            // Awaited once for a page: a wait for the disk after each event would be the pace of whoever reads them.
            const mark = journal.commit(unit)
            mark.catch(() => undefined)
            marks.push(mark)
          }
          await Promise.all(marks)
        }
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    },
    close() {
      closed = true
      wakeAll()
    },
  }
}
