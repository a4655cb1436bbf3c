import { expect, it } from 'vitest'
import { formatOf, mediaTypeOf, mediaTypeOfFile, mediaTypes, messageFileName } from '../../../src/message/media-types.ts'

it('MED-01, MED-02, MED-03: the three media types', () => {
  expect(mediaTypes).toEqual({
    plaintext: 'application/didcomm-plain+json',
    signed: 'application/didcomm-signed+json',
    encrypted: 'application/didcomm-encrypted+json',
  })
  expect(formatOf('application/didcomm-signed+json')).toBe('signed')
  expect(formatOf('didcomm-plain+json')).toBe('plaintext')
  expect(formatOf('didcomm-encrypted+json')).toBe('encrypted')
  expect(formatOf('application/json')).toBeUndefined()
})

it('MED-07: without a slash a type is in application/; parameters and case do not count', () => {
  for (const text of [
    'didcomm-encrypted+json',
    'application/didcomm-encrypted+json;charset=utf-8',
    ' APPLICATION/DIDCOMM-ENCRYPTED+JSON ; a=b',
  ]) {
    expect(mediaTypeOf(text)).toBe('application/didcomm-encrypted+json')
  }
  for (const text of ['text/didcomm-encrypted+json', 'JWM', '', 'didcomm', ';', undefined, 3, `didcomm-plain+json;${'x'.repeat(300)}`]) {
    expect(mediaTypeOf(text)).toBeUndefined()
  }
})

it('MED-11, FS-01: extensions name media types, and the other way round', () => {
  expect(mediaTypeOfFile('a.dcpm')).toBe(mediaTypes.plaintext)
  expect(mediaTypeOfFile('03--A.DCSM')).toBe(mediaTypes.signed)
  expect(mediaTypeOfFile('.dcem')).toBe(mediaTypes.encrypted)
  expect(mediaTypeOfFile('a.json')).toBeUndefined()
  expect(messageFileName('abc', mediaTypes.encrypted)).toBe('m-abc.dcem')
})

it('M21, THR-04: an id never becomes a path or a device', () => {
  expect(messageFileName('..', mediaTypes.plaintext)).toBe('m-...dcpm')
  expect(messageFileName('CON', mediaTypes.signed)).toBe('m-con.dcsm')
  expect(messageFileName('ABC', mediaTypes.signed)).toBe(messageFileName('abc', mediaTypes.signed))
})
