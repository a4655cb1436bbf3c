/**
 * Keys of DID documents as envelopes meet them (the adversarial cases K05, K07, K13, K14, K16), the addressing of messages, and forwards
 * to ourselves.
 */
import { describe, expect, it } from 'vitest'
import type { DidDocument, Resolver } from '../../src/did/index.ts'
import { pack, wrapForward } from '../../src/envelope/index.ts'
import { alice, bob, carol, documentWith, everybody, hello, listedOn, mallory, mediator, resolverWith } from '../parties.ts'
import { forgeJwe, forgeJws } from './forge.ts'
import { outcome, outcomeOf, receive } from './outcome.ts'

const aliceX = alice.key('agree-x25519-1')
const bobX = bob.method('agree-x25519-1')
const auth = { plaintext: hello(), recipients: [bobX], sender: { kid: aliceX.kid, jwk: aliceX } }

/** A resolver whose answers for one DID change with each resolution; like a cache, it gives the last again until it is asked for a fresh one. */
function changing(...documents: readonly DidDocument[]): Resolver & { asked: number } {
  const did = documents[0]?.id
  const resolver = {
    asked: 0,
    async resolve(asked: string, options?: { fresh?: boolean }) {
      if (asked !== did) return everybody.resolve(asked)
      if (options?.fresh === true || resolver.asked === 0) resolver.asked++
      return {
        didDocument: documents[Math.min(resolver.asked, documents.length) - 1] as DidDocument,
        didDocumentMetadata: {},
        didResolutionMetadata: {},
      }
    },
  }
  return resolver
}

const without = (label: string): DidDocument =>
  documentWith(alice.did, {
    keyAgreement: listedOn(alice, 'X25519').filter(({ kid }) => !kid.endsWith(label)),
    authentication: [alice.method('sign-ed25519-1')].filter(({ kid }) => !kid.endsWith(label)),
  })

