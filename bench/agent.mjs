/**
 * The agent against what it is made of: a round trip in memory against the packing and unpacking that it needs, and durable messages on SQLite
 * against unpacking and committing by hand. All in one process and in turn.
 *
 *     node --expose-gc agent.mjs [--quick] [--json FILE]
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSqliteStore } from '@sealpost/node'
import { pack, unpack } from 'sealpost'
import { createAgent } from 'sealpost/agent'
import { createDidPeer2, createResolver, didCommService, keysOf, peer } from 'sealpost/did'
import { memoryKeyStore } from 'sealpost/keys/memory'
import { command, roleOf } from 'sealpost/machine'
import { memoryStore } from 'sealpost/store/memory'
import { memoryNetwork } from 'sealpost/transport/memory'

const { values: args } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })
const rounds = args.quick ? 3 : 9
const roundTrips = args.quick ? 200 : 1500
const messages = args.quick ? 500 : 4000
const text = 'x'.repeat(1024)

// A protocol of the bench: what comes is answered with as much.
const any = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } }
const { onCommand, onMessage, send } = roleOf()
const asker = {
  name: 'asker',
  initial: { at: 'ready' },
  transitions: [
    onCommand('ready', 'ask', 'asking', () => [{ at: 'asking' }, send('ping', { text })]),
    onMessage('asking', 'pong', 'answered', () => [{ at: 'answered' }]),
  ],
}
const answerer = {
  name: 'answerer',
  initial: { at: 'listening' },
  transitions: [
    onMessage('listening', 'ping', 'listening', (state, body) => [state, send('pong', body)]),
    onMessage('listening', 'note', 'listening', (state) => [state]),
  ],
}
const piuri = 'https://example.org/bench/1.0'
const protocol = { piuri, instance: 'thread', messages: { ping: any, pong: any, note: any }, roles: { asker, answerer } }
const ask = command(protocol, asker, 'ask')

const resolver = () => createResolver([peer()])
async function party(uri) {
  const store = memoryKeyStore()
  const [agreement, authentication] = [await store.generate('X25519', 'agree'), await store.generate('Ed25519', 'sign')]
  const { did, document } = createDidPeer2({
    keys: [
      { purpose: 'authentication', jwk: authentication },
      { purpose: 'keyAgreement', jwk: agreement },
    ],
    services: [didCommService({ endpoints: [{ uri }] })],
  })
  await store.name(agreement, keysOf(document, 'keyAgreement')[0].kid)
  await store.name(authentication, keysOf(document, 'authentication')[0].kid)
  return { did, keys: store.keys, resolver: resolver() }
}

const now = () => Math.floor(Date.now() / 1000)
let ids = 0
const plaintext = (name, from, to) => ({
  id: `bench-${ids++}`,
  type: `${piuri}/${name}`,
  from: from.did,
  to: [to.did],
  created_time: now(),
  body: { text },
})

async function timed(work) {
  globalThis.gc?.()
  const [cpu, start] = [process.cpuUsage(), process.hrtime.bigint()]
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { wallUs: Number(process.hrtime.bigint() - start) / 1000, cpuUs: user + system }
}

/** Runs the work so many times, with so many of them under way. */
async function inFlight(times, parallel, work) {
  let begun = 0
  const runner = async () => {
    while (begun < times) {
      const index = begun++
      await work(index)
    }
  }
  await Promise.all(Array.from({ length: parallel }, runner))
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-bench-'))
  const network = memoryNetwork()
  const agentAt = async (name, store) =>
    createAgent({
      store,
      keys: memoryKeyStore(),
      resolver: resolver(),
      transports: [network.transport(`memory:${name}`)],
      endpoints: [`memory:${name}`],
      protocols: [protocol],
    })
  const [alice, bob] = [await agentAt('alice', memoryStore()), await agentAt('bob', memoryStore())]
  const { id } = await bob.accept((await alice.invite()).invitation)
  await ask(bob, id, {})
  const [one, other] = [await party('memory:one'), await party('memory:other')]
  const exchange = async (from, to, name) => {
    const [packed] = await pack(plaintext(name, from, to), from)
    await unpack(packed.envelope, to)
  }

  const kept = await agentAt('kept', await openSqliteStore(join(folder, 'agent.db')))
  const service = await kept.publish()
  const raw = await openSqliteStore(join(folder, 'raw.db'))
  const envelopes = async (to, receiver) => {
    const made = []
    for (let i = 0; i < messages; i++)
      made.push((await pack(plaintext('note', one, { did: to }), { ...one, resolver: receiver }))[0].envelope)
    return made
  }

  const samples = {
    'pack and unpack': [],
    'agent, one after the other': [],
    'agent, 16 at once': [],
    'unpack and commit': [],
    'agent on SQLite': [],
  }
  const keep = (name, { wallUs, cpuUs }, times) => samples[name].push({ us: wallUs / times, cpuUs: cpuUs / times })
  const shared = resolver()
  for (let round = 0; round < rounds; round++) {
    keep(
      'pack and unpack',
      await timed(() =>
        inFlight(roundTrips, 1, async () => {
          await exchange(one, other, 'ping')
          await exchange(other, one, 'pong')
        }),
      ),
      roundTrips,
    )
    keep('agent, one after the other', await timed(() => inFlight(roundTrips, 1, () => ask(bob, id, {}))), roundTrips)
    keep('agent, 16 at once', await timed(() => inFlight(roundTrips, 16, () => ask(bob, id, {}))), roundTrips)
    const [toRaw, toAgent] = [await envelopes(other.did, shared), await envelopes(service, shared)]
    keep(
      'unpack and commit',
      await timed(() =>
        inFlight(messages, 64, async (index) => {
          const { message } = await unpack(toRaw[index], other)
          await raw.commit({ writes: [{ table: 'seen', key: message.id, value: { at: Date.now() } }] })
        }),
      ),
      messages,
    )
    keep(
      'agent on SQLite',
      await timed(() =>
        inFlight(messages, 64, async (index) => {
          const { taken } = await kept.receive(toAgent[index], { transport: 'bench', connection: 'once' })
          if (!taken) throw new Error('the agent did not take a message')
        }),
      ),
      messages,
    )
  }
  await Promise.all([alice.close(), bob.close(), kept.close(), raw.close()])
  await rm(folder, { recursive: true })

  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]
  const ratio = (name, base, what) => median(samples[name].map((sample, i) => sample[what] / samples[base][i][what]))
  const rows = Object.entries(samples).map(([name, list]) => {
    const base = name.includes('SQLite') || name.includes('commit') ? 'unpack and commit' : 'pack and unpack'
    const us = median(list.map((sample) => sample.us))
    return {
      name,
      us,
      cpuUs: median(list.map((sample) => sample.cpuUs)),
      perSecond: 1e6 / us,
      ratio: ratio(name, base, 'us'),
      cpuRatio: ratio(name, base, 'cpuUs'),
    }
  })
  for (const r of rows)
    console.error(
      `${r.name}: ${r.us.toFixed(0)} µs (CPU ${r.cpuUs.toFixed(0)}), ${r.perSecond.toFixed(0)} a second, ${r.ratio.toFixed(2)}× (CPU ${r.cpuRatio.toFixed(2)}×)`,
    )
  if (args.json) writeFileSync(args.json, JSON.stringify({ rows, messages, roundTrips }))
}

await main()
