import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type KeyEntry, openKeyFile } from '../../src/key-file.ts'

const passphrase = 'correct horse battery staple'
const work = 2 ** 14

function newKey(kid: string, crv: 'X25519' | 'Ed25519' = 'X25519'): KeyEntry {
  const formats = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } }
  const { privateKey } = generateKeyPairSync(crv.toLowerCase() as 'x25519', formats as never) as unknown as { privateKey: object }
  return { ...(privateKey as KeyEntry), kid: kid as KeyEntry['kid'] }
}

const path = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'sealpost-keys-')), 'keys.json')
const did = 'did:example:alice'
const stored = { did, createdTime: 1_700_000_000 } as const

async function newFile() {
  const at = await path()
  const file = await openKeyFile(at, { passphrase, create: true, work })
  const [agreement, signature] = [newKey(`${did}#x`), newKey(`${did}#s`, 'Ed25519')]
  await file.add({ keys: [agreement, signature], dids: [stored] })
  return { at, file, agreement, signature }
}

describe('openKeyFile', () => {
  it('keys and DIDs are there after the file is opened again, and the port works with them', async () => {
    const { at, agreement } = await newFile()
    const file = await openKeyFile(at, { passphrase })
    expect(file.list()).toEqual([`${did}#x`, `${did}#s`])
    expect(file.dids()).toEqual([stored])
    const { d: _, kid: __, ...publicJwk } = agreement
    expect(file.publicKey(`${did}#x`)).toEqual(publicJwk)
    expect(file.publicKey('did:example:bob#x')).toBeUndefined()
    expect(await file.keys.held(['did:example:bob#1', `${did}#s`])).toEqual([`${did}#s`])
    expect((await file.keys.sign(`${did}#s`, new Uint8Array(3))).length).toBe(64)
    const { d: ___, kid: ____, ...other } = newKey('did:example:bob#x')
    expect((await file.keys.agree(`${did}#x`, other, false)).length).toBe(32)
  })

  it("the file holds no key in the clear and is its owner's alone", async () => {
    const { at, agreement, signature } = await newFile()
    const text = await readFile(at, 'utf8')
    for (const secret of [agreement.d, signature.d, agreement.x, 'alice']) expect(text.includes(secret)).toBe(false)
    expect((await stat(at)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(at, '..'))).toEqual(['keys.json'])
  })

  it('a missing file is an error unless it is to be made; so are a missing folder and an empty passphrase', async () => {
    const at = await path()
    await expect(openKeyFile(at, { passphrase })).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    await expect(openKeyFile(join(at, 'no', 'keys'), { passphrase, create: true, work })).rejects.toMatchObject({
      code: 'ERR_USAGE_KEY_FILE',
    })
    await expect(openKeyFile(at, { passphrase: '', create: true })).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    expect(await readdir(join(at, '..'))).toEqual([])
  })

  it('a wrong passphrase is refused, also by `create`, and the file is as it was', async () => {
    const { at } = await newFile()
    const before = await readFile(at)
    await expect(openKeyFile(at, { passphrase: 'wrong' })).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    await expect(openKeyFile(at, { passphrase: 'wrong', create: true })).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    expect((await readFile(at)).equals(before)).toBe(true)
  })

  it('two programs that write at the same time lose nothing', async () => {
    const { at } = await newFile()
    const files = await Promise.all(Array.from({ length: 4 }, () => openKeyFile(at, { passphrase })))
    await Promise.all(files.flatMap((file, n) => [0, 1, 2].map((m) => file.add({ keys: [newKey(`${did}#${n}-${m}`)] }))))
    expect((await openKeyFile(at, { passphrase })).list()).toHaveLength(14)
    await files[0]?.add({})
    expect(files[0]?.list()).toHaveLength(14)
  })

  it('two programs that make the same file agree on one', async () => {
    const at = await path()
    const files = await Promise.all([1, 2, 3].map(() => openKeyFile(at, { passphrase, create: true, work })))
    await Promise.all(files.map((file, n) => file.add({ keys: [newKey(`${did}#${n}`)] })))
    expect((await openKeyFile(at, { passphrase })).list()).toHaveLength(3)
  })

  it('a change after the passphrase was changed under it writes nothing', async () => {
    const { at, file } = await newFile()
    const other = await path()
    await (await openKeyFile(other, { passphrase: 'another', create: true, work })).add({ keys: [newKey('did:example:bob#1')] })
    const text = await readFile(other)
    await writeFile(at, text)
    await expect(file.add({ keys: [newKey(`${did}#new`)] })).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    expect((await readFile(at)).equals(text)).toBe(true)
    expect(file.list()).toHaveLength(2)
  })

  it('a DID is removed with its keys, a key alone by its kid', async () => {
    const { at, file } = await newFile()
    await file.add({ keys: [newKey('did:example:bob#1'), newKey('did:example:bob#2')] })
    expect(await file.remove('did:example:bob#1')).toEqual(['did:example:bob#1'])
    expect(await file.remove(did)).toEqual([`${did}#x`, `${did}#s`])
    expect(await file.remove('did:example:nobody')).toEqual([])
    const again = await openKeyFile(at, { passphrase })
    expect([again.list(), again.dids()]).toEqual([['did:example:bob#2'], []])
    expect(await file.keys.held([`${did}#x`])).toEqual([])
  })

  it('CRV-05, KID-07: keys that are none are refused, and nothing is written', async () => {
    const { at, file, agreement } = await newFile()
    const before = await readFile(at)
    const good = newKey(`${did}#y`)
    const bad: readonly unknown[] = [
      { ...good, kid: did },
      { ...good, kid: 'key-1' },
      { ...good, kid: undefined },
      { ...good, d: undefined },
      { ...good, d: agreement.d },
      { ...good, x: 'AAAA' },
      { kty: 'RSA', kid: `${did}#y` },
    ]
    for (const key of bad) await expect(file.add({ keys: [key as KeyEntry] })).rejects.toThrow(/expected|belong/)
    await expect(file.add({ keys: [{ ...good, kid: agreement.kid }] })).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    await file.add({ keys: [agreement] })
    expect(file.list()).toHaveLength(2)
    expect((await readFile(at)).length).toBe(before.length)
  })
})

