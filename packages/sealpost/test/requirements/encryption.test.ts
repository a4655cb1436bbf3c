import { expect, it } from 'vitest'
import { createDidPeer2, keysOf, peer } from '../../src/did/index.ts'
import { apvOf, layersOf, pack, seal, unpack, type Wrapping } from '../../src/envelope/index.ts'
import { createResolver } from '../../src/index.ts'
import {
  type AgreementCurve,
  concatKdf,
  generateKey,
  type KeyAlgorithm,
  type PublicJwk,
  publicJwkOf,
  signJws,
} from '../../src/jose/index.ts'
import { encryptJwe, jweHeader } from '../../src/jose/jwe.ts'
import { memoryKeys } from '../../src/keys/memory.ts'
import { documents, keys, resolver } from '../support.ts'
import { bob, encoded, headerOf, jweOf, letter, opened, refusal, sealed } from './letters.ts'

it('MED-06, 1PU-01, 1PU-03, 1PU-04, 1PU-08, ES-01, ES-03, ES-04: what stands in the protected header', async () => {
  const authcrypt = headerOf(jweOf(await sealed(letter())).protected)
  expect(Object.keys(authcrypt).sort()).toEqual(['alg', 'apu', 'apv', 'enc', 'epk', 'skid', 'typ'])
  expect(authcrypt).toMatchObject({ alg: 'ECDH-1PU+A256KW', typ: 'application/didcomm-encrypted+json', epk: { crv: 'X25519' } })
  expect(atob(String(authcrypt['apu']).replaceAll('-', '+').replaceAll('_', '/'))).toBe(authcrypt['skid'])
  expect(authcrypt['apu']).not.toBe(authcrypt['apv'])
  const anoncrypt = headerOf(jweOf(await sealed(letter(), { as: 'anoncrypt' })).protected)
  expect(anoncrypt).not.toHaveProperty('apu')
  expect(anoncrypt).not.toHaveProperty('skid')
})

it('1PU-05, ENC-01, ENC-03, KID-01, KID-02, DOC-01, G-01, G-02: all keys of the DID on one curve, and `apv` of these alone', async () => {
  const { recipients, protected: header } = jweOf(await sealed(letter()))
  const kids = recipients.map(({ header: { kid } }) => kid)
  expect(kids).toEqual([1, 2, 3].map((n) => `${bob}#key-x25519-${n}`))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode([...kids].sort().join('.'))))
  const apv = btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  expect(headerOf(header)['apv']).toBe(apv)
})

it('1PU-09, CEA-06: two envelopes of one message share no ephemeral key, IV or wrapped key', async () => {
  const [one, two] = [jweOf(await sealed(letter())), jweOf(await sealed(letter()))]
  expect(headerOf(one.protected)['epk']).not.toEqual(headerOf(two.protected)['epk'])
  expect(one['iv']).not.toBe(two['iv'])
  expect(one.recipients[0]?.encrypted_key).not.toBe(two.recipients[0]?.encrypted_key)
})

it('ENC-02, SND-01: for two DIDs one envelope each, of the same message, signed once', async () => {
  const carol = await partyOn('X25519')
  const everybody = createResolver([peer(), { method: 'example', resolve: (did) => resolver.resolve(did) }])
  const message = letter({ to: [bob, carol.did] })
  const packed = await pack(message, { as: 'anoncrypt(signed)', keys: keys.alice, resolver: everybody })
  expect(packed.map(({ to }) => to)).toEqual([bob, carol.did])
  const forBob = await unpack(packed[0]?.envelope ?? '', { keys: keys.bob, resolver: everybody })
  const forCarol = await unpack(packed[1]?.envelope ?? '', { keys: carol.keys, resolver: everybody })
  expect(forCarol.proof.signature?.jws).toEqual(forBob.proof.signature?.jws)
  expect(packed[0]?.envelope).not.toBe(packed[1]?.envelope)
})

