import { describe, expect, it } from 'vitest'
import { openKeyFileText, sealKeyFile, textOf, unlockFresh } from '../../src/key-file-format.ts'

const work = 2 ** 14

describe('the format of a key file', () => {
  it('what was sealed opens with the passphrase, however the system composes its letters, and with no other', async () => {
    const text = sealKeyFile({ keys: ['x'] }, await unlockFresh('żaba\u0301 🔑', work))
    expect((await openKeyFileText(text, 'z\u0307abá 🔑')).contents).toEqual({ keys: ['x'] })
    for (const wrong of ['', 'żaba', 'żabá  🔑']) {
      await expect(openKeyFileText(text, wrong)).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    }
  })

  it('every seal has a fresh initialization vector, and nothing of the contents shows', async () => {
    const unlocked = await unlockFresh('p', work)
    const texts = Array.from({ length: 20 }, () => sealKeyFile({ secret: 'did:example:alice' }, unlocked))
    expect(new Set(texts.map((text) => JSON.parse(text).iv)).size).toBe(20)
    expect(texts.some((text) => text.includes('alice'))).toBe(false)
  })

  it('the parameters of scrypt are authenticated and bounded', async () => {
    const text = sealKeyFile({}, await unlockFresh('p', work))
    const changed = (kdf: object): string => JSON.stringify({ ...JSON.parse(text), kdf: { ...JSON.parse(text).kdf, ...kdf } })
    await expect(openKeyFileText(changed({ n: work * 2 }), 'p')).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    for (const kdf of [
      { n: 2 ** 30 },
      { n: 1 },
      { n: work + 1 },
      { n: '16384' },
      { r: 1000 },
      { p: 1e9 },
      { name: 'none' },
      { salt: 'x' },
      { extra: 1 },
    ]) {
      await expect(openKeyFileText(changed(kdf), 'p')).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    }
    await expect(unlockFresh('p', 1000)).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  })

  it('a file of a newer version, or with members more or less, is named for what it is (A05)', async () => {
    const file = JSON.parse(sealKeyFile({}, await unlockFresh('p', work)))
    const { tag: _, ...withoutTag } = file
    for (const other of [
      { ...file, version: 2 },
      { ...file, more: 1 },
      withoutTag,
      { ...file, enc: 'none' },
      { ...file, tag: 7 },
      { ...file, iv: 'AAAA' },
      [],
      7,
    ]) {
      await expect(openKeyFileText(JSON.stringify(other), 'p')).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    }
    await expect(openKeyFileText(JSON.stringify({ ...file, version: 2 }), 'p')).rejects.toThrow(/version 1, found 2/)
    expect(() => textOf(new Uint8Array([0xff]))).toThrow(/not text/)
  })
})
