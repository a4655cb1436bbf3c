/**
 * What happens in the world of a seed: they meet, then there is a storm, then all is mended and time passes until nothing is left to do.
 *
 * @module
 */
import type { Agent } from '../../src/agent/index.ts'
import type { Protocol } from '../../src/machine/index.ts'
import { calmDisk, calmWeather } from '../../src/testing/index.ts'
import { problemsOf, rememberedOf } from './checks.ts'
import { notes, questions, stories } from './protocols.ts'
import { createWorld, type Deed, type Party, retentionMilliseconds, type World } from './world.ts'

export type Outcome = {
  readonly seed: number
  /** What does not hold; empty where all does. */
  readonly problems: readonly string[]
  /** The last of what happened. */
  readonly lines: readonly string[]
  /** Steps of the clock, deeds, and lives of processes. */
  readonly steps: number
  readonly deeds: number
}

const minute = 60_000
const hour = 60 * minute
const pollMilliseconds = 10 * minute
// The worlds in which time goes on until all is forgotten: it takes long, and is the same in each.
const forgetEvery = 20
const stepsAtMost = 30_000
const patienceMilliseconds = 5 * 24 * hour

/** Lives through a seed. */
export async function simulate(seed: number, { busy }: { readonly busy?: () => boolean } = {}): Promise<Outcome> {
  const names = ['ann', 'bob', 'cid']
  const world = createWorld(seed, names, busy)
  const { clock, random } = world
  await meet(world)
  let steps = 0
  if (world.problems.length === 0) {
    const lasts = random.pick([2 * minute, hour, 30 * hour])
    begin(world, lasts)
    for (const until = clock.epochMilliseconds() + lasts; steps < stepsAtMost && (await clock.step(until)); ) steps++
    steps += await heal(world)
    if (steps >= stepsAtMost) world.problems.push(`there is no end of it: more than ${stepsAtMost} steps`)
    world.problems.push(...(await problemsOf(world)))
    if (seed % forgetEvery === 0) {
      await clock.pass(retentionMilliseconds + 2 * hour)
      world.problems.push(...(await rememberedOf(world)))
    }
  }
  return { seed, problems: world.problems, lines: world.lines, steps, deeds: world.deeds.length }
}

async function meet(world: World): Promise<void> {
  const { parties, clock } = world
  for (const party of parties) void world.boot(party)
  await clock.pass(minute)
  const done = (async () => {
    for (const [index, host] of parties.entries()) {
      const guest = parties[(index + 1) % parties.length] as Party
      const [hosts, guests] = [host.agent as Agent, guest.agent as Agent]
      const before = new Set([...host.knows.values()])
      const { invitation } = await hosts.invite()
      guest.knows.set(host.name, (await guests.accept(invitation)).id)
      tell(world, guest, host, 'note')
      await new Promise<void>((resolve) => void clock.later(minute / 2, resolve))
      for await (const { id } of hosts.contacts())
        if (!before.has(id) && ![...host.knows.values()].includes(id)) host.knows.set(guest.name, id)
    }
  })()
  done.catch((error: unknown) => world.problems.push(`they could not meet: ${String(error)}`))
  await clock.pass(4 * minute)
  for (const { name, knows } of parties) if (knows.size !== 2) world.problems.push(`${name} knows ${knows.size}`)
}

/** Gives an agent something to do. */
function tell(world: World, from: Party, to: Party, kind: Deed['kind']): void {
  const { agent, process } = from
  const peer = from.knows.get(to.name)
  if (agent === undefined || process === undefined || peer === undefined) return
  const { random, clock, deeds } = world
  const n = deeds.length + 1
  const deed: Deed = { n, kind, from, to, at: clock.epochMilliseconds(), asksAck: random.chance(0.4), kept: false }
  deeds.push(deed)
  world.log(`${from.name} tells ${to.name} ${kind} ${n}${deed.asksAck ? ' and wants an acknowledgment' : ''}`)
  const detail = { n, ack: deed.asksAck, back: random.chance(0.3) }
  const command = (protocol: Protocol, role: string, name: string, at: string, given: object, thid?: string): Promise<unknown> =>
    agent.command(protocol, protocol.roles[role] as never, peer, name, { ...detail, ...given }, { until: [at], ...(thid && { thid }) })
  const work =
    kind === 'note'
      ? random.chance(0.5)
        ? command(notes, 'writer', 'write', 'writing', {})
        : agent.send(peer, { type: `${notes.piuri}/note`, body: { n } }, { ack: deed.asksAck })
      : kind === 'chapter'
        ? command(stories, 'teller', 'tell', 'telling', {}, `story-of-${from.name}-for-${to.name}`)
        : command(questions, 'asker', 'ask', 'waiting', { patienceSeconds: random.whole(600, 43_200) })
  work.then(
    () => {
      if (!process.alive()) return
      deed.kept = true
      deed.keptAt = clock.epochMilliseconds()
      world.log(`${from.name} keeps ${n}`)
    },
    (error: unknown) => world.log(`${from.name} does not keep ${n}: ${String(error)}`),
  )
}

