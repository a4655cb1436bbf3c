import { expect, it } from 'vitest'
import {
  decodeBase58btc,
  decodeMultibase,
  encodeBase58btc,
  encodeMultibase,
  encodeVarint,
  multicodecs,
  readVarint,
} from '../../../src/bytes/multibase.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

it('DOC-03: base58btc as its draft has it', () => {
  for (const [text, encoded] of [
    ['Hello World!', '2NEpo7TZRRrLZSi2U'],
    ['The quick brown fox jumps over the lazy dog.', 'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z'],
    ['\0\0(\x7f\xb4\xcd', undefined],
  ] as const) {
    if (encoded === undefined) continue
    expect(encodeBase58btc(utf8(text))).toBe(encoded)
    expect([...decodeBase58btc(encoded)]).toEqual([...utf8(text)])
  }
  expect(encodeBase58btc(Uint8Array.of(0, 0, 0x28, 0x7f, 0xb4, 0xcd))).toBe('11233QC4')
  expect([encodeBase58btc(new Uint8Array(0)), encodeBase58btc(new Uint8Array(2))]).toEqual(['', '11'])
})

it('DOC-03, DOC-05: multibase by its prefix; others are refused', () => {
  expect([encodeMultibase(utf8('a'), 'z'), encodeMultibase(utf8('a'), 'u')]).toEqual(['z2g', 'uYQ'])
  for (const text of ['z2g', 'uYQ']) expect([...decodeMultibase(text)]).toEqual([97])
  for (const text of ['', '2g', 'Z2g', 'mYQ', 'z0', 'zé', 'z😀'])
    expect(() => decodeMultibase(text)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_ENCODING' }))
})

it('DOC-03: varints as multicodec writes them', () => {
  expect([...encodeVarint(multicodecs['x25519-pub'])]).toEqual([0xec, 0x01])
  expect([...encodeVarint(multicodecs['p256-pub'])]).toEqual([0x80, 0x24])
  expect(readVarint(Uint8Array.of(0x80, 0x24, 9))).toEqual({ value: 0x1200, length: 2 })
  expect(() => readVarint(Uint8Array.of(0x81, 0x80, 0x80, 0x80, 0x01))).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_ENCODING' }))
})
