import { expect, it } from 'vitest'
import { createAgent, type Store } from '../../src/agent/index.ts'
import { createResolver, peer } from '../../src/did/index.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'

it('REL-05: a consumer that is in the middle when the agent is closed comes to its end, and has handled nothing more', async () => {
  const agent = await createAgent({ store: memoryStore(), keys: memoryKeyStore(), resolver: createResolver([peer()]) })
  for (const name of ['a', 'b', 'c']) await agent.connect(await agent.publish(), { label: name })
  const heard: string[] = []
  for await (const { name } of agent.events({ consumer: 'app' })) {
    heard.push(name)
    await agent.close()
  }
  expect(heard).toEqual(['connected'])
})

it('REL-05: a consumer waits for the disk once for all that was there, and remembers all of it', async () => {
  const inner = memoryStore()
  let commits = 0
  const store: Store = {
    ...inner,
    close: async () => undefined,
    async commit(batch) {
      commits++
      // As a disk that takes its time.
      await new Promise((resolve) => setTimeout(resolve, 10))
      return inner.commit(batch)
    },
  }
  const options = { store, keys: memoryKeyStore(), resolver: createResolver([peer()]) }
  const agent = await createAgent(options)
  const names = Array.from({ length: 50 }, (_, index) => `n${index}`)
  for (const label of names) await agent.connect(await agent.publish(), { label })
  commits = 0
  const heard: string[] = []
  for await (const { name } of agent.events({ consumer: 'app', follow: false })) heard.push(name)
  expect(heard).toHaveLength(names.length)
  expect(commits).toBeLessThan(10)
  await agent.close()
  const again = await createAgent(options)
  for await (const { name } of again.events({ consumer: 'app', follow: false })) heard.push(name)
  expect(heard).toHaveLength(names.length)
  await again.close()
})
