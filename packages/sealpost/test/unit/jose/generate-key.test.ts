import { expect, it } from 'vitest'
import { type Curve, checkPrivateJwk, curves, generateKey } from '../../../src/jose/index.ts'
import { memoryKeys } from '../../../src/keys/memory.ts'

it.each(Object.keys(curves) as Curve[])('CRV-01, CRV-02, SIG-03: a fresh key of %s is one, and another each time', async (crv) => {
  const [one, two] = [await generateKey(crv), await generateKey(crv)]
  expect(checkPrivateJwk(one)).toEqual(one)
  expect(one.d).not.toBe(two.d)
  expect(() => memoryKeys([{ ...one, kid: 'did:example:a#1' }])).not.toThrow()
})

it('CRV-07: there is no key of another curve', async () => {
  for (const crv of ['X448', 'P-192', 'toString', ''])
    await expect(generateKey(crv as Curve)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_CURVE' })
})
