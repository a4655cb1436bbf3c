import { describe, expect, it } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../../../src/bytes/base64url.ts'
import { decodeUtf8, encodeUtf8 } from '../../../src/bytes/utf8.ts'
import { signerOf } from '../../../src/envelope/seal.ts'
import {
  parseCompactJws,
  parseDetachedJws,
  parseJws,
  signCompactJws,
  signDetachedJws,
  signJws,
  verifySignature,
} from '../../../src/jose/index.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice } from '../../parties.ts'

const labels = ['sign-ed25519-1', 'sign-p-256-1', 'sign-secp256k1-1'] as const
const max = 16_384

describe.each(labels)('%s', (label) => {
  const key = alice.method(label)
  const signer = signerOf(key, alice.keys)

  it('SIG-03, SIG-06, SIG-07, SIG-09, SIG-16, MED-05, G-16: general JSON, `kid` unprotected, 64 octets', async () => {
    const jws = JSON.parse(await signJws('{"a":1}', 'typ', signer)) as {
      payload: string
      signatures: { protected: string; signature: string; header: object }[]
    }
    expect(Object.keys(jws).sort()).toEqual(['payload', 'signatures'])
    const [signature] = jws.signatures
    expect([jws.signatures.length, decodeUtf8(decodeBase64url(jws.payload)), signature?.header]).toEqual([1, '{"a":1}', { kid: key.kid }])
    expect(JSON.parse(decodeUtf8(decodeBase64url(signature?.protected ?? '')))).toEqual({ typ: 'typ', alg: signer.alg })
    expect(decodeBase64url(signature?.signature ?? '')).toHaveLength(64)
    const parsed = parseJws(jws, max)
    expect(await outcomeOf(verifySignature(parsed.signature, key.jwk))).toBe('taken')
    const flattened = parseJws({ payload: jws.payload, ...signature }, max)
    expect(await outcomeOf(verifySignature(flattened.signature, key.jwk))).toBe('taken')
    const tampered = parseJws({ ...jws, payload: encodeBase64url(encodeUtf8('{"a":2}')) }, max)
    expect(await outcomeOf(verifySignature(tampered.signature, key.jwk))).toBe('ERR_TRUST_SIGNATURE SIG-17')
    for (const other of labels.filter((one) => one !== label))
      expect(await outcomeOf(verifySignature(parsed.signature, alice.method(other).jwk))).toBe('ERR_TRUST_KEY SIG-15')
  })

  it('ROT-02, ROT-03, ATT-11: compact for rotations, detached for attachments', async () => {
    const compact = await signCompactJws('{"iss":"a"}', 'JWT', signer)
    const { signature, payload } = parseCompactJws(compact, max)
    expect([signature.header, decodeUtf8(decodeBase64url(payload))]).toEqual([{ typ: 'JWT', alg: signer.alg, kid: key.kid }, '{"iss":"a"}'])
    expect(await outcomeOf(verifySignature(signature, key.jwk))).toBe('taken')
    const content = encodeUtf8('content')
    const detached = await signDetachedJws(content, signer)
    expect('payload' in detached).toBe(false)
    expect(await outcomeOf(verifySignature(parseDetachedJws(detached, content, max), key.jwk))).toBe('taken')
    expect(await outcomeOf(verifySignature(parseDetachedJws(detached, encodeUtf8('Content'), max), key.jwk))).toBe(
      'ERR_TRUST_SIGNATURE SIG-17',
    )
  })
})

it('SIG-07, SIG-08, SIG-14, SIG-17, JOSE-02, JOSE-04, JOSE-05: forms that are none', async () => {
  const protectedHeader = encodeBase64url(encodeUtf8('{"alg":"EdDSA"}'))
  const signature = { protected: protectedHeader, signature: 'AA', header: { kid: 'a' } }
  const of = (jws: object) => outcomeOf(() => parseJws(jws as Record<string, unknown>, max))
  expect(await of({ payload: 'AA', signatures: [signature] })).toBe('taken')
  expect(await of({ payload: 7, signatures: [signature] })).toBe('ERR_MALFORMED_ENVELOPE SIG-06')
  for (const signatures of [[], {}, 'x', null]) expect(await of({ payload: 'AA', signatures })).toBe('ERR_MALFORMED_ENVELOPE SIG-17')
  for (const one of [null, 'x', {}, { ...signature, protected: undefined }, { ...signature, signature: 7 }])
    expect(await of({ payload: 'AA', signatures: [one] })).toBe('ERR_MALFORMED_ENVELOPE SIG-07')
  expect(await of({ payload: 'AA', signatures: [{ ...signature, header: [] }] })).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
  expect(await of({ payload: 'AA', signatures: [{ ...signature, header: {} }] })).toBe('ERR_MALFORMED_ENVELOPE SIG-14')
  expect(await of({ payload: 'AA', signatures: [{ ...signature, protected: encodeBase64url(encodeUtf8('[]')) }] })).toBe(
    'ERR_MALFORMED_ENVELOPE JOSE-02',
  )
  expect(await of({ payload: 'AA', signatures: [{ ...signature, signature: 'AA=' }] })).toBe('ERR_MALFORMED_ENCODING JOSE-04')
  expect(await of({ payload: 'AA', signatures: [{ ...signature, protected: 'A'.repeat(40_000) }] })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  expect(await outcomeOf(() => parseCompactJws('a'.repeat(max + 1), max))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  for (const text of ['', 'a', 'a.b', 'a.b.c.d'])
    expect(await outcomeOf(() => parseCompactJws(text, max))).toBe('ERR_MALFORMED_ENVELOPE ROT-13')
})
