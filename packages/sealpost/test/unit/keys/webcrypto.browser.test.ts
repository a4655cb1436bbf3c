import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commands } from 'vitest/browser'
import { createDidPeer4, createResolver, type DidUrl, peer } from '../../../src/did/index.ts'
import { newId, pack, unpack } from '../../../src/envelope/index.ts'
import { generateKey, publicJwkOf } from '../../../src/jose/index.ts'
import { memoryKeys } from '../../../src/keys/memory.ts'
import { openWebCryptoKeys, type WebCryptoKeys } from '../../../src/keys/webcrypto.ts'
import { keyStoreConformance } from '../../../src/testing/index.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob } from '../../parties.ts'
import type { TabSteps } from '../../tabs.ts'

const name = 'keys of tests'
const module = '/packages/sealpost/src/keys/webcrypto.ts'
const inTab = (...steps: readonly string[]): Promise<unknown> =>
  (commands as unknown as { inTab(what: TabSteps): Promise<unknown> }).inTab({ module, steps })

/** What a page with access to the database can read of it. */
async function rows(): Promise<readonly Record<string, unknown>[]> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
  })
  const read = await new Promise<readonly Record<string, unknown>[]>((resolve) => {
    const request = database.transaction('keys').objectStore('keys').getAll()
    request.onsuccess = () => resolve(request.result)
  })
  database.close()
  return read
}

const deleteDatabase = (): Promise<string> =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve('deleted')
    request.onblocked = () => resolve('blocked')
  })

let store: WebCryptoKeys
beforeEach(async () => {
  store = await openWebCryptoKeys(name)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await store.close()
  await deleteDatabase()
})

