import { afterEach, describe, expect, it } from 'vitest'
import type { Agent } from '../../src/agent/index.ts'
import type { Did } from '../../src/did/index.ts'
import { resumeMediations, useMediator } from '../../src/mediation/index.ts'
import { sendMessage } from '../../src/protocols/basicmessage/index.ts'
import { ping } from '../../src/protocols/trust-ping/index.ts'
import { memoryMailbox } from '../../src/testing/index.ts'
import { agentOn, disk, type MediatorParty, mediatorOn, memoryNetwork, type Party, until } from './parties.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
const closing = <One extends { readonly agent: Agent }>(one: One): One => {
  open.push(one.agent)
  return one
}

const pace = { timeoutSeconds: 2, trialSeconds: 0.5, pollSeconds: 0.05, maxPollSeconds: 0.2, liveStatusSeconds: 0.3 }
const live = (party: Party) => ({ ...pace, sockets: party.sockets })
const numbers = (count: number, from = 0): readonly string[] => Array.from({ length: count }, (_, n) => `${from + n}`)
const sorted = (heard: readonly string[]): readonly string[] => [...heard].sort((a, b) => Number(a) - Number(b))
const waiting = ({ mailbox }: Pick<MediatorParty, 'mailbox'>) => mailbox.accounts().flatMap((account) => mailbox.waiting(account))

/** Bob, who knows Alice: by nothing but the DIDs behind her mediators. */
async function acquainted(alice: Party, bob: Party): Promise<string> {
  const { id } = await bob.agent.accept((await alice.agent.invite()).invitation)
  expect((await ping(bob.agent, id, { timeoutSeconds: 5 })).at).toBe('answered')
  return id
}
const say = async (bob: Party, to: string, contents: readonly string[]) => {
  for (const content of contents) await sendMessage(bob.agent, to, { content })
}

describe('mediation that begins', () => {
  it('is refused by a mediator that denies', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network, { admits: () => false }))
    const alice = closing(await agentOn(network))
    await expect(useMediator(alice.agent, await mediator.invitation(), pace)).rejects.toMatchObject({ code: 'ERR_PEER_PROBLEM' })
    expect(await resumeMediations(alice.agent, pace)).toEqual([])
  })

  it('with the same mediator is the same mediation', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const alice = closing(await agentOn(network))
    const invitation = await mediator.invitation()
    const [one, other] = await Promise.all([useMediator(alice.agent, invitation, pace), useMediator(alice.agent, invitation, pace)])
    expect(other).toBe(one)
    expect((await useMediator(alice.agent, invitation, pace)).relationship).toBe(one.relationship)
    expect(await resumeMediations(alice.agent, pace)).toEqual([one])
  })

  it('with a public DID', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const alice = closing(await agentOn(network))
    expect((await useMediator(alice.agent, mediator.did, pace)).state()).toBe('granted')
  })

  it('is finished after a restart, where the mediator was away when it was asked for', async () => {
    const network = memoryNetwork()
    const [atMediator, atAlice] = [disk(), disk()]
    const first = await mediatorOn(network, { at: 'memory:away', ...atMediator })
    const invitation = await first.invitation()
    await first.agent.close()

    const before = await agentOn(network, atAlice)
    await expect(useMediator(before.agent, invitation, pace)).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT' })
    await before.agent.close()

    const alice = closing(await agentOn(network, atAlice))
    const [mediation, ...others] = await resumeMediations(alice.agent, live(alice))
    expect(others).toEqual([])
    expect(mediation?.state()).toBe('asking')
    closing(await mediatorOn(network, { at: 'memory:away', ...atMediator }))
    await mediation?.ready
    expect(mediation?.state()).toBe('granted')
    const bob = closing(await agentOn(network))
    const bobs = closing(await mediatorOn(network))
    await useMediator(bob.agent, await bobs.invitation(), pace)
    await acquainted(alice, bob)
  })

  it('tells where a mediator takes no messages for a DID', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    const mine = await useMediator(alice.agent, await mediator.invitation(), pace)
    const his = await useMediator(bob.agent, await mediator.invitation(), pace)
    const did = 'did:example:mine' as Did
    await mine.register(did)
    await mine.register(did)
    await expect(his.register(did)).rejects.toMatchObject({ code: 'ERR_PEER_PROBLEM' })
    await mine.unregister(did)
    await his.register(did)
  })
})

