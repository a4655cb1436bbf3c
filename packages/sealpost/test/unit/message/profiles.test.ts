import { expect, it } from 'vitest'
import { chooseProfile, definedProfiles, parseProfile, profileV2, sameProfile } from '../../../src/message/profiles.ts'
import { refused } from './refused.ts'

it('PRF-01: the defined profiles are understood', () => {
  expect(definedProfiles).toEqual(['didcomm/aip1', 'didcomm/aip2;env=rfc19', 'didcomm/aip2;env=rfc587', 'didcomm/v2'])
  expect(definedProfiles).toContain(profileV2)
  expect(parseProfile('didcomm/aip2;env=rfc587')).toEqual({ name: 'didcomm/aip2', parameters: new Map([['env', 'rfc587']]) })
  for (const id of ['', 'didcomm', 'didcomm/', '/v2', 'didcomm/v2;x', 'a b/c', 1, null, `didcomm/${'x'.repeat(300)}`])
    expect(parseProfile(id)).toBeUndefined()
})

it('PRF-05: order of parameters and case of their names do not count', () => {
  expect(sameProfile('didcomm/aip2;env=rfc587;a=b', 'didcomm/aip2; A=b; ENV=rfc587')).toBe(true)
  expect(sameProfile('didcomm/aip2;env=rfc587', 'didcomm/aip2;env=rfc19')).toBe(false)
  expect(sameProfile('didcomm/aip2;env=rfc587', 'didcomm/aip2')).toBe(false)
  expect(sameProfile('', '')).toBe(false)
})

it('PRF-02, PRF-03, PRF-04: the first of theirs that we speak', () => {
  expect(chooseProfile(['didcomm/aip2;env=rfc587', 'didcomm/v2'])).toBe('didcomm/v2')
  expect(chooseProfile(['didcomm/aip1', 'didcomm/v2'], ['didcomm/v2', 'didcomm/aip1'])).toBe('didcomm/aip1')
  expect(chooseProfile(['something/unknown', 3, 'didcomm/v2'])).toBe('didcomm/v2')
})

it('PRF-06, O10: silence leaves the choice to us, and nothing in common is an error', () => {
  expect(chooseProfile(undefined)).toBe('didcomm/v2')
  expect(chooseProfile([])).toBe('didcomm/v2')
  expect(refused(() => chooseProfile(['didcomm/aip1']))).toBe('ERR_UNSUPPORTED_PROFILE PRF-06')
})
