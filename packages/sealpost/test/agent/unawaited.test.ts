/** Commands whose end nobody awaits. What rejects unheard fails the run, whatever the tests expect. */
import { expect, it } from 'vitest'
import { createAgent } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import type { AnyRole } from '../../src/machine/index.ts'
import { ping, trustPing } from '../../src/protocols/index.ts'
import { memoryStore } from '../../src/store/memory.ts'

const resident = () =>
  createAgent({ store: memoryStore(), keys: memoryKeyStore(), resolver: createResolver([peer()]), protocols: [trustPing] })

it('whoever does not await a command is not told by a crash that the agent was closed', async () => {
  const [alice, bob] = [await resident(), await resident()]
  const { id } = await alice.accept((await bob.invite()).invitation)
  void ping(alice, id, { timeoutSeconds: 60 }, { thid: 'unheard' })
  const awaited = ping(alice, id, { timeoutSeconds: 60 }, { thid: 'heard' })
  const sender = trustPing.roles['sender'] as AnyRole
  await expect.poll(() => alice.stateOf(id, trustPing, sender, 'heard')).toMatchObject({ at: 'waiting' })
  await Promise.all([alice.close(), expect(awaited).rejects.toMatchObject({ code: 'ERR_USAGE_CLOSED' })])
  await bob.close()
})

it('who awaits a command that was not begun is told why', async () => {
  const alice = await resident()
  await expect(ping(alice, 'nobody', { timeoutSeconds: 60 })).rejects.toMatchObject({ code: 'ERR_USAGE_NO_RECIPIENT' })
  await alice.close()
})