describe('keys of documents', () => {
  it('K05, CRV-07: an Ed25519 key under keyAgreement is skipped; where it is the only one, there is none', async () => {
    const ed25519 = { kid: bob.key('sign-ed25519-1').kid, jwk: bob.method('sign-ed25519-1').jwk }
    const to = (keys: readonly { kid: string; jwk: object }[]) =>
      pack(hello(), { keys: alice.keys, resolver: resolverWith(documentWith(bob.did, { keyAgreement: keys })) })
    expect((await to([ed25519, bobX]))[0]?.kids).toEqual([bobX.kid])
    expect(await outcomeOf(to([ed25519]))).toBe('ERR_DID_NO_KEY_AGREEMENT KID-01')
    expect(await outcomeOf(to([]))).toBe('ERR_DID_NO_KEY_AGREEMENT KID-01')
    // As a sender it is none either.
    const resolver = resolverWith(documentWith(alice.did, { keyAgreement: [{ kid: aliceX.kid, jwk: alice.method('sign-ed25519-1').jwk }] }))
    expect(await outcome((await forgeJwe(auth)).envelope, { resolver })).toBe('ERR_TRUST_KEY HDR-12')
  })

  it('K06, DOC-05: keys of types that nobody knows stand beside usable ones', async () => {
    const strange = [
      { kid: `${bob.did}#pq`, jwk: { kty: 'AKP', alg: 'ML-KEM-768', pub: 'AAAA' } },
      { kid: `${bob.did}#x448`, jwk: { kty: 'OKP', crv: 'X448', x: 'AAAA' } },
    ]
    const resolver = resolverWith(documentWith(bob.did, { keyAgreement: [...strange, bobX] }))
    expect((await pack(hello(), { keys: alice.keys, resolver }))[0]?.kids).toEqual([bobX.kid])
  })

  it('K07, ENC-03, G-48, G-49: of mixed curves, one envelope on the best that both have; each is opened', async () => {
    const [packed, ...more] = await pack(hello(), { keys: alice.keys, resolver: everybody })
    expect([packed?.kids, more]).toEqual([listedOn(bob, 'X25519').map(({ kid }) => kid), []])
    for (const [curves, expected] of [
      [['P-256', 'P-521'], 'P-256'],
      [['P-521', 'P-384', 'P-256'], 'P-384'],
      [['P-521'], 'P-521'],
      [['P-256', 'X25519'], 'X25519'],
    ] as const) {
      const resolver = resolverWith(documentWith(bob.did, { keyAgreement: curves.flatMap((crv) => listedOn(bob, crv)) }))
      const [one] = await pack(hello(), { keys: alice.keys, resolver })
      expect((await receive(one?.envelope ?? '')).proof.evidence[0]).toMatchObject({
        crv: expected,
        kids: listedOn(bob, expected).map(({ kid }) => kid),
      })
    }
    // Carol has no P-384.
    const resolver = resolverWith(documentWith(bob.did, { keyAgreement: listedOn(bob, 'P-384') }))
    const none = pack(hello({ from: carol.did }), { keys: carol.keys, resolver })
    await expect(none).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_CURVE' })
    await expect(none).rejects.toThrow('anoncrypt(signed)')
    const [anonymous] = await pack(hello({ from: carol.did }), { keys: carol.keys, resolver, as: 'anoncrypt(signed)' })
    expect((await receive(anonymous?.envelope ?? '')).proof.sender?.did).toBe(carol.did)
  })

  it('K13, SEC-27: a key that the document we remember has not yet is looked up once more', async () => {
    const resolver = changing(without('agree-x25519-1'), alice.document)
    expect(await outcome((await forgeJwe(auth)).envelope, { resolver })).toBe('taken')
    expect(resolver.asked).toBe(2)
  })

  it('K14, KID-04, SIG-11: a key that was removed is refused, after one look more', async () => {
    const resolver = changing(without('agree-x25519-1'), without('agree-x25519-1'))
    expect(await outcome((await forgeJwe(auth)).envelope, { resolver })).toBe('ERR_TRUST_KEY HDR-12')
    expect(resolver.asked).toBe(2)
    const jws = await forgeJws({ payload: hello(), by: alice.key('sign-ed25519-1'), alg: 'EdDSA' })
    expect(await outcome(jws, { resolver: changing(without('sign-ed25519-1'), without('sign-ed25519-1')) })).toBe('ERR_TRUST_KEY SIG-11')
  })

  it('K16, SEC-27: all layers of one message see one document', async () => {
    const jws = await forgeJws({ payload: hello(), by: alice.key('sign-ed25519-1'), alg: 'EdDSA' })
    const { envelope } = await forgeJwe({ ...auth, plaintext: jws })
    const resolver = resolverWith()
    expect(await outcome(envelope, { resolver })).toBe('taken')
    expect(resolver.asked).toEqual([alice.did])
    // Whoever answers another document the second time is not asked a second time.
    let asked = 0
    const fickle: Resolver = {
      async resolve(did) {
        if (did !== alice.did) return everybody.resolve(did)
        const didDocument = asked++ === 0 ? alice.document : documentWith(alice.did, { keyAgreement: [mallory.method('agree-x25519-1')] })
        return { didDocument, didDocumentMetadata: {}, didResolutionMetadata: {} }
      },
    }
    expect(await outcome(envelope, { resolver: fickle })).toBe('taken')
    expect(asked).toBe(1)
  })

  it('SEC-24, KID-08, D-08: a document lends no keys of another DID', async () => {
    const resolver = resolverWith(
      documentWith(alice.did, { keyAgreement: [{ kid: mallory.key('agree-x25519-1').kid, jwk: mallory.method('agree-x25519-1').jwk }] }),
    )
    const { envelope } = await forgeJwe({ ...auth, sender: { kid: mallory.key('agree-x25519-1').kid, jwk: mallory.key('agree-x25519-1') } })
    expect(await outcome(envelope, { resolver })).toBe('ERR_TRUST_ADDRESSING ADR-01')
  })

  it('SEC-27: what one message may cause to be resolved is bounded', async () => {
    expect(await outcome((await forgeJwe(auth)).envelope, { policy: { limits: { maxResolutions: 0 } } })).toBe('ERR_MALFORMED_LIMIT SEC-27')
  })
})

