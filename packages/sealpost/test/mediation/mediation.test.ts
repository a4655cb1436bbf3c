import { afterEach, describe, expect, it } from 'vitest'
import { useMediator } from '../../src/mediation/index.ts'
import { sendMessage } from '../../src/protocols/basicmessage/index.ts'
import { ping } from '../../src/protocols/trust-ping/index.ts'
import type { TestMediator, TestMediatorOptions } from '../../src/testing/index.ts'
import { agentOn, mediatorOn, memoryNetwork, type Party, until } from './parties.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const pace = { timeoutSeconds: 3, trialSeconds: 1, pollSeconds: 0.05, maxPollSeconds: 0.2, liveStatusSeconds: 0.5 }

async function meet(alice: Party, bob: Party): Promise<string> {
  const { invitation } = await alice.agent.invite({ goal: 'Let us talk' })
  return (await bob.agent.accept(invitation)).id
}

async function world(options: Parameters<typeof mediatorOn>[1] = {}, connection: 'once' | 'lasting' = 'lasting') {
  const network = memoryNetwork()
  const mediator = await mediatorOn(network, { connection, ...options })
  const [alice, bob] = [await agentOn(network), await agentOn(network)]
  open.push(alice.agent, bob.agent, mediator.agent)
  return { network, mediator, alice, bob }
}

const dialects: readonly (readonly [string, Partial<TestMediatorOptions>])[] = [
  ['3.0 and 4.0', {}],
  ['2.0 and 3.0', { coordination: ['2.0'], pickup: ['3.0'] }],
  ['2.0 and 3.0, and tells nothing', { coordination: ['2.0'], pickup: ['3.0'], discloses: false }],
  ['3.0 and 3.0', { pickup: ['3.0'] }],
  ['answers without thid', { habits: { withoutThid: true } }],
  ['answers without thid, in 2.0 and 3.0', { coordination: ['2.0'], pickup: ['3.0'], habits: { withoutThid: true } }],
  ['one routing DID in 3.0', { habits: { routingDid: 'string' } }],
  ['a list of routing DIDs in 2.0', { coordination: ['2.0'], habits: { routingDid: 'array' } }],
  ['base64', { habits: { encoding: 'base64' } }],
  ['base64url', { habits: { encoding: 'base64url' } }],
]

describe('two agents behind one mediator', () => {
  for (const [name, options] of dialects)
    for (const connection of ['once', 'lasting'] as const)
      it(`MPR-03, REL-03: ${connection === 'once' ? 'asking' : 'live'}, with a mediator that speaks ${name}`, async () => {
        const { mediator, alice, bob } = await world(options, connection)
        for (const party of [alice, bob]) {
          const sockets = connection === 'lasting' ? { sockets: party.sockets } : {}
          const mediation = await useMediator(party.agent, await mediator.invitation(), { ...pace, ...sockets })
          expect(mediation.state()).toBe('granted')
          if (connection === 'lasting') await until(() => mediation.delivery() === 'live', 'messages come live')
        }
        const toAlice = await meet(alice, bob)
        expect((await ping(bob.agent, toAlice, { timeoutSeconds: 5 })).at).toBe('answered')
        for (let n = 0; n < 20; n++) await sendMessage(bob.agent, toAlice, { content: `${n}` })
        await until(() => alice.heard.length >= 20, 'all came')
        expect([...alice.heard].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`))
        await until(() => waiting(mediator).length === 0, 'nothing is left at the mediator')
      })
})

const waiting = ({ mailbox }: Pick<TestMediator, 'mailbox'>) => mailbox.accounts().flatMap((account) => mailbox.waiting(account))
