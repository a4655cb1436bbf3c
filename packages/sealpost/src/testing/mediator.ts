/**
 * A small mediator for tests and simulations, made of an agent and the roles of a mediator, with the habits of mediators that are about. Its
 * mailbox is in memory: what is to last over its restarts is the store of its agent and the mailbox, both given.
 *
 * @module
 */
import { type Agent, type AgentOptions, createAgent, type HostAnswers } from '../agent/index.ts'
import type { Did } from '../did/index.ts'
import { type Effect, type Protocol, play } from '../machine/index.ts'
import { attachmentContent, type Forward, type Invitation } from '../message/index.ts'
import { coordinateMediation, coordinateMediation2, type Registry } from '../protocols/coordinate-mediation/index.ts'
import { discoverFeatures } from '../protocols/discover-features/index.ts'
import {
  messagePickup,
  messagePickup3,
  pushMessages,
  pushMessages3,
  type Queue,
  type QueueQuestion,
} from '../protocols/message-pickup/index.ts'
import { routing } from '../protocols/routing/index.ts'
import { type Habits, withHabits } from './habits.ts'
import { type Mailbox, memoryMailbox } from './mailbox.ts'

export type TestMediatorOptions = Omit<AgentOptions, 'hosts' | 'newDid'> & {
  /** The endpoints at which it is reached; those of the agent. */
  readonly endpoints: NonNullable<AgentOptions['endpoints']>
  readonly mailbox?: Mailbox
  /** The versions that it speaks: all where nothing is said. */
  readonly coordination?: readonly ('3.0' | '2.0')[]
  readonly pickup?: readonly ('4.0' | '3.0')[]
  /** Whether it tells what it speaks. True where nothing is said. */
  readonly discloses?: boolean
  readonly habits?: Habits
  /** Who may have mediation: everybody where nothing is said. */
  readonly admits?: (peer: string) => boolean
}

export type TestMediator = {
  readonly agent: Agent
  /** The DID that senders wrap for. */
  readonly did: Did
  readonly mailbox: Mailbox
  /** A fresh invitation to be mediated for. */
  invitation(): Promise<Invitation>
}

/** What a task does, to the account that it is about. */
type Deeds = { readonly [task: string]: (detail: never, account: string) => void }
type Asked = { readonly account: string }

/** Makes the mediator; where its store has one already, that goes on. */
export async function testMediator(options: TestMediatorOptions): Promise<TestMediator> {
  const {
    mailbox = memoryMailbox(),
    coordination = ['3.0', '2.0'],
    pickup = ['4.0', '3.0'],
    discloses = true,
    habits = {},
    ...rest
  } = options
  const late: { agent?: Agent; did?: Did } = {}
  const agentOf = (): Agent => late.agent as Agent
  const deeds: Deeds = {
    bind: ({ recipients }: { readonly recipients: readonly string[] }, account) => mailbox.bind(account, recipients),
    forget: ({ ids }: { readonly ids: readonly string[] }, account) => mailbox.forget(account, ids),
  }
  const doNow = (effect: Effect, context: unknown): void => {
    if (effect.do === 'task') deeds[effect.name]?.(effect.detail as never, (context as Asked).account)
  }
  // What is answered is true at once, though tasks are done after the answer.
  const habit = (protocol: Protocol): Protocol => withHabits(protocol, habits, doNow)
  const protocols = [
    routing,
    ...(coordination.includes('3.0') ? [habit(play(coordinateMediation, 'mediator'))] : []),
    ...(coordination.includes('2.0') ? [habit(play(coordinateMediation2, 'mediator'))] : []),
    ...(pickup.includes('4.0') ? [habit(play(messagePickup, 'mediator'))] : []),
    ...(pickup.includes('3.0') ? [habit(play(messagePickup3, 'mediator'))] : []),
    ...(discloses ? [discoverFeatures] : []),
  ]

  const coordinating: HostAnswers = {
    context: (question, { relationship = '' }): Registry & Asked => {
      const { dids } = question as { readonly dids: readonly string[] }
      return {
        account: relationship,
        routingDid: late.did as Did,
        admits: options.admits ?? (() => true),
        held: mailbox.recipients(relationship),
        taken: new Set(dids.filter((did) => ![undefined, relationship].includes(mailbox.owner(did)))),
      }
    },
    tasks: {
      bind: (detail: never, { relationship = '' }) => deeds['bind']?.(detail, relationship),
    },
  }
  const pickingUp = (version: '4.0' | '3.0'): HostAnswers => ({
    context: (question, { relationship = '' }): Queue & Asked => {
      const { recipientDid, limit, without = [] } = question as QueueQuestion
      const waiting = mailbox.waiting(relationship, recipientDid).filter(({ id }) => !without.includes(id))
      return {
        account: relationship,
        status: { messageCount: waiting.length, totalBytes: waiting.reduce((sum, { envelope }) => sum + envelope.length, 0) },
        messages: waiting.slice(0, limit),
        isLasting: agentOf().sockets(relationship).length > 0,
      }
    },
    tasks: {
      forget: (detail: never, { relationship = '' }) => deeds['forget']?.(detail, relationship),
      live: ({ liveDelivery }: { readonly liveDelivery: boolean }, { relationship = '' }) =>
        mailbox.turnLive(relationship, liveDelivery ? version : undefined),
    },
  })
  const passing: HostAnswers = {
    tasks: {
      deliver: async ({ next, payloads }: Forward, { key }) => {
        const relationship = mailbox.owner(next)
        // Who was told that it is registered may be quicker than the registration: the task is done again.
        if (relationship === undefined) throw new Error('nobody here has this DID')
        for (const [index, payload] of payloads.entries()) {
          const content = attachmentContent(payload)
          const envelope =
            content.kind === 'json'
              ? JSON.stringify(content.json)
              : content.kind === 'bytes'
                ? new TextDecoder().decode(content.bytes)
                : undefined
          if (envelope !== undefined) await push(relationship, mailbox.put(relationship, next, envelope, `${key} ${index}`))
        }
      },
    },
  }

  async function push(relationship: string, message: { readonly id: string; readonly envelope: string } | undefined): Promise<void> {
    const version = mailbox.live(relationship)
    const [socket] = agentOf().sockets(relationship)
    if (version === undefined || socket === undefined || message === undefined) return
    if (habits.rawLive !== true) {
      await (version === '4.0' ? pushMessages : pushMessages3)(agentOf(), relationship, { messages: [message] })
      return
    }
    await socket.send({ envelope: message.envelope, mediaType: 'application/didcomm-encrypted+json' })
    mailbox.forget(relationship, [message.id])
  }

  const agent = await createAgent({
    ...rest,
    protocols: [...protocols, ...(options.protocols ?? [])],
    hosts: {
      [routing.piuri]: passing,
      [coordinateMediation.piuri]: coordinating,
      [coordinateMediation2.piuri]: coordinating,
      [messagePickup.piuri]: pickingUp('4.0'),
      [messagePickup3.piuri]: pickingUp('3.0'),
    },
  })
  late.agent = agent
  // On a new connection live delivery is off.
  agent.on('detached', ({ relationship }) => mailbox.turnLive(relationship ?? '', undefined))
  const [known] = (await agent.identities()).filter(
    ({ relationship, invitation }) => relationship === undefined && invitation === undefined,
  )
  const did = known?.did ?? (await agent.publish())
  late.did = did
  return {
    agent,
    did,
    mailbox,
    invitation: async () => (await agent.invite({ goalCode: 'request-mediate', goal: 'Mediation', uses: 'many' })).invitation,
  }
}
