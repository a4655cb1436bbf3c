import { describe, expect, it } from 'vitest'
import { keyOf, keysOf } from '../../src/did/index.ts'
import { newId, seal, unpack } from '../../src/envelope/index.ts'
import type { Plaintext } from '../../src/message/index.ts'
import { documents, keys, resolver, resolverOf } from '../support.ts'
import { alice, bob, headerOf, jsonOf, letter, opened, refusal, sealed } from './letters.ts'

it('HDR-02, THR-02, THR-03, THR-05, THR-14, G-29, D-03: new ids are UUIDs in lower case, each another', () => {
  const ids = Array.from({ length: 1000 }, () => newId())
  expect(new Set(ids).size).toBe(1000)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

it('HDR-06: without `to` the recipient is the only one, and nothing is wrong', async () => {
  const { to: _, ...message } = letter()
  const { proof } = await opened(await sealed(message, { to: bob }))
  expect(proof.warnings).toEqual([])
  expect(proof.recipient?.did).toBe(bob)
})

it('HDR-07, ADR-02, D-02: a `to` without us is a warning, an error where it is signed or the policy is strict', async () => {
  const elsewhere = letter({ to: ['did:example:carol'] })
  const envelope = await sealed(elsewhere, { to: bob })
  expect((await opened(envelope)).proof.warnings.map(({ rule }) => rule)).toEqual(['HDR-07'])
  expect(await refusal(opened(envelope, { strict: true }))).toBe('ERR_TRUST_ADDRESSING ADR-02')
  const signer = keyOf(documents.alice, 'authentication', `${alice}#key-1`)
  const recipients = keysOf(documents.bob, 'keyAgreement').filter(({ jwk }) => jwk.crv === 'X25519')
  const signed = await seal(elsewhere, { as: 'anoncrypt(signed)', keys: keys.alice, recipients, ...(signer && { signer }) })
  expect(await refusal(opened(signed))).toBe('ERR_TRUST_ADDRESSING ADR-02')
})

it('HDR-11, HDR-12, G-25: the sender must list the key for encryption when it packs, and when it is read', async () => {
  const { keyAgreement: _, ...bare } = documents.alice
  const withoutKeys = resolverOf({ ...bare, keyAgreement: [] }, documents.bob)
  expect(await refusal(sealed(letter(), { resolver: withoutKeys }))).toBe('ERR_USAGE_NO_KEY HDR-11')
  const result = unpack(await sealed(letter()), { keys: keys.bob, resolver: withoutKeys })
  expect(await refusal(result)).toBe('ERR_TRUST_KEY HDR-12')
})

it('HDR-13, D-14: in anoncrypt `from` is a claim, and proves nothing', async () => {
  const { message, proof } = await opened(await sealed(letter({ from: 'did:example:anybody' }), { as: 'anoncrypt' }))
  expect(message.from).toBe('did:example:anybody')
  expect(proof.sender).toBeUndefined()
  expect(proof.signature).toBeUndefined()
})

it('HDR-18, D-07: an expired message opens, and says so', async () => {
  const { proof } = await opened(await sealed(letter({ expires_time: 1000 })), { nowSeconds: () => 2000 })
  expect(proof.expired).toBe(true)
})

it('HDR-20, MED-04: `body` and `typ` are written where they are missing', async () => {
  const { body: _, ...message } = letter()
  const { message: read } = await opened(await sealed(message))
  expect(read).toMatchObject({ body: {}, typ: 'application/didcomm-plain+json' })
})

it('G-30: headers keep the spelling that the text gives them', async () => {
  const spelled: Partial<Plaintext> = { 'accept-lang': ['fr'], please_ack: [''], created_time: 1, return_route: 'all' }
  const { message } = await opened(await sealed(letter(spelled)))
  expect(message).toMatchObject(spelled)
})

describe('addressing', () => {
  it('ADR-04, G-26: `from` without fragment matches a key id with one; another DID is an error and no message', async () => {
    const { proof } = await opened(await sealed(letter()))
    expect(proof.sender?.kid).toBe(`${alice}#key-x25519-1`)
    expect(await refusal(sealed(letter({ from: 'did:example:carol' }), { from: alice }))).toBe('ERR_USAGE_NO_SENDER ADR-01')
  })

  it('MED-05, SIG-03, SIG-09, G-16, G-18: the signature has `typ` protected and `kid` unprotected, for each kind of key', async () => {
    for (const [key, alg] of [
      ['key-1', 'EdDSA'],
      ['key-2', 'ES256'],
      ['key-3', 'ES256K'],
    ] as const) {
      const jws = jsonOf(await sealed(letter(), { as: 'signed', signBy: `${alice}#${key}` }))
      const [signature] = jws['signatures'] as readonly { readonly protected: string; readonly header: object }[]
      expect(headerOf(signature?.protected ?? '')).toEqual({ typ: 'application/didcomm-signed+json', alg })
      expect(signature?.header).toEqual({ kid: `${alice}#${key}` })
      expect((await opened(jws)).proof.signature?.kid).toBe(`${alice}#${key}`)
    }
  })

  it('MED-23: what is signed alone may name no recipient, and a warning says so', async () => {
    const { to: _, ...message } = letter()
    const { proof } = await unpack(await sealed(message, { as: 'signed' }), { keys: keys.bob, resolver })
    expect(proof.warnings.map(({ rule }) => rule)).toEqual(['MED-23'])
  })
})