it('G-48, G-49, CRV-08: the first curve of X25519, P-384, P-256, P-521 that both have', async () => {
  const onP256 = await partyOn('P-256', 'P-521')
  const onBoth = await partyOn('P-521', 'P-256', 'X25519')
  const peers = createResolver([peer()])
  const message = { ...letter(), from: onP256.did, to: [onBoth.did] }
  const [packed] = await pack(message, { keys: onP256.keys, resolver: peers })
  expect(headerOf(jweOf(packed?.envelope ?? '').protected)['epk']).toMatchObject({ crv: 'P-256' })
  const [anonymous] = await pack(message, { as: 'anoncrypt', keys: onP256.keys, resolver: peers })
  expect(headerOf(jweOf(anonymous?.envelope ?? '').protected)['epk']).toMatchObject({ crv: 'X25519' })
  const onP384 = await partyOn('P-384')
  const apart = pack({ ...message, to: [onP384.did] }, { keys: onP256.keys, resolver: peers })
  expect(await refusal(apart)).toBe('ERR_UNSUPPORTED_CURVE CRV-01')
})

it('JOSE-05: sizes and counts have limits', async () => {
  const envelope = await sealed(letter())
  expect(await refusal(opened(envelope, { limits: { maxBytes: 100 } }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  expect(await refusal(opened(envelope, { limits: { maxRecipients: 2 } }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  expect(await refusal(opened(envelope, { limits: { maxHeaderBytes: 10 } }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
})

it('JOSE-08: keys named in other headers are not looked at', async () => {
  const jwe = jweOf(await sealed(letter(), { as: 'anoncrypt' }))
  const { message } = await opened({ ...jwe, unprotected: { jku: 'https://example.com/keys', x5u: 'https://example.com/cert' } })
  expect(message.id).toBe(letter().id)
})

it('JOSE-09, JOSE-02: the unprotected header decides nothing', async () => {
  const jwe = jweOf(await sealed(letter()))
  for (const name of ['alg', 'enc', 'epk']) {
    const twice = { ...jwe, unprotected: { [name]: headerOf(jwe.protected)[name] } }
    expect(await refusal(opened(twice))).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
  }
})

it('CRV-10: an ephemeral key with a private part is refused', async () => {
  const { protected: header, ...jwe } = jweOf(await sealed(letter()))
  const { epk, ...rest } = headerOf(header)
  const leaking = { ...jwe, protected: encoded({ ...rest, epk: { ...(epk as object), d: 'AAAA' } }) }
  expect(await refusal(opened(leaking))).toBe('ERR_MALFORMED_KEY CRV-10')
})

it('KWA-08, G-08, KWA-07: a wrapped key of another length is refused like any other failure', async () => {
  const jwe = jweOf(await sealed(letter(), { as: 'anoncrypt', enc: 'A256GCM' }))
  expect(jwe.recipients[0]?.encrypted_key).toHaveLength(54) // 40 octets
  const swapped = jweOf(await sealed(letter(), { as: 'anoncrypt' }))
  expect(swapped.recipients[0]?.encrypted_key).toHaveLength(96) // 72 octets
  const recipients = jwe.recipients.map((one, i) => ({ ...one, encrypted_key: swapped.recipients[i]?.encrypted_key }))
  expect(await refusal(opened({ ...jwe, recipients }))).toBe('ERR_TRUST_DECRYPT GEN-01')
})

it('SEC-04, KWA-05, 1PU-02, G-03, G-05, G-06, G-09: in authcrypt the tag of the content makes another key, in anoncrypt there is none', async () => {
  const [ze, zs, apu, apv] = [1, 2, 3, 4].map((octet) => new Uint8Array(32).fill(octet)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const kek = async (alg: KeyAlgorithm, tag: Uint8Array | undefined): Promise<string> =>
    String(await concatKdf({ alg, apu, apv, tag })(ze, zs))
  const keks = [
    await kek('ECDH-1PU+A256KW', new Uint8Array(32).fill(5)),
    await kek('ECDH-1PU+A256KW', new Uint8Array(32).fill(6)),
    await kek('ECDH-1PU+A256KW', undefined), // as in draft 03
    await kek('ECDH-ES+A256KW', undefined),
  ]
  expect(new Set(keks).size).toBe(4)
})

it('1PU-07: without `skid` the sender is told by `apu`', async () => {
  const skid = 'did:example:alice#key-x25519-1'
  const recipients = keysOf(documents.bob, 'keyAgreement').filter(({ jwk }) => jwk.crv === 'X25519')
  const apv = await apvOf(recipients.map(({ kid }) => kid))
  const header = jweHeader({ alg: 'ECDH-1PU+A256KW', enc: 'A256CBC-HS512', apu: new TextEncoder().encode(skid), apv }, {})
  const agree = (publicKey: PublicJwk) => keys.alice.agree(skid, publicKey, true)
  const { proof } = await opened(await encryptJwe(JSON.stringify(letter()), header, { recipients, agree }))
  expect(proof.sender?.kid).toBe(skid)
})

it('MED-12, MED-14, MED-19: seven combinations, signed inside of encrypted, and no other by any name', async () => {
  expect(Object.keys(layersOf)).toHaveLength(7)
  for (const layers of Object.values(layersOf)) expect(layers.slice(0, -1)).not.toContain('signed')
  expect(await refusal(sealed(letter(), { as: 'signed(authcrypt)' as Wrapping }))).toBe('ERR_USAGE_WRAPPING MED-12')
  expect((await opened(await sealed(letter(), { as: 'authcrypt(signed)' }))).proof.layers).toEqual(['authcrypt', 'signed'])
})

it('MED-21, SIG-13: what is signed and encrypted has a `to`', async () => {
  const { to: _, ...message } = letter()
  const { message: read } = await opened(await sealed(message, { as: 'anoncrypt(signed)', to: bob }))
  expect(read.to).toEqual([bob])
  const jwk = await generateKey('Ed25519')
  const bare = seal(message, {
    as: 'anoncrypt(signed)',
    keys: keys.alice,
    signer: { kid: 'did:example:alice#key-1', jwk: publicJwkOf(jwk) },
  })
  expect(await refusal(bare)).toBe('ERR_USAGE_NO_RECIPIENT MED-21')
})

it('D-05, ENC-05: a flattened or compact JWE is refused', async () => {
  const { recipients, ...jwe } = jweOf(await sealed(letter()))
  const flattened = { ...jwe, header: recipients[0]?.header, encrypted_key: recipients[0]?.encrypted_key }
  expect(await refusal(opened(flattened))).toBe('ERR_MALFORMED_ENVELOPE ENC-05')
  expect(await refusal(opened(`${jwe.protected}.a.b.c.d`))).toBe('ERR_MALFORMED_ENVELOPE SIG-07')
})

it('D-06, G-17, MED-08: an unknown `typ` is refused, and "JWM" is read in a signature', async () => {
  const kid = 'did:example:alice#key-1'
  const signedAs = (typ: string) =>
    signJws(JSON.stringify(letter()), typ, { kid, alg: 'EdDSA', sign: (data) => keys.alice.sign(kid, data) })
  expect((await opened(await signedAs('JWM'))).proof.signature?.kid).toBe(kid)
  expect(await refusal(opened(await signedAs('JOSE')))).toBe('ERR_UNSUPPORTED_MEDIA_TYPE MED-08')
})

async function partyOn(...curves: readonly AgreementCurve[]) {
  const jwks = await Promise.all(curves.map((crv) => generateKey(crv)))
  const { did } = createDidPeer2({ keys: jwks.map((jwk) => ({ purpose: 'keyAgreement', jwk: publicJwkOf(jwk) })) })
  return { did, keys: memoryKeys(jwks.map((jwk, i) => ({ ...jwk, kid: `${did}#key-${i + 1}` }))) }
}
