import { createDidPeer4, createResolver, memoryKeys, newId, pack, peer, unpack } from 'sealpost'
import type { DidUrl, KeyStore, Keys } from 'sealpost/did'
import { generateKey, publicJwkOf } from 'sealpost/jose'
import { keyStoreConformance } from 'sealpost/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Attribute, type Cryptoki, ck, type Handle, loadPkcs11js } from '../../src/cryptoki.ts'
import { openPkcs11Keys } from '../../src/index.ts'
import { library, makeTokens, pin } from '../softhsm.ts'

const token = 'sealpost tests'
let forget: () => void
beforeAll(() => {
  forget = makeTokens(token, 'another', 'twice', 'twice')
})
afterAll(() => forget())

const open = (more: object = {}): Promise<KeyStore> => openPkcs11Keys({ library, token, pin, ...more })
const kid: DidUrl = 'did:example:hardware#key-1'

/** The module as other code of this process uses it. */
type Raw = Cryptoki & { C_CloseAllSessions(slot: Handle): void; C_Logout(session: Handle): void; C_Finalize(): void }
function raw(): { readonly cryptoki: Raw; readonly slot: Handle; openSession(): Handle } {
  const cryptoki = new (loadPkcs11js().PKCS11)() as Raw
  cryptoki.load(library)
  const slot = cryptoki.C_GetSlotList(true).find((one) => cryptoki.C_GetTokenInfo(one).label.trim() === token)
  if (slot === undefined) throw new Error(`SoftHSM has no token ${token}`)
  return { cryptoki, slot, openSession: () => cryptoki.C_OpenSession(slot, ck.CKF_SERIAL_SESSION | ck.CKF_RW_SESSION) }
}

function objectsIn(cryptoki: Raw, session: Handle, template: readonly Attribute[]): readonly Handle[] {
  cryptoki.C_FindObjectsInit(session, template)
  const found = cryptoki.C_FindObjects(session, 100)
  cryptoki.C_FindObjectsFinal(session)
  return found
}

const alwaysSensitive = 0x165
const neverExtractable = 0x164

const codeOf = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => 'done',
    (error: { code?: string; rule?: string }) => [error.code, error.rule].filter((part) => part !== undefined).join(' '),
  )

