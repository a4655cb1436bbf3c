import { expect, it } from 'vitest'
import { decodeBase64Tolerant, decodeBase64url, encodeBase64url } from '../../../src/bytes/base64url.ts'

it('JOSE-04: the vectors of RFC 4648, without padding', () => {
  const octets = (text: string): number[] => [...text].map((character) => character.charCodeAt(0))
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ] as const) {
    expect(encodeBase64url(Uint8Array.from(octets(text)))).toBe(encoded)
    expect([...decodeBase64url(encoded)]).toEqual(octets(text))
  }
})

it('JOSE-04: a part of a larger buffer is encoded as the part that it is', () => {
  const whole = Uint8Array.from({ length: 20_000 }, (_, i) => i % 256)
  expect([...decodeBase64url(encodeBase64url(whole.subarray(100, 103)))]).toEqual([100, 101, 102])
  expect([...decodeBase64url(encodeBase64url(whole))]).toEqual([...whole])
})

it('ATT-09, G-28: the padded example of the text is read in attachments, and not in JOSE', () => {
  expect(new TextDecoder().decode(decodeBase64Tolerant('ZWVscw=='))).toBe('eels')
  expect(() => decodeBase64url('ZWVscw==')).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_ENCODING', rule: 'JOSE-04' }))
})
