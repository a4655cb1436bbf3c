import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DidUrl } from 'sealpost/did'
import { keyStoreConformance } from 'sealpost/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyFileStore, openKeyFile } from '../../src/index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'key-file-store-'))
})
afterAll(() => rm(folder, { recursive: true }))

const open = (name: string) => openKeyFile(join(folder, name), { passphrase: 'correct horse', create: true, work: 2 ** 14 })

describe('keyFileStore', () => {
  const curves = ['X25519', 'Ed25519', 'P-256', 'P-384', 'P-521', 'secp256k1'] as const
  const suite = keyStoreConformance({ open: async () => keyFileStore(await open('conformance.json')), curves })
  for (const [name, run] of suite) it(name, run)

  it('what it named is in the file for whoever opens it next, and what it removed is not', async () => {
    const [one, two]: DidUrl[] = ['did:example:a#1', 'did:example:a#2']
    const file = await open('keys.json')
    const store = keyFileStore(file)
    for (const kid of [one, two] as DidUrl[]) await store.name(await store.generate('X25519', 'agree'), kid)
    await store.remove(one as DidUrl)
    await store.close()
    expect([file.list(), (await open('keys.json')).list()]).toEqual([[two], [two]])
  })
})