describe('who speaks to whom', () => {
  it('ADR-01, HDR-09, SEC-21, G-25: authcrypt that says it is from somebody else, or from nobody', async () => {
    expect(await outcome((await forgeJwe({ ...auth, plaintext: hello({ from: carol.did }) })).envelope)).toBe('ERR_TRUST_ADDRESSING ADR-01')
    const { from: _, ...nobody } = hello()
    expect(await outcome((await forgeJwe({ ...auth, plaintext: nobody })).envelope)).toBe('ERR_TRUST_ADDRESSING HDR-09')
    expect(await outcome((await forgeJwe({ ...auth, plaintext: hello({ from: `${alice.did}/path?x=1` }) })).envelope)).toBe('taken')
  })

  it('HDR-12, SEC-21, KID-05, KID-06: the sender key is one for signatures, of an unknown DID, or names no key', async () => {
    const by = (kid: string) => forgeJwe({ ...auth, sender: { kid, jwk: aliceX } })
    const listedForSignatures = resolverWith(
      documentWith(alice.did, { authentication: [{ kid: aliceX.kid, jwk: alice.method('agree-x25519-1').jwk }] }),
    )
    expect(await outcome((await by(aliceX.kid)).envelope, { resolver: listedForSignatures })).toBe('ERR_TRUST_KEY HDR-12')
    expect(await outcome((await by(`${alice.did}#unknown`)).envelope)).toBe('ERR_TRUST_KEY HDR-12')
    expect(await outcome((await by(alice.did)).envelope)).toBe('ERR_MALFORMED_ENVELOPE KID-05')
    expect(await outcome((await by('did:example:nobody#key')).envelope)).toBe('ERR_DID_NOT_FOUND SEC-27')
  })

  it('HDR-13, D-14, SEC-20: `from` in anoncrypt is a claim and never a sender', async () => {
    const { message, proof } = await receive((await forgeJwe({ plaintext: hello(), recipients: [bobX] })).envelope)
    expect([message.from, proof.sender, 'sender' in proof]).toEqual([alice.did, undefined, false])
  })

  it('ADR-02, HDR-07, D-02, SEC-23: `to` without us is taken with a warning, and refused by the strict', async () => {
    const { envelope } = await forgeJwe({ ...auth, plaintext: hello({ to: [carol.did] }) })
    expect((await receive(envelope)).proof.warnings.map(({ rule }) => rule)).toEqual(['HDR-07'])
    expect(await outcome(envelope, { policy: { strict: true } })).toBe('ERR_TRUST_ADDRESSING ADR-02')
    const { to: _, ...toNobody } = hello()
    expect((await receive((await forgeJwe({ ...auth, plaintext: toNobody })).envelope)).proof.warnings).toEqual([])
  })

  it('ADR-05: the inner layer of anoncrypt(authcrypt) is for another DID', async () => {
    const keys = { held: (kids: readonly string[]) => kids, agree: bob.keys.agree, sign: bob.keys.sign }
    const inner = await forgeJwe({ ...auth, recipients: [carol.method('agree-x25519-1')] })
    const { envelope } = await forgeJwe({ plaintext: inner.envelope, recipients: [bobX] })
    expect(await outcome(envelope, { keys: keys as never })).toBe('ERR_TRUST_ADDRESSING ADR-05')
    expect(await outcome(envelope)).toBe('ERR_TRUST_ADDRESSING ADR-05')
  })
})

