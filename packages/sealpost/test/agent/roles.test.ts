/** What an agent does for the roles of protocols: timers, tasks, calls, problems, languages. */

import * as v from 'valibot'
import { afterEach, expect, it } from 'vitest'
import type { Did } from '../../src/did/index.ts'
import { type Command, command, emit, type Protocol, type Role, roleOf, startTimer } from '../../src/machine/index.ts'
import { type Asker, askerRole, askFor, nudge, piuri, probe } from './probe.ts'
import { createWorld, freshId, note, quiet, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const problemType = 'https://didcomm.org/report-problem/2.0/problem-report'

/** An agent that asks, and a peer that answers as a test wants. */
async function asking(
  text = 'what?',
): Promise<{ alice: Resident; peer: RawPeer; ours: Did; thid: string; end: Promise<{ readonly at: string }> }> {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  const { id } = await alice.agent.connect(peer.did)
  const end = askFor(alice.agent, id, { text })
  end.catch(() => undefined)
  await until(() => peer.heard.length === 1)
  const message = peer.heard[0]?.message
  return { alice, peer, ours: message?.from as Did, thid: message?.id as string, end }
}

it('TMO-01: a role that waited long enough goes on by its timer, after a restart too', async () => {
  const { alice, thid, peer } = await asking()
  const again = await alice.restart()
  await world.clock.advance(59)
  expect(again.names()).not.toContain('untold')
  await world.clock.advance(2)
  await until(() => again.names().includes('untold'))
  expect(await again.agent.stateOf(peer.did, probe, askerRole, thid)).toEqual({ at: 'untold' })
  expect(await again.rows('timers')).toEqual([])
})

it('10.9: a timer that was stopped means nothing', async () => {
  const { alice, peer, ours, thid, end } = await asking()
  await peer.say(alice, ours, { type: `${piuri}/answer`, thid, body: { text: 'this' } })
  expect(await end).toEqual({ at: 'told', text: 'this' })
  await world.clock.advance(200)
  await quiet()
  expect(alice.names()).not.toContain('untold')
})

it('REL-06: a timer whose role fails is tried again a few times, and blocks no other', async () => {
  type Bomb = {
    states: { readonly at: 'calm' } | { readonly at: 'armed' }
    commands: { arm: object }
    receives: object
    sends: object
    context: undefined
    tasks: object
  }
  const { onCommand, onTimer } = roleOf<Bomb>()
  const bombRole: Role<Bomb> = {
    name: 'bomb',
    initial: { at: 'calm' },
    transitions: [
      onCommand('calm', 'arm', 'armed', () => [{ at: 'armed' }, startTimer('fuse', 10)]),
      onTimer('armed', 'fuse', 'calm', () => {
        throw new Error('it goes off')
      }),
    ],
  }
  const bomb: Protocol = { piuri: 'https://example.com/bomb/1.0', instance: 'thread', messages: {}, roles: { bomb: bombRole } }
  const arm: Command<Bomb, 'arm'> = command(bomb, bombRole, 'arm')
  const alice = await world.resident('alice', { protocols: [probe, bomb] })
  const peer = await world.raw('peer')
  const { id } = await alice.agent.connect(peer.did)
  arm(alice.agent, id, {}).catch(() => undefined)
  nudge(alice.agent, id, { afterSeconds: 11 }).catch(() => undefined)
  await until(async () => (await alice.rows('timers')).length === 2)
  await world.clock.advance(12)
  await until(() => alice.names().includes('nudged'))
  await world.clock.advance(7200)
  await until(async () => (await alice.rows('timers')).length === 0)
  expect(alice.heard.find(({ name }) => name === 'timer-failed')?.detail).toMatchObject({ timer: 'fuse', reason: 'it goes off' })
})

it('THR-01, THR-06: a role that lives for a peer and speaks by itself begins a thread of its own', async () => {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  const { id } = await alice.agent.connect(peer.did)
  await nudge(alice.agent, id, { afterSeconds: 5 })
  await world.clock.advance(6)
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message.thid).toBeUndefined()
  expect(peer.heard[0]?.message.id).toMatch(/^[0-9a-f-]{36}$/)
})

it('REL-02: a task has one key for all its tries, and its result goes on as a command', async () => {
  const keys: string[] = []
  let fails = 2
  const tasks = {
    work: ({ text }: { readonly text: string }, { key }: { readonly key: string }) => {
      keys.push(key)
      if (fails-- > 0) throw new Error('not yet')
      return { command: 'answer', detail: { text: `done: ${text}` } }
    },
  }
  const { alice, bob, toAlice } = await world.pair({ hosts: { [piuri]: { tasks: tasks as never } } })
  const end = askFor(bob.agent, toAlice, { text: 'work hard', timeoutSeconds: 1000 })
  await until(() => keys.length === 1)
  await world.clock.advance(100)
  expect(await end).toEqual({ at: 'told', text: 'done: work hard' })
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)
  expect(await alice.rows('tasks')).toEqual([])
})

