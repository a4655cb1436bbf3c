/**
 * What waits at a mediator, in memory: whose DIDs are whose, and the envelopes for each. It knows no messages.
 *
 * @module
 */
import { canonicalDid, type Did } from '../did/index.ts'

/** An envelope that waits; its id stays the same however often it is delivered. */
export type Waiting = { readonly id: string; readonly envelope: string; readonly recipient: string }

/** The mailbox of a mediator. An account is named by its relationship. */
export type Mailbox = {
  readonly accounts: () => readonly string[]
  bind(account: string, recipients: readonly string[]): void
  recipients(account: string): ReadonlySet<string>
  /** Whose a DID is, whichever of its forms is named. */
  owner(recipient: string): string | undefined
  /** Keeps an envelope; undefined where it was kept before, by this key or with these octets. */
  put(account: string, recipient: string, envelope: string, key: string): Waiting | undefined
  /** What waits, the oldest first. */
  waiting(account: string, recipient?: string): readonly Waiting[]
  forget(account: string, ids: readonly string[]): void
  /** The version of Message Pickup in which messages are delivered as they come; undefined where they are not. */
  live(account: string): '4.0' | '3.0' | undefined
  turnLive(account: string, version: '4.0' | '3.0' | undefined): void
}

/** A mailbox that lasts as long as the object. */
export function memoryMailbox(): Mailbox {
  const lists = new Map<string, readonly string[]>()
  const queues = new Map<string, Waiting[]>()
  const seen = new Set<string>()
  const turned = new Map<string, '4.0' | '3.0'>()
  let next = 1
  const form = (name: string): string => (name.startsWith('did:') && !name.includes('#') ? canonicalDid(name as Did) : name)
  return {
    accounts: () => [...lists.keys()],
    bind: (account, recipients) => void lists.set(account, recipients),
    recipients: (account) => new Set(lists.get(account)),
    owner: (recipient) => [...lists].find(([, names]) => names.some((name) => form(name) === form(recipient)))?.[0],
    put(account, recipient, envelope, key) {
      if (seen.has(key) || seen.has(`${account} ${envelope}`)) return undefined
      seen.add(key).add(`${account} ${envelope}`)
      const message = { id: `m-${next++}`, envelope, recipient }
      const queue = queues.get(account) ?? []
      queues.set(account, queue)
      queue.push(message)
      return message
    },
    waiting: (account, recipient) =>
      (queues.get(account) ?? []).filter((message) => recipient === undefined || form(message.recipient) === form(recipient)),
    forget: (account, ids) =>
      void queues.set(
        account,
        (queues.get(account) ?? []).filter(({ id }) => !ids.includes(id)),
      ),
    live: (account) => turned.get(account),
    turnLive(account, version) {
      if (version === undefined) turned.delete(account)
      else turned.set(account, version)
    },
  }
}
