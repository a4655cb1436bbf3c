import { type Curve, generateKey, publicJwkOf } from 'sealpost/jose'
import { describe, expect, it } from 'vitest'
import { curveOfParameters, jwkOfPoint, parametersOf, pointOf } from '../../src/ec.ts'

const all: readonly Curve[] = ['X25519', 'Ed25519', 'P-256', 'P-384', 'P-521', 'secp256k1']
/** An octet string in DER. */
const wrapped = (point: Buffer): Buffer =>
  Buffer.concat([Buffer.from(point.length < 128 ? [4, point.length] : [4, 0x81, point.length]), point])

describe('curves and points of PKCS#11', () => {
  it('a point is read bare and in an octet string, as modules differ', async () => {
    for (const crv of all) {
      const jwk = publicJwkOf(await generateKey(crv))
      const point = pointOf(jwk)
      expect(jwkOfPoint(crv, point)).toEqual(jwk)
      expect(jwkOfPoint(crv, wrapped(point))).toEqual(jwk)
    }
  })

  it('CRV-03: what is no point of the curve is not taken for one', async () => {
    const point = pointOf(publicJwkOf(await generateKey('P-256')))
    point[64] = (point[64] ?? 0) ^ 1
    expect(() => jwkOfPoint('P-256', point)).toThrow('found one that is not')
    expect(() => jwkOfPoint('X25519', Buffer.alloc(3))).toThrow('32 octets')
  })

  it('a curve is known by its identifier, and the newer ones by their names, too', () => {
    for (const crv of all) expect(curveOfParameters(parametersOf(crv))).toBe(crv)
    const name = (text: string): Buffer => Buffer.concat([Buffer.from([0x13, text.length]), Buffer.from(text)])
    expect([curveOfParameters(name('edwards25519')), curveOfParameters(name('curve25519'))]).toEqual(['Ed25519', 'X25519'])
    expect(curveOfParameters(Buffer.from('06052b81040021', 'hex'))).toBeUndefined()
  })
})
