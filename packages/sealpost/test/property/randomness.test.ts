/** What must never come twice: content keys, initialization vectors, ephemeral keys. */

import { afterEach, expect, it, vi } from 'vitest'
import { primitives } from '#primitives'
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { decodeUtf8 } from '../../src/bytes/utf8.ts'
import { newId, pack, type Wrapping } from '../../src/envelope/index.ts'
import { alice, bob, carol, everybody, hello } from '../parties.ts'

afterEach(() => vi.restoreAllMocks())

it('C29, CEA-06, 1PU-09, SEC-09: no content key, iv or ephemeral key comes twice, also where the same message is packed again', async () => {
  const original = primitives.randomBytes
  const drawn: string[] = []
  const counting = vi.spyOn(primitives, 'randomBytes').mockImplementation((length) => {
    const octets = original.call(primitives, length)
    // The caller may wipe them: remembered as they were.
    drawn.push(encodeBase64url(octets))
    return octets
  })
  const seen = { cek: new Set<string>(), iv: new Set<string>(), epk: new Set<string>() }
  let layers = 0
  const rounds = primitives.name === 'node' ? 60 : 15
  for (let round = 0; round < rounds; round++) {
    for (const as of ['anoncrypt', 'authcrypt', 'anoncrypt(authcrypt)', 'authcrypt(signed)'] satisfies Wrapping[]) {
      for (const { envelope } of await pack(hello({ to: [bob.did, carol.did] }), { keys: alice.keys, resolver: everybody, as })) {
        const { protected: header, iv } = JSON.parse(envelope) as { protected: string; iv: string }
        const { epk } = JSON.parse(decodeUtf8(decodeBase64url(header))) as { epk: { x: string } }
        expect(seen.iv.has(iv)).toBe(false)
        expect(seen.epk.has(epk.x)).toBe(false)
        seen.iv.add(iv)
        seen.epk.add(epk.x)
        layers += as === 'anoncrypt(authcrypt)' ? 2 : 1
      }
    }
  }
  // One content key of 64 octets and one iv of 16 for each layer: drawn afresh, and never the same.
  expect(counting).toHaveBeenCalledTimes(2 * layers)
  expect(new Set(drawn).size).toBe(drawn.length)
  expect(drawn.filter((text) => text.length === 86)).toHaveLength(layers)
  // The ivs of the outermost layers are among what was drawn, so that none was made otherwise.
  const all = new Set(drawn)
  for (const iv of seen.iv) expect(all.has(iv)).toBe(true)
})

it('C29, SEC-09: a random source that repeats itself would be seen', async () => {
  vi.spyOn(primitives, 'randomBytes').mockImplementation((length) => new Uint8Array(length).fill(7))
  const ivs = new Set<string>()
  for (let i = 0; i < 2; i++) {
    const [packed] = await pack(hello(), { keys: alice.keys, resolver: everybody })
    ivs.add((JSON.parse(packed?.envelope ?? '{}') as { iv: string }).iv)
  }
  expect(ivs.size).toBe(1)
})

it('HDR-02, THR-02, D-03: ids are UUIDs of version 4 in lower case, and none comes twice', () => {
  const ids = Array.from({ length: 2000 }, newId)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(ids.length)
})