it('REL-05, REL-06: a task goes on after a crash; one that never succeeds is given up, and told', async () => {
  const { alice, bob, toAlice } = await world.pair({})
  askFor(bob.agent, toAlice, { text: 'work', timeoutSeconds: 100_000 }).catch(() => undefined)
  await until(async () => (await alice.rows('tasks')).some(({ attempts }) => attempts === 1))
  alice.crash()
  let calls = 0
  const tasks = {
    work: () => {
      calls++
      throw new Error('never')
    },
  }
  const again = await alice.restart({ hosts: { [piuri]: { tasks } } })
  await world.clock.advance(10_000)
  await until(() => again.names().includes('task-failed'))
  expect(calls).toBe(4)
  expect(await again.rows('tasks')).toEqual([])
})

/** A protocol that calls the probe, and awaits what it is told. */
type Caller = {
  states: { readonly at: 'start' } | { readonly at: 'calling' } | { readonly at: 'over'; readonly how: string }
  commands: { begin: { readonly text: string } }
  receives: object
  sends: object
  context: undefined
  tasks: object
  children: { asked: typeof askFor }
}
const caller = roleOf<Caller>()
const callerRole: Role<Caller> = {
  name: 'caller',
  initial: { at: 'start' },
  transitions: [
    caller.onCommand('start', 'begin', 'calling', (_, { text }) => [{ at: 'calling' }, caller.call('asked', askFor, { text })]),
    caller.onChild('calling', 'asked', 'over', (_, child) => {
      const how = child.end === undefined ? `abandoned: ${child.abandoned}` : child.end.at === 'told' ? child.end.text : child.end.at
      return [{ at: 'over', how }, emit('over', { how })]
    }),
  ],
}
const calling: Protocol = { piuri: 'https://example.com/calling/1.0', instance: 'thread', messages: {}, roles: { caller: callerRole } }
const begin: Command<Caller, 'begin'> = command(calling, callerRole, 'begin')

it('THR-09: a protocol calls another in a thread that grew out of its own, and goes on with how that ended', async () => {
  const { alice, bob, toAlice } = await world.pair({}, { protocols: [probe, calling] })
  // Once she was heard, no invitation has to be named any more.
  await askFor(bob.agent, toAlice, { text: 'first' })
  expect(await begin(bob.agent, toAlice, { text: 'and?' })).toEqual({ at: 'over', how: 're: and?' })
  const threads = await bob.rows('threads')
  const parent = threads.find(({ instances }) => Object.values(instances).some(({ role }) => role === 'caller'))
  const child = threads.find(({ pthid }) => pthid !== undefined && pthid === parent?.thid)
  expect(Object.values(child?.instances ?? {})).toMatchObject([{ role: 'asker' }])
  expect((await alice.rows('threads')).find(({ thid }) => thid === child?.thid)?.pthid).toBe(parent?.thid)
})

it('OOB-03, THR-09: a called protocol that is the first to speak after an invitation names the invitation', async () => {
  const options = { protocols: [probe, calling] }
  const [alice, bob] = [await world.resident('alice', options), await world.resident('bob', options)]
  const { invitation } = await alice.agent.invite()
  const { id } = await bob.agent.accept(invitation)
  expect(await begin(bob.agent, id, { text: 'and?' })).toEqual({ at: 'over', how: 're: and?' })
  expect((await alice.rows('threads')).map(({ pthid }) => pthid)).toContain(invitation.id)
})

it('THR-09, CODE-02: where the child is abandoned, or runs into its timeout, its caller hears of it', async () => {
  const { bob, toAlice } = await world.pair({}, { protocols: [probe, calling] })
  expect(await begin(bob.agent, toAlice, { text: 'refuse' })).toEqual({ at: 'over', how: 'abandoned: e.p.refused' })
  const late = begin(bob.agent, toAlice, { text: 'wait' })
  await until(async () => (await bob.rows('timers')).length > 0)
  await world.clock.advance(100)
  expect(await late).toEqual({ at: 'over', how: 'untold' })
})

it('CODE-02: who awaits a protocol that the peer abandons is told by an error', async () => {
  const { bob, toAlice } = await world.pair()
  await expect(askFor(bob.agent, toAlice, { text: 'refuse' })).rejects.toMatchObject({ code: 'ERR_PEER_PROBLEM', rule: 'CODE-02' })
})

it('10.9: a message that comes out of order is reported once, and moves nothing', async () => {
  const { alice, peer, ours, thid } = await asking()
  await peer.say(alice, ours, { type: `${piuri}/answer`, thid, body: { text: 'one' } })
  const id = freshId()
  for (let i = 0; i < 2; i++) await peer.say(alice, ours, { id, type: `${piuri}/answer`, thid, body: { text: 'two' } })
  await until(() => peer.heard.length >= 2)
  expect(peer.heard[1]?.message).toMatchObject({ type: problemType, pthid: thid, body: { code: 'e.m.req.out-of-order' } })
  expect(await alice.agent.stateOf(peer.did, probe, askerRole, thid)).toEqual({ at: 'told', text: 'one' })
})

