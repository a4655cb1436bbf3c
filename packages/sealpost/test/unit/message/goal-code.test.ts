import { expect, it } from 'vitest'
import { isDomainGoalCode, matchesGoalCode } from '../../../src/message/goal-code.ts'

it('GOAL-01: codes of others begin with a reversed domain', () => {
  expect(isDomainGoalCode('com.example.category.specific')).toBe(true)
  expect(isDomainGoalCode('org.didcomm')).toBe(true)
  for (const code of ['issue-vc', '', '.com', 'com.', 'com..x', `com.${'x'.repeat(300)}`]) expect(isDomainGoalCode(code)).toBe(false)
})

it('GOAL-02: codes are more specific to the right', () => {
  expect(matchesGoalCode('com.example.shop.buy', 'com.example')).toBe(true)
  expect(matchesGoalCode('com.example.shop.buy', 'com.example.')).toBe(true)
  expect(matchesGoalCode('com.examples.shop', 'com.example')).toBe(false)
  expect(matchesGoalCode('com.example', 'com.example.shop')).toBe(false)
})
