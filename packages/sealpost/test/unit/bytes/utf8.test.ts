import { expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../../src/bytes/utf8.ts'

it('PLN-02: text of one to four octets a character, with a byte order mark and a replacement character as they were sent', () => {
  for (const text of ['', 'a', 'é', '€', '😀', '\ufeffa', '\ufffd']) expect(decodeUtf8(encodeUtf8(text))).toBe(text)
  expect([...encodeUtf8('€')]).toEqual([0xe2, 0x82, 0xac])
})

it('PLN-02: what is not UTF-8 is refused, also beside a replacement character', () => {
  for (const octets of [[0xff], [0xef, 0xbf, 0xbd, 0xff], [0xc0, 0xaf], [0xed, 0xbf, 0xbf], [0xf5, 0x80, 0x80, 0x80]])
    expect(() => decodeUtf8(Uint8Array.from(octets))).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_ENCODING', rule: 'PLN-02' }))
})