it('CSC-01, CSC-03, CSC-05, CSC-06: a thread in which too much goes wrong is answered no more', async () => {
  const alice = await world.resident('alice', { limits: { maxErrors: 3 } })
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  const thid = freshId()
  for (let i = 0; i < 8; i++) await peer.say(alice, did, { thid, type: `${piuri}/question`, body: { wrong: true } })
  await until(() => peer.heard.length === 4)
  await quiet()
  const codes = peer.bodies().map((body) => (body as { code: string }).code)
  expect(codes).toEqual(['e.m.msg.malformed', 'e.m.msg.malformed', 'e.m.msg.malformed', 'e.p.req.max-errors-exceeded'])
  await peer.say(alice, did, { thid, type: `${piuri}/question`, body: { text: 'now it is right' } })
  await quiet()
  expect(peer.heard).toHaveLength(4)
  // Another thread is another matter.
  await peer.say(alice, did, { type: `${piuri}/question`, body: { text: 'new' } })
  await until(() => peer.heard.length === 5)
})

it('CSC-04: reports that come count as well, and the one too many is answered by the end', async () => {
  const { alice, peer, ours, thid } = await asking()
  for (let i = 0; i < 10; i++) await peer.say(alice, ours, { type: problemType, pthid: thid, body: { code: 'e.m.x' } })
  await until(() => peer.heard.length === 2)
  await quiet()
  expect(peer.heard).toHaveLength(2)
  expect(peer.heard[1]?.message.body).toMatchObject({ code: 'e.p.req.max-errors-exceeded' })
})

it('WRN-01, WRN-02, WRN-03: a role that cannot live with a warning answers it by an error of the same thread', async () => {
  const strictAsker: Role<Asker> = {
    ...askerRole,
    transitions: [
      ...askerRole.transitions,
      roleOf<Asker>().onProblem('asking', 'w.m', 'untold', () => [{ at: 'untold' }, { do: 'report', code: 'e.p.refused', args: ['w'] }]),
    ],
  }
  const strict: Protocol = { ...probe, roles: { ...probe.roles, asker: strictAsker } }
  const alice = await world.resident('alice', { protocols: [strict] })
  const peer = await world.raw('peer')
  const { id } = await alice.agent.connect(peer.did)
  const end = command(strict, strictAsker, 'ask', ['untold'])(alice.agent, id, { text: 'well?' })
  await until(() => peer.heard.length === 1)
  const { id: thid, from } = peer.heard[0]?.message ?? {}
  const warning = freshId()
  await peer.say(alice, from as Did, { id: warning, type: problemType, pthid: thid as string, body: { code: 'w.m.unsure' } })
  expect((await end).at).toBe('untold')
  await until(() => peer.heard.length === 2)
  expect(peer.heard[1]?.message).toMatchObject({ type: problemType, pthid: thid, body: { code: 'e.p.refused' } })
  expect(peer.heard[1]?.message.id).not.toBe(warning)
})

it('I18-02, I18-03, I18-04: the languages of our user go with the first message, and those of the peer are kept', async () => {
  const { alice, bob, toAlice, toBob } = await world.pair({ languages: ['de'] }, { languages: ['fr', 'en'] })
  await askFor(bob.agent, toAlice, { text: 'quoi?' })
  expect((await alice.agent.contact(toBob))?.acceptLang).toEqual(['fr', 'en'])
  const thread = (await alice.rows('threads')).find(({ instances }) => Object.values(instances).some(({ role }) => role === 'answerer'))
  expect(thread?.acceptLang).toEqual(['fr', 'en'])
})

it('TRC-01, TRC-03, TRC-04: a trace is answered where the policy says so, and nowhere else', async () => {
  const posted: unknown[] = []
  const traced = await world.resident('traced', {
    traces: {
      handler: 'memory:traced',
      allowedHosts: ['trace.example'],
      post: async (url: string, report: unknown) => void posted.push([url, report]),
    } as never,
  })
  const silent = await world.resident('silent')
  const peer = await world.raw('peer')
  for (const one of [traced, silent])
    for (const host of ['trace.example', 'elsewhere.example'])
      await peer.say(one, await one.agent.publish(), { trace: `https://${host}/`, body: { text: 'secret' } })
  await quiet()
  expect(posted).toHaveLength(1)
  expect(JSON.stringify(posted)).not.toContain('secret')
})

it('EMP-01: an empty message is taken, has no effect, and is no mistake', async () => {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  await peer.say(alice, await alice.agent.publish(), { type: 'https://didcomm.org/empty/1.0/empty', body: {} })
  await quiet()
  expect(alice.names()).toEqual(['connected'])
  expect(peer.heard).toEqual([])
})

it('PRB-06, PRB-07: a report of a role has the comment of its code, and its arguments', async () => {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  await peer.say(alice, await alice.agent.publish(), { type: note, body: { text: 'refuse' } })
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message.body).toMatchObject({ code: 'e.m.refused', comment: 'Refused: {1}.', args: ['refuse'] })
  void v
})
