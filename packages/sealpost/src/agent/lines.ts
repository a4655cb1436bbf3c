/**
 * The order of what is sent: the messages of a thread go one after the other, those of different threads do not wait for each other.
 *
 * @module
 */
import { idKey } from '../message/identifier.ts'
import { threadOf } from '../message/thread.ts'
import type { Outgoing } from './records.ts'

/** The lines of one relationship. Keys of rows enter in the order in which they were queued. */
export type Lines = {
  enter(line: string | undefined, key: string): void
  /** Whether nothing before it waits. */
  isFirst(line: string | undefined, key: string): boolean
  leave(line: string | undefined, key: string): void
  /** How many wait for others. */
  behind(): number
}

/**
 * The line of a message. None where the order does not matter: what carries its order is put in order by the receiver (SEQ-02), what says
 * nothing but `ack` may overtake, and what was handed over once has had its turn.
 */
export const lineOf = ({ message, pureAck, state }: Outgoing): string | undefined =>
  pureAck === true || state !== 'queued' || message.sender_order !== undefined ? undefined : idKey(threadOf(message))

export function createLines(): Lines {
  const lines = new Map<string, string[]>()
  let waiting = 0
  return {
    enter(line, key) {
      if (line === undefined) return
      const keys = lines.get(line)
      if (keys === undefined) lines.set(line, [key])
      else if (!keys.includes(key)) {
        keys.push(key)
        waiting++
      }
    },
    isFirst: (line, key) => line === undefined || lines.get(line)?.[0] === key,
    leave(line, key) {
      const keys = line === undefined ? undefined : lines.get(line)
      const at = keys?.indexOf(key) ?? -1
      if (line === undefined || keys === undefined || at < 0) return
      keys.splice(at, 1)
      if (keys.length === 0) lines.delete(line)
      else waiting--
    },
    behind: () => waiting,
  }
}
