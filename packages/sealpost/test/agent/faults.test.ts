/** Faults at every point: security.md A03, A07. Whatever fails, each message has one effect, and ends in one state. */
import { afterEach, expect, it } from 'vitest'
import type { Store } from '../../src/agent/index.ts'
import { DidcommError } from '../../src/errors.ts'
import { askFor, piuri } from './probe.ts'
import { createWorld, freshId, note, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

/** What happens to a commit: it fails with nothing written; it is written, and the answer is lost; the process ends before or after it. */
type Fault = 'fails' | 'is written, and fails' | 'is the last thing not done' | 'is the last thing done'
const faults: readonly Fault[] = ['fails', 'is written, and fails', 'is the last thing not done', 'is the last thing done']

type Tampered = { resident: Resident; commits: number; crashed: boolean }

function tamper(resident: Resident, fault: Fault, at: number): Tampered {
  const tampered: Tampered = { resident, commits: 0, crashed: false }
  const { commit } = resident.store
  const failed = () => Promise.reject(new DidcommError('ERR_STORE_FAILED', 'a fault of the test'))
  const over = (): Promise<never> => {
    resident.crash()
    tampered.crashed = true
    return new Promise(() => undefined)
  }
  Object.assign(resident.store, {
    async commit(batch: Parameters<Store['commit']>[0]) {
      if (++tampered.commits !== at) return commit(batch)
      if (fault === 'fails') return failed()
      if (fault === 'is the last thing not done') return over()
      await commit(batch)
      return fault === 'is written, and fails' ? failed() : over()
    },
  })
  return tampered
}

const away = (): never => {
  throw new DidcommError('ERR_DELIVERY_UNREACHABLE', 'away')
}

const tasks = { work: ({ text }: { readonly text: string }) => ({ command: 'answer', detail: { text: `did ${text}` } }) }

/** A message and a question, while the commit of that number of one side has a fault. Returns how many commits that side had. */
async function converse(side: 'alice' | 'bob', fault: Fault, at: number): Promise<number> {
  const { alice, bob, toAlice } = await world.pair({ hosts: { [piuri]: { tasks: tasks as never } } })
  await world.clock.advance(1)
  const both = { alice, bob }
  const tampered = tamper(both[side], fault, at)
  const id = freshId()
  let sent = false
  let asked = false
  const acting = new Set<object>()
  const act = (): void => {
    const { agent } = both.bob
    if (acting.has(agent) || (sent && asked)) return
    acting.add(agent)
    const isAsked = async (): Promise<boolean> =>
      (await both.bob.rows('threads')).some(({ instances }) => Object.keys(instances).some((name) => name.endsWith('asker')))
    void (async () => {
      try {
        if (!sent) await agent.send(toAlice, { id, type: note, body: { text: 'effect' } }, { ack: true })
        sent = true
        if (!(await isAsked())) {
          const end = askFor(agent, toAlice, { text: 'work', timeoutSeconds: 100_000 })
          end.catch(() => undefined)
          await Promise.race([end, until(isAsked)])
        }
        asked = true
      } catch {
        acting.delete(agent)
      }
    })()
  }
  const stored = async (one: Resident, name: string): Promise<number> =>
    (await one.rows('events')).filter((event) => event.name === name).length
  const isOver = async (): Promise<boolean> =>
    sent &&
    asked &&
    (await stored(both.bob, 'told')) > 0 &&
    (await both.bob.rows('outbox')).length + (await both.alice.rows('outbox')).length === 0
  for (let turns = 0; turns < 400 && !(await isOver()); turns++) {
    if (tampered.crashed && both[side] === tampered.resident) both[side] = await tampered.resident.restart()
    act()
    await world.clock.advance(turns < 20 ? 0.5 : 20)
  }
  const where = `${side}, commit ${at} ${fault}`
  expect(await isOver(), where).toBe(true)
  const noted = (await both.alice.rows('events')).filter(({ name, detail }) => name === 'noted' && detail['text'] === 'effect')
  expect(noted, where).toHaveLength(1)
  expect(await stored(both.bob, 'told'), where).toBe(1)
  expect((await both.bob.agent.where(id)).state, where).toBe('acknowledged')
  const ends = [...(await both.bob.rows('sent')), ...(await both.alice.rows('sent'))].map(({ state }) => state)
  expect(
    ends.every((state) => ['acknowledged', 'handed-over'].includes(state)),
    where,
  ).toBe(true)
  for (const table of ['outbox', 'tasks', 'quarantine', 'held'] as const)
    expect([...(await both.alice.rows(table)), ...(await both.bob.rows(table))], where).toEqual([])
  return tampered.commits
}

for (const side of ['alice', 'bob'] as const)
  for (const fault of faults)
    it(`A03, REL-05: whichever commit of ${side} ${fault}, nothing is lost and nothing happens twice`, { timeout: 60_000 }, async () => {
      for (let at = 1; ; at++) {
        const commits = await converse(side, fault, at)
        await world.close()
        world = createWorld()
        if (commits < at) break
        expect(at).toBeLessThan(60)
      }
    })

it('A03: whichever parcel is lost, or arrives without its sender knowing, nothing is lost and nothing happens twice', {
  timeout: 60_000,
}, async () => {
  for (let at = 1; at <= 6; at++)
    for (const arrives of [false, true]) {
      let parcels = 0
      const { alice, bob, toAlice } = await world.pair()
      const seen: string[] = []
      world.law.judge = async ({ to, envelope }) => {
        if (++parcels !== at) return
        if (arrives) {
          seen.push(to)
          const target = to.endsWith('alice') ? alice : bob
          await target.agent.receive(envelope, { transport: 'test' })
        }
        throw new DidcommError('ERR_DELIVERY_TIMEOUT', 'no answer')
      }
      const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'reply' } }, { ack: true })
      const end = askFor(bob.agent, toAlice, { text: 'now', timeoutSeconds: 1000 })
      await world.passing(async () => (await bob.agent.where(id)).state === 'acknowledged')
      await world.passing(() => bob.names().includes('told'))
      expect(await end).toEqual({ at: 'told', text: 're: now' })
      const count = (of: Resident, text: string): number => of.heard.filter(({ detail }) => detail['text'] === text).length
      await world.passing(() => count(bob, 'replied') === 1)
      expect([count(alice, 'reply'), count(bob, 'replied')], `parcel ${at}`).toEqual([1, 1])
      await world.close()
      world = createWorld()
    }
})

it('A07: a clock that is put back delays nothing', async () => {
  const { bob, toAlice } = await world.pair()
  world.law.judge = away
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'through it all' } })
  askFor(bob.agent, toAlice, { text: 'when?', timeoutSeconds: 100 }).catch(() => undefined)
  await until(async () => (await bob.rows('timers')).length === 1)
  world.clock.jump(-365 * 86_400)
  await world.clock.advance(101)
  await until(() => bob.names().includes('untold'))
  world.law.judge = () => undefined
  await world.passing(async () => (await bob.agent.where(id)).state === 'handed-over')
})

it('A07: where the clock is put on, what waits is tried once more before it expires', async () => {
  const { bob, toAlice } = await world.pair()
  world.law.judge = away
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'at last' } })
  await until(async () => (await bob.agent.where(id)).attempts === 1)
  world.clock.jump(365 * 86_400)
  world.law.judge = () => undefined
  await world.passing(async () => (await bob.agent.where(id)).state === 'handed-over')
  world.law.judge = away
  const { id: second } = await bob.agent.send(toAlice, { type: note, body: { text: 'never' } })
  world.clock.jump(365 * 86_400)
  await world.passing(async () => (await bob.agent.where(second)).state === 'expired')
})
