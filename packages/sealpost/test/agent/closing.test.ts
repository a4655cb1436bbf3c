import { expect, it } from 'vitest'
import { createAgent } from '../../src/agent/index.ts'
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