describe('mediation that goes on', () => {
  it('10.6: what came while the agent was away is there when it is back, once', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const atAlice = disk()
    const before = await agentOn(network, atAlice)
    const bob = closing(await agentOn(network))
    await useMediator(before.agent, await mediator.invitation(), live(before))
    await useMediator(bob.agent, await mediator.invitation(), live(bob))
    const toAlice = await acquainted(before, bob)
    await say(bob, toAlice, numbers(10))
    await until(() => before.heard.length === 10, 'the first came')
    await before.agent.close()

    await say(bob, toAlice, numbers(60, 10))
    await until(() => waiting(mediator).length === 60, 'they wait at the mediator')
    const alice = closing(await agentOn(network, atAlice))
    const [mediation] = await resumeMediations(alice.agent, live(alice))
    await until(() => alice.heard.length >= 60 && waiting(mediator).length === 0, 'all came')
    await until(() => mediation?.delivery() === 'live', 'it is live again')
    expect(sorted(alice.heard)).toEqual(numbers(60, 10))
  })

  it('10.7: nothing is lost and nothing comes twice over connections that are cut', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    await useMediator(alice.agent, await mediator.invitation(), live(alice))
    await useMediator(bob.agent, await mediator.invitation(), live(bob))
    const toAlice = await acquainted(alice, bob)
    for (let n = 0; n < 100; n += 10) {
      await say(bob, toAlice, numbers(10, n))
      mediator.transport.cut()
      await new Promise((resolve) => setTimeout(resolve, 5 * (n % 30)))
    }
    await until(() => alice.heard.length >= 100 && waiting(mediator).length === 0, 'all came', 15_000)
    expect(sorted(alice.heard)).toEqual(numbers(100))
  }, 20_000)

  it('10.7: a mediator that restarts is found again, with all that it took', async () => {
    const network = memoryNetwork()
    const [atMediator, mailbox] = [disk(), memoryMailbox()]
    const mediatorNow = () => mediatorOn(network, { at: 'memory:restarting', mailbox, ...atMediator })
    let mediator = await mediatorNow()
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    const mediation = await useMediator(alice.agent, await mediator.invitation(), live(alice))
    await useMediator(bob.agent, await mediator.invitation(), live(bob))
    const toAlice = await acquainted(alice, bob)
    for (let n = 0; n < 60; n += 20) {
      await say(bob, toAlice, numbers(20, n))
      await mediator.agent.close()
      mediator = await mediatorNow()
    }
    closing(mediator)
    await until(() => alice.heard.length >= 60 && waiting(mediator).length === 0, 'all came', 15_000)
    expect(sorted(alice.heard)).toEqual(numbers(60))
    await until(() => mediation.delivery() === 'live', 'it is live again')
  }, 20_000)

  it('10.10, FLO-01: behind two mediators, one that is away keeps nothing from coming', async () => {
    const network = memoryNetwork()
    const [one, two, his] = [await mediatorOn(network), closing(await mediatorOn(network)), closing(await mediatorOn(network))]
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    await useMediator(alice.agent, await one.invitation(), live(alice))
    await useMediator(alice.agent, await two.invitation(), live(alice))
    await useMediator(bob.agent, await his.invitation(), live(bob))
    const toAlice = await acquainted(alice, bob)
    await say(bob, toAlice, numbers(5))
    await until(() => alice.heard.length === 5, 'they come by the first')
    expect(two.mailbox.accounts().length).toBe(1)
    await one.agent.close()
    await say(bob, toAlice, numbers(5, 5))
    await until(() => alice.heard.length >= 10, 'they come by the second', 10_000)
    expect(sorted(alice.heard)).toEqual(numbers(10))
  }, 15_000)

  it('10.10: a DID that is made while one of two mediators is away names the other', async () => {
    const network = memoryNetwork()
    const [one, two] = [await mediatorOn(network), closing(await mediatorOn(network))]
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    const away = await useMediator(alice.agent, await one.invitation(), { ...live(alice), timeoutSeconds: 0.3 })
    await useMediator(alice.agent, await two.invitation(), live(alice))
    await useMediator(bob.agent, await two.invitation(), live(bob))
    await until(() => away.delivery() === 'live', 'it is live')
    await one.agent.close()
    const toAlice = await acquainted(alice, bob)
    await say(bob, toAlice, numbers(3))
    await until(() => alice.heard.length === 3, 'all came')
  }, 15_000)

  it('the DIDs of a relationship that ended are forgotten by the mediator', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    await useMediator(alice.agent, await mediator.invitation(), live(alice))
    await useMediator(bob.agent, await mediator.invitation(), live(bob))
    const toAlice = await acquainted(alice, bob)
    const { ours } = (await bob.agent.contact(toAlice)) ?? { ours: undefined }
    expect(mediator.mailbox.owner(ours?.did ?? '')).toBeDefined()
    await bob.agent.end(toAlice)
    await until(() => mediator.mailbox.owner(ours?.did ?? '') === undefined, 'it is forgotten')
  })

  it('a DID is not made where no mediator can be told of it', async () => {
    const network = memoryNetwork()
    const mediator = await mediatorOn(network)
    const alice = closing(await agentOn(network))
    await useMediator(alice.agent, await mediator.invitation(), { ...pace, timeoutSeconds: 0.2 })
    await mediator.agent.close()
    await expect(alice.agent.invite()).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT' })
  }, 15_000)

  it('REL-06: what cannot be opened is acknowledged and told, and stands before nothing', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    const mediation = await useMediator(alice.agent, await mediator.invitation(), { ...pace, batch: 2 })
    await useMediator(bob.agent, await mediator.invitation(), pace)
    const toAlice = await acquainted(alice, bob)
    const refused: string[] = []
    alice.agent.on('refused', ({ detail }) => void refused.push(String((detail as { code?: string }).code)))
    const [account = ''] = mediator.mailbox.accounts()
    for (const junk of ['{}', '"text"', '{"protected":"e30"}']) mediator.mailbox.put(account, 'did:example:any', junk, junk)
    await say(bob, toAlice, numbers(3))
    mediation.fetchNow()
    await until(() => alice.heard.length === 3 && waiting(mediator).length === 0, 'all is taken')
    expect(refused.length).toBe(3)
  })

  it('REL-03: what could not be taken is left to the mediator, and comes again', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const atAlice = disk()
    const before = await agentOn(network, atAlice)
    const bob = closing(await agentOn(network))
    await useMediator(before.agent, await mediator.invitation(), pace)
    await useMediator(bob.agent, await mediator.invitation(), pace)
    const toAlice = await acquainted(before, bob)
    await before.agent.close()
    await say(bob, toAlice, numbers(12))
    await until(() => waiting(mediator).length === 12, 'they wait')
    const alice = closing(await agentOn(network, atAlice, { maxInFlight: 2 }))
    const kept: number[] = []
    alice.agent.on('acknowledged', ({ detail }) => void kept.push((detail as { kept: readonly string[] }).kept.length))
    await resumeMediations(alice.agent, pace)
    await until(() => alice.heard.length >= 12 && waiting(mediator).length === 0, 'all came')
    expect(sorted(alice.heard)).toEqual(numbers(12))
    expect(Math.max(...kept)).toBeGreaterThan(0)
  })

  it('takes envelopes that a mediator pushes as they are', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network, { habits: { rawLive: true } }))
    const [alice, bob] = [closing(await agentOn(network)), closing(await agentOn(network))]
    const mediation = await useMediator(alice.agent, await mediator.invitation(), live(alice))
    await useMediator(bob.agent, await mediator.invitation(), live(bob))
    await until(() => mediation.delivery() === 'live', 'it is live')
    const toAlice = await acquainted(alice, bob)
    await say(bob, toAlice, numbers(10))
    await until(() => alice.heard.length >= 10, 'all came')
    expect(sorted(alice.heard)).toEqual(numbers(10))
  })
})

