import { expect, it } from 'vitest'
import { type Keys, pack, unpack } from '../../src/index.ts'
import { contentAlgorithms, keyAlgorithms, signatureAlgorithms } from '../../src/jose/index.ts'
import { keys, resolver, resolverOf } from '../support.ts'
import { alice, bob, headerOf, jweOf, letter, opened, refusal, sealed } from './letters.ts'

it('GEN-02, GEN-04, SEC-06, SIG-20, G-24: what was proved is told from all layers, and only a signature can be shown to others', async () => {
  const denied = await opened(await sealed(letter(), { as: 'authcrypt' }))
  expect(denied.proof).toMatchObject({ layers: ['authcrypt'], encrypted: true, sender: { did: alice }, recipient: { did: bob } })
  expect(denied.proof.signature).toBeUndefined()
  const shown = await opened(await sealed(letter(), { as: 'anoncrypt(signed)' }))
  expect(shown.proof).toMatchObject({ layers: ['anoncrypt', 'signed'], sender: { did: alice }, signature: { did: alice } })
  const again = await unpack(shown.proof.signature?.jws ?? {}, { keys: keys.alice, resolver })
  expect(again.proof.signature?.kid).toBe(shown.proof.signature?.kid)
})

it('GEN-03, ENC-04, ENC-06, ENC-07, ES-05, 1PU-06, G-08: the algorithms are these, with these lengths', () => {
  expect(Object.keys(keyAlgorithms)).toEqual(['ECDH-ES+A256KW', 'ECDH-1PU+A256KW'])
  expect(Object.keys(contentAlgorithms)).toEqual(['A256CBC-HS512', 'A256GCM', 'XC20P'])
  expect(Object.keys(signatureAlgorithms)).toEqual(['EdDSA', 'ES256', 'ES256K'])
  expect(contentAlgorithms['A256CBC-HS512']).toMatchObject({ keyOctets: 64, ivOctets: 16, tagOctets: 32 })
})

it('GEN-05, PSI-01, PSI-02: outside of the ciphertext stand key ids and algorithms, and in anoncrypt nothing of the sender', async () => {
  for (const as of ['anoncrypt', 'anoncrypt(signed)', 'anoncrypt(authcrypt)'] as const) {
    const { protected: header, recipients, ...rest } = jweOf(await sealed(letter(), { as }))
    expect(Object.keys(rest).sort()).toEqual(['ciphertext', 'iv', 'tag'])
    expect(Object.keys(headerOf(header)).sort()).toEqual(['alg', 'apv', 'enc', 'epk', 'typ'])
    expect(JSON.stringify([headerOf(header), recipients])).not.toContain(alice)
  }
})

it('GEN-06, MED-13, ENC-09: with a sender the default is authcrypt, without one anoncrypt', async () => {
  const [proven] = await pack(letter(), { keys: keys.alice, resolver })
  expect(proven?.wrapping).toBe('authcrypt')
  const { from: _, ...anonymous } = letter()
  const [nobody] = await pack(anonymous, { keys: keys.alice, resolver })
  expect(nobody?.wrapping).toBe('anoncrypt')
  const { proof } = await opened(nobody?.envelope ?? '')
  expect(proof.sender).toBeUndefined()
})

it('GEN-07, SND-04, G-50: packing gives bytes, their media type and where to bring them', async () => {
  const document = await resolver.resolve(bob)
  const service = { id: '#service', type: 'DIDCommMessaging', serviceEndpoint: [{ uri: 'https://example.com/bob' }] }
  const withService = resolverOf({ ...document.didDocument, service: [service] }, (await resolver.resolve(alice)).didDocument ?? {})
  const [packed] = await pack(letter(), { as: 'anoncrypt(signed)', keys: keys.alice, resolver: withService })
  expect(packed).toMatchObject({
    to: bob,
    mediaType: 'application/didcomm-encrypted+json',
    endpoints: [{ uri: 'https://example.com/bob' }],
  })
})

it('GEN-08: the same bytes prove the same, however often and by whatever way they come', async () => {
  const envelope = await sealed(letter())
  const results = [await opened(envelope), await opened(JSON.parse(envelope)), await opened(new TextEncoder().encode(envelope))]
  for (const { message, proof } of results) expect({ message, proof }).toEqual({ message: results[0]?.message, proof: results[0]?.proof })
})

it('SEC-07, JOSE-07: for whom an envelope is not, no DID is resolved, and the answer says no more than that', async () => {
  const asked = resolverOf()
  const nothing: Keys = { held: () => [], agree: () => Promise.reject(new Error('asked to agree')), sign: () => new Uint8Array(64) }
  const result = unpack(await sealed(letter()), { keys: nothing, resolver: asked })
  expect(await refusal(result)).toBe('ERR_TRUST_NOT_FOR_US JOSE-07')
  expect(asked.asked).toEqual([])
})
