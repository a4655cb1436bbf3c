import { expect, it } from 'vitest'
import { keysOf } from '../../src/did/index.ts'
import { apvOf, unpack } from '../../src/envelope/index.ts'
import { DidcommError, errorCodes } from '../../src/errors.ts'
import { signJws } from '../../src/jose/index.ts'
import { encryptJwe, jweHeader } from '../../src/jose/jwe.ts'
import { documents, keys, resolverOf } from '../support.ts'
import { alice, encoded, jsonOf, letter, opened, refusal, sealed } from './letters.ts'

type Signed = { readonly payload: string; readonly signatures: readonly { readonly protected: string; readonly signature: string }[] }
const signedLetter = async (): Promise<Signed> => JSON.parse(await sealed(letter(), { as: 'signed' }))

it('SIG-04, SIG-05: signing takes a key that the document lists for signatures', async () => {
  expect(await refusal(sealed(letter(), { as: 'signed', signBy: `${alice}#key-x25519-1` }))).toBe('ERR_USAGE_NO_KEY SIG-04')
  const unnamed = signJws(JSON.stringify(letter()), 'application/didcomm-signed+json', {
    kid: alice,
    alg: 'EdDSA',
    sign: (data) => keys.alice.sign(`${alice}#key-1`, data),
  })
  expect(await refusal(opened(await unnamed))).toBe('ERR_MALFORMED_ENVELOPE SIG-05')
})

it('SIG-06: the signature is over the bytes as they came, white space too', async () => {
  const sign = (data: Uint8Array) => keys.alice.sign(`${alice}#key-1`, data)
  const spaced = `${JSON.stringify(letter(), null, 2)}\n`
  const { payload, signatures }: Signed = JSON.parse(
    await signJws(spaced, 'application/didcomm-signed+json', { kid: `${alice}#key-1`, alg: 'EdDSA', sign }),
  )
  expect((await opened({ payload, signatures })).message).toEqual(letter())
  expect(await refusal(opened({ payload: encoded(letter()), signatures }))).toBe('ERR_TRUST_SIGNATURE SIG-17')
})

it('SIG-07: a compact JWS is no signed message', async () => {
  const { payload, signatures } = await signedLetter()
  const compact = `${signatures[0]?.protected}.${payload}.${signatures[0]?.signature}`
  expect(await refusal(opened(compact))).toBe('ERR_MALFORMED_ENVELOPE SIG-07')
})

it('D-04, SIG-10: two signatures are one too many', async () => {
  const { payload, signatures } = await signedLetter()
  expect(await refusal(opened({ payload, signatures: [...signatures, ...signatures] }))).toBe('ERR_TRUST_SIGNATURE SIG-10')
})

it('SIG-11, SIG-12, G-27: who may sign is asked before the signature, and for no stranger at all', async () => {
  const { payload, signatures } = await signedLetter()
  const broken = signatures.map((one) => ({ ...one, signature: 'A'.repeat(86) }))
  const { authentication: _, ...bare } = documents.alice
  const unlisted = resolverOf({ ...bare, authentication: [] })
  expect(await refusal(unpack({ payload, signatures: broken }, { keys: keys.bob, resolver: unlisted }))).toBe('ERR_TRUST_KEY SIG-11')
  const nobody = resolverOf()
  const forged = { payload, signatures: signatures.map((one) => ({ ...one, header: { kid: 'did:web:attacker.example#key-1' } })) }
  expect(await refusal(unpack(forged, { keys: keys.bob, resolver: nobody }))).toBe('ERR_TRUST_ADDRESSING ADR-03')
  expect(nobody.asked).toEqual([])
})

it('SIG-13, SIG-01: what must be non-repudiable is signed, and then encrypted', async () => {
  const { proof } = await opened(await sealed(letter(), { as: 'authcrypt(signed)' }))
  expect(proof.layers).toEqual(['authcrypt', 'signed'])
  expect(jsonOf(JSON.stringify(proof.signature?.jws))).toHaveProperty('signatures')
})

it('MED-18, MED-19, MED-17: an onion ends at the first layer that must not be there, and a signature around an encryption is one', async () => {
  const sign = (data: Uint8Array) => keys.alice.sign(`${alice}#key-1`, data)
  const around = await signJws(await sealed(letter()), 'application/didcomm-signed+json', { kid: `${alice}#key-1`, alg: 'EdDSA', sign })
  expect(await refusal(opened(around))).toBe('ERR_MALFORMED_ENVELOPE MED-17')
  const recipients = keysOf(documents.bob, 'keyAgreement').filter(({ jwk }) => jwk.crv === 'X25519')
  const apv = await apvOf(recipients.map(({ kid }) => kid))
  let onion = await sealed(letter(), { as: 'anoncrypt' })
  for (let layer = 0; layer < 5; layer++)
    onion = await encryptJwe(onion, jweHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', apv }, {}), { recipients })
  expect(await refusal(opened(onion))).toBe('ERR_MALFORMED_ENVELOPE MED-17')
})

it('SEC-08, D-10: errors that would tell a stranger too much have no problem code', () => {
  for (const code of ['ERR_TRUST_NOT_FOR_US', 'ERR_DELIVERY_BLOCKED', 'ERR_USAGE_NO_KEY'] as const) {
    expect(new DidcommError(code, 'a sentence').problem).toBeUndefined()
  }
  expect(errorCodes.ERR_TRUST_DECRYPT.problem).toBe('e.m.trust.crypto')
})

it('ADR-06, ADR-05: keys of two DIDs are no recipients of one envelope', async () => {
  const jwe = jsonOf(await sealed(letter()))
  const [first, ...rest] = jwe['recipients'] as readonly { readonly header: object }[]
  const mixed = [{ ...first, header: { kid: 'did:example:carol#key-1' } }, ...rest]
  expect(await refusal(opened({ ...jwe, recipients: mixed }))).toBe('ERR_TRUST_ADDRESSING ADR-06')
})
