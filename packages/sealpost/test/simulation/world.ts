/**
 * The world of a seed: who is there, on which disks, over which network; processes that die and come back; what everybody has done.
 *
 * @module
 */
import { type Agent, createAgent } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import type { KeyStore } from '../../src/did/keys.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import {
  calmDisk,
  calmWeather,
  type SeededRandom,
  type SimulatedClock,
  type SimulatedDisk,
  type SimulatedNetwork,
  type SimulatedProcess,
  seededRandom,
  simulatedClock,
  simulatedDisk,
  simulatedNetwork,
  simulatedProcess,
} from '../../src/testing/index.ts'
import { notes, questions, stories } from './protocols.ts'

/** Something that an agent was told to do, with a number of its own. */
export type Deed = {
  readonly n: number
  readonly kind: 'note' | 'chapter' | 'question'
  readonly from: Party
  readonly to: Party
  readonly at: number
  readonly asksAck: boolean
  /** Whether the agent said that it keeps it: from then on it must not be lost. */
  kept: boolean
  keptAt?: number
}

/** An agent, and what outlives its process. */
export type Party = {
  readonly name: string
  readonly uri: string
  readonly disk: SimulatedDisk
  readonly keys: KeyStore
  readonly connection: 'once' | 'lasting'
  /** The relationships it has, by the name of the other. */
  readonly knows: Map<string, string>
  /** The events that its application has seen. */
  readonly heard: Set<string>
  process: SimulatedProcess | undefined
  agent: Agent | undefined
}

export type World = {
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly network: SimulatedNetwork
  readonly parties: readonly Party[]
  readonly deeds: Deed[]
  readonly problems: string[]
  readonly log: (line: string) => void
  readonly lines: readonly string[]
  /** While there is a storm, processes die and hosts fail. */
  storm: boolean
  readonly boot: (party: Party) => Promise<void>
}

const linesKept = 400
const day = 86_400

/** After so long, nothing of what ended is remembered. */
export const retentionMilliseconds: number = 6 * day * 1000

/** Bounds that let days pass in few steps. */
const limits = { retentionSeconds: retentionMilliseconds / 1000, horizonSeconds: 3 * day, maxBackoffSeconds: 3600 } as const

export function createWorld(seed: number, names: readonly string[], busy?: () => boolean): World {
  const random = seededRandom(seed)
  const ties = random.fork('ties')
  const clock = simulatedClock({ order: ties.fraction, ...(busy && { busy }) })
  const network = simulatedNetwork(clock, random.fork('network'), { ...calmWeather })
  const start = clock.epochMilliseconds()
  const lines: string[] = []
  const log = (line: string): void => {
    lines.push(`${((clock.epochMilliseconds() - start) / 1000).toFixed(3).padStart(11)} ${line}`)
    if (lines.length > linesKept) lines.shift()
  }
  const parties = names.map(
    (name): Party => ({
      name,
      uri: `sim:${name}`,
      disk: simulatedDisk(clock, random.fork(`disk of ${name}`), { ...calmDisk }),
      keys: memoryKeyStore(),
      connection: random.chance(0.3) ? 'lasting' : 'once',
      knows: new Map(),
      heard: new Set(),
      process: undefined,
      agent: undefined,
    }),
  )
  const world: World = { clock, random, network, parties, deeds: [], problems: [], log, lines, storm: false, boot }

  /** Begins a process of the party, until it dies: then it is begun again, after a while. */
  async function boot(party: Party): Promise<void> {
    if (party.process?.alive()) return
    const process = world.storm
      ? simulatedProcess({ diesAtCall: 1 + Math.floor(-Math.log(1 - random.fraction()) * 150), after: random.chance(0.5) })
      : simulatedProcess()
    party.process = process
    party.agent = undefined
    process.onDeath(() => {
      log(`${party.name} dies at call ${process.calls()}`)
      if (party.process === process) party.agent = undefined
      const seconds = world.storm && random.chance(0.2) ? random.whole(60, 36_000) : random.whole(0, 60)
      clock.later(seconds * 1000, () => void boot(party))
    })
    try {
      const agent = await createAgent(optionsOf(world, party, process))
      if (!process.alive()) return
      party.agent = agent
      log(`${party.name} is up`)
      void hear(world, party, agent, process)
    } catch (error) {
      log(`${party.name} cannot begin: ${String(error)}`)
      process.kill()
    }
  }
  return world
}

function optionsOf(world: World, party: Party, process: SimulatedProcess) {
  const { clock, random, network } = world
  const noted = (event: string, detail: object): void => world.log(`${party.name} notes: ${event} ${JSON.stringify(detail).slice(0, 160)}`)
  const own = random.fork(`${party.name} ${random.fraction()}`)
  return {
    store: party.disk.open(process),
    keys: process.keys(party.keys),
    resolver: createResolver([peer()]),
    transports: [network.transport(party.uri, process, { connection: party.connection })],
    endpoints: [party.uri],
    clock: process.clock(clock),
    random: own,
    limits,
    logger: { debug: nothing, info: noted, warn: noted, error: noted },
    protocols: [notes, stories, questions],
    hosts: {
      [notes.piuri]: {
        context: () => {
          if (world.storm && own.chance(0.03)) throw new Error('the host of the simulation failed')
          return undefined
        },
      },
      [questions.piuri]: {
        tasks: {
          think: ({ n }: { readonly n: number }) =>
            process.call(async () => {
              await new Promise<void>((resolve) => void clock.later(own.fraction() * 5000, resolve))
              if (world.storm && own.chance(0.1)) throw new Error('the host of the simulation failed')
              return { command: 'say', detail: { n } }
            }),
        },
      },
    },
  }
}

/** What the application hears, after a crash from where it was. */
async function hear(world: World, party: Party, agent: Agent, process: SimulatedProcess): Promise<void> {
  try {
    for await (const event of agent.events({ consumer: 'application' })) {
      if (!process.alive()) return
      party.heard.add(event.cursor)
      world.log(`${party.name} hears ${event.name} ${JSON.stringify(event.detail).slice(0, 120)}`)
    }
  } catch (error) {
    world.log(`${party.name} hears no more: ${String(error)}`)
    world.clock.later(5_000, () => process.alive() && void hear(world, party, agent, process))
  }
}

const nothing = (): void => undefined