describe('openPkcs11Keys over SoftHSM', () => {
  const curves = ['X25519', 'Ed25519', 'P-256', 'P-384', 'P-521', 'secp256k1'] as const
  for (const [name, run] of keyStoreConformance({ open: () => open(), curves })) it(name, run)

  it('CRV-10: private keys are sensitive, and neither they nor what they agreed on stays readable', async () => {
    const store = await open()
    for (const [crv, use] of [
      ['P-256', 'agree'],
      ['Ed25519', 'sign'],
    ] as const) {
      const jwk = await store.generate(crv, use)
      await store.name(jwk, `did:example:hardware#${crv}`)
    }
    await store.keys.agree('did:example:hardware#P-256', publicJwkOf(await generateKey('P-256')), true)
    const { cryptoki, openSession } = raw()
    const session = openSession()
    const keys = objectsIn(cryptoki, session, [{ type: ck.CKA_CLASS, value: ck.CKO_PRIVATE_KEY }])
    expect(keys.length).toBe(2)
    for (const key of keys) {
      expect(() => cryptoki.C_GetAttributeValue(session, key, [{ type: ck.CKA_VALUE }])).toThrow('CKR_ATTRIBUTE_SENSITIVE')
      const flags = [ck.CKA_SENSITIVE, alwaysSensitive, neverExtractable, ck.CKA_EXTRACTABLE].map((type) => ({ type }))
      expect(cryptoki.C_GetAttributeValue(session, key, flags).map(({ value }) => value[0])).toEqual([1, 1, 1, 0])
    }
    expect(objectsIn(cryptoki, session, [{ type: ck.CKA_CLASS, value: ck.CKO_SECRET_KEY }])).toEqual([])
    cryptoki.C_CloseSession(session)
    for (const each of await store.list()) await store.remove(each.kid)
    await store.close()
  })

  it('a key stays when the store is closed; one without a name does not', async () => {
    const first = await open()
    const [named, unnamed] = [await first.generate('P-384', 'agree'), await first.generate('P-384', 'agree')]
    await first.name(named, kid)
    await first.close()
    expect(await codeOf(() => Promise.resolve(first.keys.held([kid])))).toBe('ERR_USAGE_KEY_STORE')
    const second = await open()
    expect(await second.list()).toEqual([{ kid, jwk: named, uses: ['agree'] }])
    expect(await codeOf(() => second.name(unnamed, 'did:example:hardware#key-2'))).toBe('ERR_USAGE_NO_KEY')
    await second.remove(kid)
    await second.close()
    const { cryptoki, openSession } = raw()
    const session = openSession()
    expect(objectsIn(cryptoki, session, [])).toEqual([])
    cryptoki.C_CloseSession(session)
  })

  it('keys that were there before are found by the labels that they have', async () => {
    const first = await open({ labels: { 'did:web:example.com#key-1': 'company key' } })
    const jwk = await first.generate('P-256', 'sign')
    await first.name(jwk, 'did:web:example.com#key-1')
    await first.close()
    const plain = await open()
    expect([await plain.keys.held(['did:web:example.com#key-1']), await plain.list()]).toEqual([[], []])
    const labelled = await open({ labels: { 'did:web:example.com#key-1': 'company key' } })
    expect(await labelled.list()).toEqual([{ kid: 'did:web:example.com#key-1', jwk, uses: ['sign'] }])
    expect(await labelled.remove('did:web:example.com#key-1')).toBe(true)
    await plain.close()
    await labelled.close()
  })

  it('where the sessions are lost, it logs in again and goes on', async () => {
    const store = await open()
    const jwk = await store.generate('P-256', 'sign')
    await store.name(jwk, kid)
    const { cryptoki, slot } = raw()
    cryptoki.C_CloseAllSessions(slot)
    expect((await store.keys.sign(kid, new Uint8Array(1))).length).toBe(64)
    cryptoki.C_CloseAllSessions(slot)
    expect(await store.keys.held([kid])).toEqual([kid])
    expect(await store.remove(kid)).toBe(true)
    await store.close()
  })

  it('where the process is no longer logged in, it does not take its keys for gone', async () => {
    const store = await open()
    await store.name(await store.generate('P-256', 'sign'), kid)
    const fresh = await open()
    const { cryptoki, slot, openSession } = raw()
    const session = openSession()
    cryptoki.C_Logout(session)
    expect(await store.keys.held([kid])).toEqual([kid])
    cryptoki.C_CloseAllSessions(slot)
    // This one had used no session yet.
    expect(await fresh.keys.held([kid])).toEqual([kid])
    await store.remove(kid)
    await store.close()
    await fresh.close()
  })

  it('where the token is away, the same call can succeed later, and a message does not count as unreadable', async () => {
    const store = await open()
    const jwk = await store.generate('X25519', 'agree')
    const { did } = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk }] })
    await store.name(jwk, `${did}#key-1`)
    const resolver = createResolver([peer()])
    const message = { id: newId(), type: 'https://example.com/chat/1.0/text', to: [did], body: {} }
    const [packed] = await pack(message, { keys: memoryKeys([]), resolver })
    const read = (keys: Keys) => unpack(packed?.envelope ?? '', { keys, resolver })
    const { cryptoki } = raw()
    cryptoki.C_Finalize()
    const error = await read(store.keys).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'ERR_STORE_FAILED', retryable: true })
    // Away between the question what is held and the agreement.
    const halfWay = await read({ ...store.keys, held: (kids) => kids }).catch((cause: unknown) => cause)
    expect(halfWay).toMatchObject({ code: 'ERR_STORE_FAILED', retryable: true })
    cryptoki.C_Initialize({ flags: ck.CKF_OS_LOCKING_OK })
    expect((await read(store.keys)).message.id).toBe(message.id)
    await store.remove(`${did}#key-1`)
    await store.close()
  })

  it('many things at once wait for the sessions that there are', async () => {
    const store = await open({ maxSessions: 2 })
    const jwk = await store.generate('P-256', 'agree')
    await store.name(jwk, kid)
    const other = await generateKey('P-256')
    const others = memoryKeys([{ ...other, kid: 'did:example:other#1' }])
    const expected = await others.agree('did:example:other#1', jwk, false)
    const results = await Promise.all(Array.from({ length: 50 }, () => store.keys.agree(kid, publicJwkOf(other), true)))
    for (const secret of results) expect([...secret]).toEqual([...expected])
    // What fails gives its turn back.
    const failures = await Promise.all(Array.from({ length: 10 }, () => codeOf(async () => store.keys.sign(kid, new Uint8Array(1)))))
    expect(new Set(failures)).toEqual(new Set(['ERR_USAGE_NO_KEY SIG-15']))
    expect(await store.keys.held([kid])).toEqual([kid])
    await store.remove(kid)
    await store.close()
  })

  it('names what does not fit: the module, the token, the PIN, the number of sessions, two keys of one label', async () => {
    expect(await codeOf(() => open({ library: '/nowhere/module.so' }))).toBe('ERR_USAGE_KEY_STORE')
    expect(await codeOf(() => open({ token: 'unknown' }))).toBe('ERR_USAGE_KEY_STORE')
    expect(await codeOf(() => open({ token: 'twice' }))).toBe('ERR_USAGE_KEY_STORE')
    expect(await codeOf(() => open({ maxSessions: 0 }))).toBe('ERR_USAGE_ARGUMENT')
    expect(await codeOf(() => open({ token: 'another', pin: 'wrong pin' }))).toBe('ERR_USAGE_PASSPHRASE')
    expect(await codeOf(() => openPkcs11Keys({ library, token: 'another' }))).toMatch(/^ERR_USAGE_(PASSPHRASE|KEY_STORE)$/)
    expect(await codeOf(() => open({ labels: { 'did:example:a': 'no fragment' } }))).toBe('ERR_USAGE_ARGUMENT KID-09')
    // Two labels that lead to one: as if others had given the label twice.
    const store = await open()
    for (const label of ['did:example:one#1', 'did:example:two#1'] as const) await store.name(await store.generate('P-256', 'sign'), label)
    const { cryptoki, openSession } = raw()
    const session = openSession()
    for (const key of objectsIn(cryptoki, session, [{ type: ck.CKA_CLASS, value: ck.CKO_PRIVATE_KEY }]))
      cryptoki.C_SetAttributeValue(session, key, [{ type: ck.CKA_LABEL, value: kid }])
    cryptoki.C_CloseSession(session)
    expect(await codeOf(() => Promise.resolve(store.keys.sign(kid, new Uint8Array(1))))).toBe('ERR_USAGE_KEY_STORE')
    expect(await store.remove(kid)).toBe(true)
    expect(await store.list()).toEqual([])
    await store.close()
  })

  it('ADR-07: a DID whose keys are in the token is found by its short form', async () => {
    const store = await open()
    const jwk = await store.generate('X25519', 'agree')
    const { did, shortForm } = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk }] })
    await store.name(jwk, `${did}#key-1`)
    expect(await store.list()).toEqual([{ kid: `${shortForm}#key-1`, jwk, uses: ['agree'] }])
    await store.remove(`${did}#key-1`)
    await store.close()
  })
})
