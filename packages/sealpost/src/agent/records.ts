/**
 * The rows that an agent keeps: one type and one maker of keys for each table. All of it is plain JSON.
 *
 * @module
 */
import type { Did } from '../did/did.ts'
import type { State } from '../machine/role.ts'
import type { Cascade } from '../message/cascade.ts'
import { idKey } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import type { SeenOrders } from '../message/sequencing.ts'

/** The tables, and what a row of each is. */
export type Tables = {
  /** One for each DID of ours, by the one form of the DID. */
  identities: Identity
  relationships: Relationship
  /** Whose relationship it is that a peer has with a DID of ours that many may write to. */
  pairs: { readonly relationship: string }
  /** Invitations of ours, by id. */
  invitations: Invited
  /** Invitations of others that were accepted, by id and DID. */
  accepted: { readonly relationship: string }
  /** One for each thread of a relationship, and one for what lives as long as the relationship. */
  threads: Thread
  /** The messages that took effect, or are not to: by relationship and id (REL-04). */
  seen: Seen
  /** Messages that are to be delivered, in order, by relationship. */
  outbox: Outgoing
  /** Messages that reached the state they end in, by id. */
  sent: Outgoing
  /** By when they are due. */
  timers: Timer
  tasks: Task
  events: StoredEvent
  /** Up to which event a consumer has come. */
  consumers: { readonly after: string }
  /** Messages that could not be handled (REL-06), by relationship and id. */
  quarantine: Quarantined
  /** Messages that came before those that they follow, by thread and order. */
  held: Held
  /** What there is one of. */
  meta: { readonly owner: string; readonly schema: number }
}

/** A DID of ours. */
export type Identity = {
  readonly did: Did
  readonly createdAt: number
  /** The one relationship it is for. A DID without is public: anybody may write to it. */
  readonly relationship?: string
  /** The invitation it was made for. */
  readonly invitation?: string
  readonly retiredAt?: number
}

/** Our DIDs and theirs, kept over rotations. Times are in epoch milliseconds. */
export type Relationship = {
  readonly id: string
  readonly state: 'active' | 'ended'
  readonly createdAt: number
  readonly ours: {
    readonly did: Did
    readonly retired: readonly Did[]
    /** The public DID by which the peer began, if it did. */
    readonly via?: Did
    /** A DID of its own is to be made before the next message goes out. */
    readonly wantsOwn?: true
    /** A rotation that the peer has not answered yet: it goes with every message (ROT-15). */
    readonly rotation?: { readonly jwt: string; readonly prior: Did }
  }
  readonly theirs: {
    readonly did: Did
    readonly retired: readonly Did[]
    /** `iat` of the last rotation that was taken, in epoch seconds. */
    readonly rotatedAt?: number
    /** A hash of the keys of their DID document, as they were seen last. */
    readonly pinned?: string
  }
  /** The invitation it grew out of. */
  readonly invitation?: { readonly id: string; readonly role: 'inviter' | 'invitee' }
  /** The languages the peer wishes (I18-04). */
  readonly acceptLang?: readonly string[]
  /** A name that the application gave. */
  readonly label?: string
}

/** An invitation of ours. */
export type Invited = {
  readonly message: Plaintext
  readonly uses: 'once' | 'many'
  readonly used: number
  readonly label?: string
}

/** What is going on in a thread: all instances of roles that take part in it. */
export type Thread = {
  readonly thid: string
  readonly pthid?: string
  readonly updatedAt: number
  /** By protocol and role: see {@link instanceKey}. */
  readonly instances: { readonly [role: string]: Instance }
  readonly cascade?: Cascade
  readonly acceptLang?: readonly string[]
  readonly sequence?: Sequence
}

/** A running role. */
export type Instance = {
  readonly piuri: string
  readonly role: string
  readonly state: State
  /** When each running timer is due, in epoch milliseconds. */
  readonly timers?: { readonly [timer: string]: number }
  /** Who called it. */
  readonly parent?: { readonly thid: string; readonly instance: string; readonly as: string }
  /** The code of the problem by which it was abandoned. */
  readonly abandoned?: string
}