describe('mediation that ends', () => {
  it('by us: the mediator forgets our DIDs, and new ones do not name it', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const alice = closing(await agentOn(network))
    const mediation = await useMediator(alice.agent, await mediator.invitation(), live(alice))
    const { invitation } = await alice.agent.invite()
    expect(mediator.mailbox.owner(invitation.from as string)).toBeDefined()
    await mediation.end()
    expect(mediation.state()).toBe('over')
    expect(mediation.delivery()).toBe('off')
    await until(() => mediator.mailbox.owner(invitation.from as string) === undefined, 'it forgot')
    const other = await alice.agent.invite()
    expect(mediator.mailbox.owner(other.invitation.from as string)).toBeUndefined()
    expect(await resumeMediations(alice.agent, pace)).toEqual([])
  })

  it('ROT-18: by the mediator', async () => {
    const network = memoryNetwork()
    const mediator = closing(await mediatorOn(network))
    const alice = closing(await agentOn(network))
    const mediation = await useMediator(alice.agent, await mediator.invitation(), live(alice))
    await until(() => mediation.delivery() === 'live', 'it is live')
    for await (const { id } of mediator.agent.contacts()) await mediator.agent.end(id)
    await until(() => mediation.state() === 'over', 'it is over')
    expect(await resumeMediations(alice.agent, pace)).toEqual([])
    expect((await alice.agent.invite()).invitation.from).toMatch(/^did:peer:2/)
  })
})
