import { expect, it } from 'vitest'
import { simulate } from './storm.ts'

const [from, to] = [501, 1000]

it(`REL-01, REL-02, REL-04, REL-05, REL-08: in the worlds of the seeds ${from} to ${to}, each message takes effect once or is told to have failed`, {
  timeout: 600_000,
}, async () => {
  const failed: object[] = []
  for (let seed = from; seed <= to && failed.length < 3; seed++) {
    const { problems, lines } = await simulate(seed)
    if (problems.length > 0) failed.push({ seed, problems, again: `npm run simulate -- --seed ${seed}`, lines: lines.slice(-60) })
  }
  expect(failed).toEqual([])
})