/** Advanced sequencing of a thread. */
export type Sequence = {
  /** The ids of our messages, in order: the first has the order `base + 1`. */
  readonly sent: readonly string[]
  readonly base: number
  readonly seen: SeenOrders
  /** Messages of theirs wait for others. */
  readonly holding?: true
  /** Up to this order of theirs nothing is waited for any more. */
  readonly waived?: number
  /** The last order of theirs when what is missing was asked for. */
  readonly reported?: number
}

/** What became of a message that came. */
export type Seen = {
  readonly at: number
  /** A hash of what was in it, to tell a resend from another message with the same id (M02). */
  readonly digest: string
  /** The ids of the messages that answered it. */
  readonly answers?: readonly string[]
}

/** The states of a message of ours; the last four are ends (REL-01). */
export type OutgoingState = 'queued' | 'awaiting-ack' | 'acknowledged' | 'handed-over' | 'expired' | 'failed'

/** A message of ours on its way. */
export type Outgoing = {
  readonly id: string
  readonly relationship: string
  readonly state: OutgoingState
  /** Without `from`, `to` and `from_prior`: they are of the moment in which it is packed. */
  readonly message: Plaintext
  readonly queuedAt: number
  /** Not to be tried before, in epoch milliseconds. */
  readonly notBefore?: number
  readonly attempts: number
  readonly lastError?: { readonly code: string; readonly message: string }
  /** When it came to its state, in epoch milliseconds. */
  readonly at?: number
  /** Where it was handed over. */
  readonly endpoint?: string
  /** How it is wrapped, where it is not authcrypt. */
  readonly as?: string
  /** Only an acknowledgment, which another message may take along. */
  readonly pureAck?: true
  /** It tells that the relationship has ended (ROT-18): it is from nobody, and goes out after the end. */
  readonly farewell?: true
}

export type Timer = {
  readonly relationship: string
  readonly thread: string
  readonly instance: string
  readonly timer: string
  readonly due: number
  /** So often its role failed at it. */
  readonly attempts?: number
}

export type Task = {
  readonly relationship: string | undefined
  readonly peer: string | undefined
  readonly thread: string
  readonly instance: string
  readonly piuri: string
  readonly name: string
  readonly detail: { readonly [member: string]: unknown }
  readonly attempts: number
  readonly notBefore?: number
}

export type StoredEvent = {
  readonly name: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly relationship?: string
  readonly peer?: string
  readonly protocol?: string
  readonly role?: string
  readonly thid?: string
  readonly messageId?: string
  readonly detail: { readonly [member: string]: unknown }
}

export type Quarantined = {
  readonly relationship: string
  readonly message: Plaintext
  readonly proof: { readonly peer?: string; readonly signed: boolean }
  readonly reason: string
  readonly attempts: number
  readonly at: number
  /** When it is tried again by itself; absent where it waits for a person. */
  readonly notBefore?: number
}

export type Held = { readonly message: Plaintext; readonly peer?: string; readonly signed: boolean; readonly at: number }

/** The thread of what lives as long as the relationship. No message can name it: it is no id (THR-12). */
export const peerThread = '*'

/** The role of a protocol, as a thread names its instances: versions that are compatible have one name. */
export const instanceKey = (piuri: string, role: string): string => `${piuri} ${role}`

export const threadRow = (relationship: string, thid: string): string => `${relationship} ${idKey(thid)}`
export const seenRow = (relationship: string, id: string): string => `${relationship} ${idKey(id)}`

/** Numbers as text that sorts as they do. */
export const ordinal = (value: number): string => String(Math.max(0, Math.floor(value))).padStart(16, '0')

export const outboxRow = (relationship: string, sequence: number): string => `${relationship} ${ordinal(sequence)}`
export const timerRow = ({ due, relationship, thread, instance, timer }: Timer): string =>
  `${ordinal(due)} ${relationship} ${idKey(thread)} ${instance} ${timer}`
