/**
 * Multikeys: one text for each key.
 *
 * @module
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeMultibase } from '../../../src/bytes/index.ts'
import { jwkOfMultikey, multikeyOf } from '../../../src/did/index.ts'
import { jwkOfRaw } from '../../../src/did/multikey.ts'
import { isDidcommError } from '../../../src/errors.ts'

const multikeys = [
  'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
  'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p',
  'zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv',
  'z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9',
  'z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7',
  'zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
]

describe('Multikeys', () => {
  it.each(multikeys)('DOC-03: %s is read and written alike', (multikey) => {
    expect(multikeyOf(jwkOfMultikey(multikey))).toBe(multikey)
  })

  it.each([
    ['an unknown code', encodeMultibase(Uint8Array.of(0xeb, 0x01, ...new Uint8Array(48)), 'z')],
    ['a key that is too long', encodeMultibase(Uint8Array.of(0xed, 0x01, ...new Uint8Array(33)), 'z')],
    ['a key that is too short', encodeMultibase(Uint8Array.of(0xec, 0x01, ...new Uint8Array(31)), 'z')],
    ['a code that is not in its shortest form', encodeMultibase(Uint8Array.of(0xed, 0x81, 0x00, ...new Uint8Array(32)), 'z')],
    ['a point that is not on the curve', encodeMultibase(Uint8Array.of(0x80, 0x24, 2, ...new Uint8Array(32).fill(255)), 'z')],
    ['nothing', 'z'],
  ])('DOC-05: %s is refused', (_, multikey) => {
    expect(() => jwkOfMultikey(multikey)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_KEY' }))
  })

  it('DOC-05: any other text is refused, and never with another error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array({ maxLength: 80 }).map((bytes) => encodeMultibase(bytes, 'u')),
        ),
        (text) => {
          try {
            jwkOfMultikey(text)
          } catch (error) {
            expect(isDidcommError(error, 'ERR_MALFORMED_KEY', 'ERR_MALFORMED_ENCODING', 'ERR_MALFORMED_LIMIT')).toBe(true)
          }
        },
      ),
    )
  })

  it('DOC-03, CRV-03: raw points may be uncompressed, and must be on the curve', () => {
    const jwk = jwkOfMultikey('zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv')
    const octets = (text: string) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const point = [...octets(jwk.x), ...octets(jwk.y ?? '')]
    expect(jwkOfRaw('P-256', Uint8Array.of(4, ...point))).toEqual(jwk)
    for (const wrong of [Uint8Array.of(6, ...point), Uint8Array.of(4, ...point.toReversed())]) {
      expect(() => jwkOfRaw('P-256', wrong)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_KEY' }))
    }
  })
})