describe('a key file that was damaged (A05)', () => {
  let at = ''
  let whole = Buffer.alloc(0)
  beforeAll(async () => {
    at = (await newFile()).at
    whole = await readFile(at)
  })
  const refused = async (bytes: Uint8Array): Promise<void> => {
    await writeFile(at, bytes)
    await expect(openKeyFile(at, { passphrase, create: true })).rejects.toMatchObject({ name: 'DidcommError', family: 'usage' })
    expect((await readFile(at)).equals(bytes)).toBe(true)
  }

  it('cut off at any length: a clear error, and the file is not touched', async () => {
    for (let length = 0; length < whole.length - 1; length += 17) await refused(whole.subarray(0, length))
  })

  it('a bit flipped at any place: a clear error, and the file is not touched', async () => {
    for (let index = 0; index < whole.length; index += 11) {
      const flipped = Buffer.from(whole)
      flipped.writeUInt8(flipped.readUInt8(index) ^ (1 << (index % 8)), index)
      await refused(flipped)
    }
  })

  it('what a crash between the temporary file and its renaming leaves does no harm', async () => {
    await writeFile(at, whole)
    await writeFile(join(at, '..', '.keys.json.0123456789ab.tmp'), whole.subarray(0, 100))
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await writeFile(`${at}.lock`, String(pid))
    const file = await openKeyFile(at, { passphrase })
    await file.add({ keys: [newKey(`${did}#after`)] })
    expect((await openKeyFile(at, { passphrase })).list()).toHaveLength(3)
  })

  it('a file that cannot be written: a clear error, and what is in memory is what was on the disk', async () => {
    await writeFile(at, whole)
    const file = await openKeyFile(at, { passphrase })
    await rm(at)
    await expect(file.add({ keys: [newKey(`${did}#late`)] })).rejects.toThrow(/is gone: nothing was written/)
    await mkdir(at)
    await expect(file.add({ keys: [newKey(`${did}#late`)] })).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    await rm(join(at, '..'), { recursive: true })
    await expect(file.add({ keys: [newKey(`${did}#late`)] })).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    expect(file.list()).toHaveLength(2)
  })
})