describe('forwards to ourselves', () => {
  const method = mediator.method('agree-x25519-1')
  const packed = async (): Promise<string> => (await pack(hello(), { keys: alice.keys, resolver: everybody }))[0]?.envelope ?? ''
  const toBob = async (envelope: string, depth: number): Promise<string> =>
    wrapForward(envelope, { hops: Array.from({ length: depth }, () => ({ name: bob.did, keys: [bobX] })), next: bob.did })

  it('REW-02, REW-03: they are unwrapped, as often as the limit allows; the sender is that of the innermost message', async () => {
    for (const depth of [1, 2]) {
      const { message, proof } = await receive(await toBob(await packed(), depth))
      expect([message.id, proof.sender?.did, proof.layers]).toEqual([
        hello().id,
        alice.did,
        [...Array.from({ length: depth }, () => ['anoncrypt', 'forward']).flat(), 'authcrypt'],
      ])
    }
    const third = await receive(await toBob(await packed(), 3))
    expect([third.message.type, third.proof.sender]).toEqual(['https://didcomm.org/routing/2.0/forward', undefined])
  })

  it('REW-03: one that is for somebody else is a message like any other', async () => {
    const forCarol = (await pack(hello({ to: [carol.did] }), { keys: alice.keys, resolver: everybody }))[0]?.envelope ?? ''
    const envelope = await wrapForward(forCarol, { hops: [{ name: bob.did, keys: [bobX] }], next: carol.did })
    const { message, proof } = await receive(envelope)
    expect([message.body, proof.layers]).toEqual([{ next: carol.did }, ['anoncrypt']])
    // Ours inside, but `next` says another.
    const misled = await wrapForward(await packed(), { hops: [{ name: bob.did, keys: [bobX] }], next: carol.did })
    expect((await receive(misled)).proof.layers).toEqual(['anoncrypt'])
    expect(await outcome(await wrapForward(await packed(), { hops: [{ name: mediator.did, keys: [method] }], next: bob.did }))).toBe(
      'ERR_TRUST_NOT_FOR_US JOSE-07',
    )
  })

  it('REW-03, SEC-20: an authenticated forward says nothing about who sent what is inside', async () => {
    const inner =
      (await pack({ ...hello(), from: alice.did }, { keys: alice.keys, resolver: everybody, as: 'anoncrypt' }))[0]?.envelope ?? ''
    const forward = {
      id: 'f',
      type: 'https://didcomm.org/routing/2.0/forward',
      from: mallory.did,
      to: [bob.did],
      body: { next: bob.did },
      attachments: [{ data: { json: JSON.parse(inner) } }],
    }
    const sender = { kid: mallory.key('agree-x25519-1').kid, jwk: mallory.key('agree-x25519-1') }
    const { message, proof } = await receive((await forgeJwe({ plaintext: forward, recipients: [bobX], sender })).envelope)
    expect([message.from, proof.sender, proof.layers]).toEqual([alice.did, undefined, ['authcrypt', 'forward', 'anoncrypt']])
  })

  it('REW-03, MED-20: a forward lends its encryption to nothing that stands bare inside of it', async () => {
    const bare = { ...hello(), recipients: [{ header: { kid: bobX.kid } }] }
    const forward = {
      id: 'f',
      type: 'https://didcomm.org/routing/2.0/forward',
      body: { next: bob.did },
      attachments: [{ data: { json: bare } }],
    }
    const { envelope } = await forgeJwe({ plaintext: forward, recipients: [bobX] })
    expect(await outcome(envelope)).toBe('ERR_TRUST_POLICY MED-20')
    const { proof } = await receive(envelope, { policy: { wrappings: ['plaintext', 'anoncrypt'] } })
    expect([proof.encrypted, proof.sender]).toEqual([false, undefined])
  })

  it('REW-03: a forward whose content is no JSON is an error of ours', async () => {
    for (const data of [
      { base64: 'AAAA' },
      { base64: '!' },
      { json: 'text' },
      { json: null },
      { json: { recipients: 7 } },
      { json: { recipients: [] } },
    ]) {
      const forward = { id: 'f', type: 'https://didcomm.org/routing/2.0/forward', body: { next: bob.did }, attachments: [{ data }] }
      expect(await outcome((await forgeJwe({ plaintext: forward, recipients: [bobX] })).envelope)).toMatch(/^taken|^ERR_MALFORMED/)
    }
  })
})
