import { expect, it } from 'vitest'
import { encodeUtf8 } from '../../../src/bytes/utf8.ts'
import { concatKdf } from '../../../src/jose/index.ts'
import { properKdf } from '../../hostile/forge.ts'

const of = (value: number, length: number): Uint8Array => new Uint8Array(length).fill(value)

it('KWA-02, KWA-03, KWA-04, KWA-05, KWA-06: agrees with another derivation, for secrets of one length after the other', async () => {
  for (const alg of ['ECDH-ES+A256KW', 'ECDH-1PU+A256KW'] as const) {
    const [apu, apv, tag] = [alg === 'ECDH-ES+A256KW' ? of(0, 0) : encodeUtf8('did:example:a#1'), of(2, 32), of(3, 32)]
    const derive = concatKdf({ alg, apu, apv, tag: alg === 'ECDH-ES+A256KW' ? undefined : tag })
    for (const octets of [32, 48, 66, 32]) {
      const ze = of(octets, octets)
      const zs = alg === 'ECDH-ES+A256KW' ? undefined : of(octets + 1, octets)
      const kek = await derive(ze, zs)
      expect(kek).toHaveLength(32)
      expect([...kek]).toEqual([...(await properKdf({ alg, ze, zs, apu, apv, tag }))])
    }
  }
})

it('KWA-05, 1PU-02: another tag is another key; so are another `apu` and `apv`, moved by an octet', async () => {
  const base = { alg: 'ECDH-1PU+A256KW', apu: of(1, 4), apv: of(1, 4), tag: of(9, 32) } as const
  const kek = async (change: object): Promise<string> => String(await concatKdf({ ...base, ...change })(of(5, 32), of(6, 32)))
  const all = [
    {},
    { tag: of(8, 32) },
    { apu: of(1, 5), apv: of(1, 3) },
    { apu: of(1, 0) },
    { tag: undefined },
    { tag: of(9, 31) },
    { alg: 'ECDH-ES+A256KW' },
  ]
  expect(new Set(await Promise.all(all.map(kek))).size).toBe(all.length)
})