describe('openWebCryptoKeys', () => {
  const curves = ['X25519', 'Ed25519', 'P-256', 'P-384', 'P-521'] as const
  for (const [rule, run] of keyStoreConformance({ open: () => openWebCryptoKeys('conformance'), curves })) it(rule, run)

  it('CRV-10: what lies in the database cannot be exported, whether it was made or taken in', async () => {
    await store.name(await store.generate('X25519', 'agree'), 'did:example:a#1')
    await store.name(await store.generate('Ed25519', 'sign'), 'did:example:a#2')
    await store.name(await store.generate('P-256', 'sign'), 'did:example:a#3')
    for (const jwk of alice.jwks) if (jwk.crv !== 'secp256k1') await store.add(jwk)
    const found = (await rows()).flatMap(({ privateKeys }) => Object.values(privateKeys as Record<string, CryptoKey>))
    expect(found.length).toBeGreaterThan(alice.jwks.length)
    for (const key of found) {
      expect([key.type, key.extractable]).toEqual(['private', false])
      for (const format of ['jwk', 'pkcs8'] as const) await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow()
    }
    expect(JSON.stringify(await rows())).not.toContain('"d"')
  })

  it('a key that was taken in does what the same key does in memory; one of P-256 agrees and signs', async () => {
    for (const label of ['agree-x25519-1', 'agree-p-256-1', 'agree-p-384-1', 'agree-p-521-1']) {
      const key = alice.key(label)
      await store.add(key)
      const theirs = bob.method(label).jwk
      expect([...(await store.keys.agree(key.kid, theirs, true))]).toEqual([...(await alice.keys.agree(key.kid, theirs, true))])
    }
    expect((await store.keys.sign(alice.key('agree-p-256-1').kid, new Uint8Array(3))).length).toBe(64)
    const uses = (await store.list()).map(({ kid, uses: each }) => [kid.split('#')[1], each])
    expect(uses).toContainEqual(['agree-p-256-1', ['agree', 'sign']])
    expect(uses).toContainEqual(['agree-x25519-1', ['agree']])
  })

  it('CRV-05, KID-09: what does not belong together, or has a name that is taken, is not taken in', async () => {
    for (const crv of ['X25519', 'Ed25519', 'P-256', 'P-521'] as const) {
      const [one, other] = [await generateKey(crv), await generateKey(crv)]
      expect(await outcomeOf(() => store.add({ ...one, d: other.d, kid: 'did:example:a#1' }))).toBe('ERR_MALFORMED_KEY CRV-05')
    }
    const jwk = await generateKey('X25519')
    expect(await outcomeOf(() => store.add({ ...jwk, kid: 'did:example:a' }))).toBe('ERR_USAGE_ARGUMENT KID-09')
    await store.add({ ...jwk, kid: 'did:example:a#1' })
    expect(await outcomeOf(() => store.add({ ...jwk, kid: 'did:example:a#1' }))).toBe('ERR_USAGE_ARGUMENT KID-09')
    expect((await store.list()).length).toBe(1)
  })

  it('CRV-01: a curve that the browser lacks is refused by name, and nothing is made in its place', async () => {
    const [generate, imported] = [vi.spyOn(crypto.subtle, 'generateKey'), vi.spyOn(crypto.subtle, 'importKey')]
    const error = await store.generate('secp256k1', 'sign').catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'ERR_UNSUPPORTED_CURVE', rule: 'CRV-01', message: expect.stringContaining('choose P-256') })
    const jwk = await generateKey('secp256k1')
    expect(await outcomeOf(() => store.add({ ...jwk, kid: 'did:example:a#1' }))).toBe('ERR_UNSUPPORTED_CURVE CRV-01')
    expect(generate.mock.calls.filter(([, extractable]) => extractable)).toEqual([])
    expect(imported).not.toHaveBeenCalled()
    expect(await store.list()).toEqual([])
  })

  it('a key that has no name goes with the store; one that has stays', async () => {
    const [named, unnamed] = [await store.generate('P-256', 'agree'), await store.generate('P-256', 'agree')]
    await store.name(named, 'did:example:a#1')
    await store.close()
    expect(await outcomeOf(() => store.keys.held(['did:example:a#1']))).toBe('ERR_USAGE_KEY_STORE')
    store = await openWebCryptoKeys(name)
    expect(await store.list()).toEqual([{ kid: 'did:example:a#1', jwk: named, uses: ['agree'] }])
    expect(await outcomeOf(() => store.name(unnamed, 'did:example:a#2'))).toBe('ERR_USAGE_NO_KEY')
  })

  it('another tab makes the keys of a DID, is loaded anew, and still has them; so has this one', async () => {
    const make = `
      const store = await module.openWebCryptoKeys(${JSON.stringify(name)})
      return { agree: await makeKey('X25519', 'agree', 1), sign: await makeKey('Ed25519', 'sign', 2) }
      async function makeKey(crv, use, number) {
        const jwk = await store.generate(crv, use)
        await store.name(jwk, 'did:example:tab#key-' + number)
        return jwk
      }`
    const use = `
      const store = await module.openWebCryptoKeys(${JSON.stringify(name)})
      const kids = ['did:example:tab#key-1', 'did:example:tab#key-2']
      const secret = await store.keys.agree(kids[0], ${JSON.stringify(bob.method('agree-x25519-1').jwk)}, true)
      return { ...answer, held: await store.keys.held(kids), secret: [...secret], extra: typeof extra }`
    const said = (await inTab(`globalThis.extra = 1; ${make}`, use)) as {
      agree: Parameters<typeof bob.keys.agree>[1]
      held: readonly DidUrl[]
      secret: readonly number[]
      extra: string
    }
    // The page was another one: what the first had made global was gone.
    expect([said.held.length, said.extra]).toEqual([2, 'undefined'])
    expect(said.secret).toEqual([...(await bob.keys.agree(bob.key('agree-x25519-1').kid, said.agree, false))])
    expect(await store.keys.held(said.held)).toEqual(said.held)
    const here = await store.keys.agree('did:example:tab#key-1', bob.method('agree-x25519-1').jwk, true)
    expect([...here]).toEqual(said.secret)
  })

  it('what one tab names or removes, the other knows at once; of two that take one name, one gets it', async () => {
    await store.name(await store.generate('P-256', 'sign'), 'did:example:a#1')
    const answers = await inTab(`
      const store = await module.openWebCryptoKeys(${JSON.stringify(name)})
      await store.name(await store.generate('P-256', 'sign'), 'did:example:a#2')
      const again = await store.generate('P-256', 'sign')
      const taken = await store.name(again, 'did:example:a#1').catch((error) => error.code)
      return [taken, await store.remove('did:example:a#1')]`)
    expect(answers).toEqual(['ERR_USAGE_ARGUMENT', true])
    expect(await store.keys.held(['did:example:a#1', 'did:example:a#2'])).toEqual(['did:example:a#2'])
    expect(await outcomeOf(() => store.keys.sign('did:example:a#1', new Uint8Array(1)))).toBe('ERR_USAGE_NO_KEY')
  })

  it('another tab can delete the database while it is open here; what comes next finds it empty', async () => {
    await store.name(await store.generate('P-256', 'sign'), 'did:example:a#1')
    expect(await deleteDatabase()).toBe('deleted')
    expect(await store.keys.held(['did:example:a#1'])).toEqual([])
    await store.name(await store.generate('P-256', 'sign'), 'did:example:a#1')
    expect(await store.keys.held(['did:example:a#1'])).toEqual(['did:example:a#1'])
  })

  it('ADR-07: a DID of keys that were made here writes and is read, and reads what comes to its short form', async () => {
    const agree = await store.generate('X25519', 'agree')
    const sign = await store.generate('Ed25519', 'sign')
    const { did, shortForm } = createDidPeer4({
      keys: [
        { purpose: 'keyAgreement', jwk: agree },
        { purpose: 'authentication', jwk: sign },
      ],
    })
    await store.name(agree, `${did}#key-1`)
    await store.name(sign, `${did}#key-2`)
    const own = await generateKey('X25519')
    const other = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk: publicJwkOf(own) }] })
    const otherKeys = memoryKeys([{ ...own, kid: `${other.did}#key-1` }])
    const resolver = createResolver([peer()])
    await resolver.resolve(did)
    const message = { id: newId(), type: 'https://example.com/chat/1.0/text', body: {} }
    const [there] = await pack({ ...message, from: did, to: [other.did] }, { as: 'authcrypt(signed)', keys: store.keys, resolver })
    const { proof } = await unpack(there?.envelope ?? '', { keys: otherKeys, resolver })
    expect([proof.layers, proof.sender?.did]).toEqual([['authcrypt', 'signed'], did])
    const [back] = await pack({ ...message, from: other.did, to: [shortForm] }, { keys: otherKeys, resolver })
    expect((await unpack(back?.envelope ?? '', { keys: store.keys, resolver })).proof.sender?.did).toBe(other.did)
  })
})