/** Chance decides what goes wrong in this seed, and how much; and when who does what. */
function begin(world: World, lasts: number): void {
  const { random, clock, network, parties } = world
  const often = (most: number): number => (random.chance(0.5) ? random.fraction() * most : 0)
  world.storm = random.chance(0.7)
  Object.assign(network.weather, {
    lost: often(0.3),
    answerLost: often(0.3),
    doubled: often(0.3),
    slow: often(0.3),
    breaks: often(0.2),
    shortMilliseconds: random.pick([20, 500, 5000]),
    longMilliseconds: random.pick([10_000, 10 * minute, 40 * hour]),
  })
  const faults = random.pick([0, 0, 0.02])
  for (const { disk } of parties)
    Object.assign(disk.mood, { fails: faults, lies: random.pick([0, 0, faults]), waits: 0.4, waitsMilliseconds: 30 })
  const anyTwo = (): readonly [Party, Party] => {
    const from = random.pick(parties)
    return [from, random.pick(parties.filter((party) => party !== from))]
  }
  const bursts = random.chance(0.5)
  for (let count = random.whole(8, 20); count > 0; count--) {
    const [from, to] = anyTwo()
    const kind = random.pick(['note', 'note', 'chapter', 'chapter', 'question'] as const)
    const at = random.fraction() * lasts
    for (let more = bursts ? random.whole(1, 3) : 1; more > 0; more--) clock.later(at, () => tell(world, from, to, kind))
  }
  for (let count = random.whole(0, 2); count > 0; count--) {
    const [one, other] = anyTwo()
    clock.later(random.fraction() * lasts, () => {
      world.log(`${one.name} and ${other.name} are cut off`)
      network.cut(one.uri, other.uri)
    })
    clock.later(random.fraction() * lasts, () => network.mend())
  }
  for (let count = random.whole(0, 2); count > 0; count--) {
    const [one, other] = anyTwo()
    clock.later(random.fraction() * lasts, () => {
      world.log(`${one.name} rotates for ${other.name}`)
      one.agent
        ?.rotate(one.knows.get(other.name) as string)
        .then(nothing, (error: unknown) => world.log(`${one.name} does not rotate: ${String(error)}`))
    })
  }
  for (let count = random.whole(0, 2); count > 0; count--) {
    const [one] = anyTwo()
    const at = random.fraction() * lasts
    clock.later(at, () => {
      if (!world.storm) return
      world.log(`${one.name} is killed`)
      one.process?.kill()
    })
  }
}

/** All is mended; time passes until nothing is left to do. */
async function heal(world: World): Promise<number> {
  const { clock, network, parties } = world
  world.log('all is mended')
  world.storm = false
  network.mend()
  Object.assign(network.weather, calmWeather)
  for (const party of parties) {
    Object.assign(party.disk.mood, calmDisk)
    // A process that was to die does not any more: it begins anew, with all that it forgot.
    party.process?.kill()
  }
  let steps = 0
  const end = clock.epochMilliseconds() + patienceMilliseconds
  for (let next = clock.epochMilliseconds(); next < end; ) {
    next += pollMilliseconds
    while (steps < stepsAtMost && (await clock.step(next))) steps++
    for (const { agent, disk } of parties)
      for (const { key, value } of await disk.rows('quarantine'))
        if ((value as { notBefore?: number }).notBefore === undefined) agent?.replay(key).catch(nothing)
    if (network.underWay() === 0 && (await isQuiet(parties))) return steps
  }
  world.problems.push(`it is not quiet after ${patienceMilliseconds / hour} hours`)
  return steps
}

const unfinished = ['outbox', 'tasks', 'held', 'timers', 'quarantine'] as const

async function isQuiet(parties: readonly Party[]): Promise<boolean> {
  for (const { disk, agent } of parties) {
    if (agent === undefined) return false
    for (const table of unfinished) if ((await disk.rows(table)).length > 0) return false
  }
  return true
}

const nothing = (): void => undefined
