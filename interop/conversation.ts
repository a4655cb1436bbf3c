/**
 * Agents that talk: one of ours, and one of Identus behind a mediator of ours, over HTTP. `--install` installs it first.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type AgentOptions, createAgent, type NewDid, newPeerDid } from 'sealpost/agent'
import { createDidPeer2, createResolver, type Did, didCommService, peer } from 'sealpost/did'
import { memoryKeyStore } from 'sealpost/keys/memory'
import { basicMessage, sendMessage } from 'sealpost/protocols/basicmessage'
import { memoryStore } from 'sealpost/store/memory'
import { testMediator } from 'sealpost/testing'
import { listenTransport, nodeHttpTransport } from '../packages/node/src/index.ts'
import { freePort } from '../packages/node/test/fixtures/parcels.ts'
import { type IdentusPerson, startIdentus } from './peers/identus-sdk/agent.ts'

const install = 'sh interop/peers/identus-sdk/install.sh'
const wordsType = `${basicMessage.piuri}/message`
const patienceSeconds = 15

/** The SDK reads one endpoint as an object alone, and answers nobody whose DID has an array. */
const objectDid: NewDid = ({ agreement, authentication }, [first]) =>
  createDidPeer2({
    keys: [
      { purpose: 'keyAgreement', jwk: agreement },
      { purpose: 'authentication', jwk: authentication },
    ],
    ...(first !== undefined && { services: [didCommService({ endpoints: [first], form: 'object' })] }),
  })

async function optionsOf(newDid: NewDid): Promise<AgentOptions & { readonly endpoints: readonly string[] }> {
  const port = await freePort()
  return {
    store: memoryStore(),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    transports: [nodeHttpTransport({ allowLoopback: true, schemes: ['http'] }), listenTransport({ port, graceSeconds: 0.1 })],
    endpoints: [`http://127.0.0.1:${port}/`],
    newDid,
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + patienceSeconds * 1000; !holds(); await new Promise((next) => setTimeout(next, 50)))
    if (performance.now() > end) throw new Error(`${what} did not come within ${patienceSeconds} seconds`)
}

/** We write, and it answers. */
async function talk(bob: IdentusPerson, newDid: NewDid): Promise<void> {
  const alice = await createAgent({ ...(await optionsOf(newDid)), protocols: [basicMessage] })
  try {
    const words: unknown[] = []
    alice.on('message', ({ detail }) => words.push(detail['content']))
    const { id } = await alice.connect(bob.did as Did)
    const before = bob.heard(wordsType).length
    await sendMessage(alice, id, { content: 'Hello' })
    await until(() => bob.heard(wordsType).length > before, 'our message')
    const came = bob.heard(wordsType).at(-1)
    if (came?.body['content'] !== 'Hello') throw new Error(`other words came: ${JSON.stringify(came?.body)}`)
    await bob.answer(came, wordsType, { content: 'Welcome' })
    await until(() => words.length > 0, 'its answer')
    if (words[0] !== 'Welcome') throw new Error(`other words came: ${JSON.stringify(words)}`)
  } finally {
    await alice.close()
  }
}

/** Both of our forms of an endpoint: that the array fails is known. */
async function conversations(): Promise<boolean> {
  const mediator = await testMediator({ ...(await optionsOf(objectDid)) } as Parameters<typeof testMediator>[0])
  const bob = await startIdentus(mediator.did)
  console.log('identus-sdk 7.0.0 | mediation by coordinate-mediation 2.0, and a DID behind the mediator | ok')
  let isAsExpected = true
  for (const [name, newDid, isExpected] of [
    ['object', objectDid, true],
    ['array', newPeerDid, false],
  ] as const) {
    const outcome = await talk(bob, newDid).then(
      () => 'ok',
      (error: unknown) => `${isExpected ? 'fails' : 'cannot'}: ${error instanceof Error ? error.message : String(error)}`,
    )
    console.log(`identus-sdk 7.0.0 | basic messages both ways, our endpoint as an ${name} | ${outcome}`)
    isAsExpected &&= (outcome === 'ok') === isExpected
  }
  await bob.close()
  await mediator.agent.close()
  return isAsExpected
}

const { values: options } = parseArgs({ options: { install: { type: 'boolean' } } })
const root = new URL('..', import.meta.url)
if (options.install) spawnSync('sh', install.split(' ').slice(1), { cwd: root, stdio: 'inherit' })
if (!existsSync(new URL('.work/identus-sdk/node_modules/@hyperledger/identus-sdk', import.meta.url))) {
  console.log(`identus-sdk 7.0.0 | not installed: ${install}`)
} else {
  // The SDK goes on fetching after it was stopped.
  process.exit((await conversations()) ? 0 : 1)
}
