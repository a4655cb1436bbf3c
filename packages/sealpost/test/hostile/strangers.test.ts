/** What strangers' documents, mediators and key stores may do to us: none of it may keep us busy, stop us, or get past us. */
import { describe, expect, it } from 'vitest'
import { createDidPeer4, type Did, type DidUrl, type Keys, peer } from '../../src/did/index.ts'
import { fromPrior, pack, seal, unpack } from '../../src/envelope/index.ts'
import { generateKey, publicJwkOf } from '../../src/jose/index.ts'
import { memoryKeys } from '../../src/keys/memory.ts'
import { base64Attachment } from '../../src/message/index.ts'
import { alice, bob, carol, documentWith, everybody, hello, mediator } from '../parties.ts'
import { resolverOf } from '../support.ts'
import { outcomeOf } from './outcome.ts'

const forward = (next: string, base64: string) => ({
  id: 'f',
  type: 'https://didcomm.org/routing/2.0/forward',
  to: [mediator.did],
  body: { next },
  attachments: [{ ...base64Attachment(new TextEncoder().encode('x')), data: { base64 } }],
})

/** Everything that bob holds, by a store that answers with promises of its own making. */
const foreign = (keys: Keys): Keys => {
  const later = <T>(value: T): Promise<T> =>
    // biome-ignore lint/suspicious/noThenProperty: a promise that is not the platform's is what is meant.
    ({ then: (done: (value: T) => unknown) => Promise.resolve(value).then(done) }) as unknown as Promise<T>
  return {
    held: (kids) => later(keys.held(kids)) as Promise<readonly DidUrl[]>,
    agree: (...all) => later(keys.agree(...all)) as Promise<Uint8Array>,
    sign: (...all) => later(keys.sign(...all)) as Promise<Uint8Array>,
  }
}

describe('documents of strangers', () => {
  it('DOC-01, KID-02, JOSE-05: more keys than are practical are refused before any key agreement', async () => {
    const did: Did = 'did:example:many'
    const jwk = bob.method('agree-p-521-1').jwk
    const document = documentWith(did, { keyAgreement: Array.from({ length: 33 }, (_, i) => ({ kid: `${did}#${i}`, jwk })) })
    const began = performance.now()
    expect(await outcomeOf(pack(hello(), { keys: alice.keys, resolver: resolverOf(document, alice.document), to: did }))).toBe(
      'ERR_MALFORMED_LIMIT DOC-01',
    )
    expect(performance.now() - began).toBeLessThan(500)
  })
})

describe('mediators', () => {
  it('FWD-04, FWD-10, FWD-02: what is passed on for others may be anything, and is taken as the mediator has it to take', async () => {
    for (const base64 of ['AAEC_w', 'ZXlKaGJHY2lPaUo', btoa('{"ciphertext":'), btoa('[1]')]) {
      const [packed] = await pack(forward(carol.did, base64), { keys: alice.keys, resolver: everybody, as: 'anoncrypt', to: mediator.did })
      const { message, proof } = await unpack(packed?.envelope ?? '', { keys: mediator.keys, resolver: everybody })
      expect([message.attachments?.[0]?.data.base64, proof.layers]).toEqual([base64, ['anoncrypt']])
    }
  })

  it('FWD-04: what is passed on by links, with `null` for what it has not, is passed on', async () => {
    const linked = { ...forward(carol.did, ''), attachments: [{ data: { base64: null, links: ['https://e.example/m'], hash: 'zQm' } }] }
    const [packed] = await pack(linked as never, { keys: alice.keys, resolver: everybody, as: 'anoncrypt', to: mediator.did })
    const { message } = await unpack(packed?.envelope ?? '', { keys: mediator.keys, resolver: everybody })
    expect(message.attachments?.[0]?.data.links).toEqual(['https://e.example/m'])
  })

  it('REW-02, MED-20: the policy judges the message, not what a mediator wrapped around it', async () => {
    const [inner] = await pack(hello(), { keys: alice.keys, resolver: everybody })
    const again = { ...forward(bob.did, btoa(inner?.envelope ?? '')), to: [bob.did] }
    const [packed] = await pack(again, { keys: mediator.keys, resolver: everybody, as: 'anoncrypt', to: bob.did })
    const options = { keys: bob.keys, resolver: everybody, policy: { wrappings: ['authcrypt'] } } as const
    const { proof } = await unpack(packed?.envelope ?? '', options)
    expect([proof.layers, proof.sender?.did]).toEqual([['anoncrypt', 'forward', 'authcrypt'], alice.did])
    const [bare] = await pack(hello(), { keys: alice.keys, resolver: everybody, as: 'anoncrypt' })
    expect(await outcomeOf(unpack(bare?.envelope ?? '', options))).toBe('ERR_TRUST_POLICY MED-12')
  })

  it('FLO-01, SVC-13, DEP-01: an endpoint that failed is left out for the next try; open transports and DID URLs come last or never', async () => {
    const service = (uris: readonly object[]) => [{ id: '#1', type: 'DIDCommMessaging', serviceEndpoint: uris }]
    const listed = { keyAgreement: [bob.method('agree-x25519-1')] }
    const document = documentWith(bob.did, listed, {
      service: service([
        { uri: `${mediator.did}#s` },
        { uri: 'http://one.example' },
        { uri: 'https://two.example' },
        { uri: 'https://three.example' },
      ]),
    })
    const options = { keys: alice.keys, resolver: resolverOf(document, alice.document) }
    const uris = async (more: object) => (await pack(hello(), { ...options, ...more }))[0]?.endpoints.map(({ uri }) => uri)
    expect(await uris({})).toEqual(['https://two.example', 'https://three.example', 'http://one.example'])
    expect(await uris({ useEndpoint: ({ uri }: { uri: string }) => uri !== 'https://two.example' })).toEqual([
      'https://three.example',
      'http://one.example',
    ])
    expect(await uris({ forward: false })).toEqual(['https://two.example', 'https://three.example', 'http://one.example'])
  })
})

describe('names and keys', () => {
  it('ADR-07, D-09, G-40: keys that came with one form of a did:peer:4 answer for the other, and both are one recipient', async () => {
    const secret = await generateKey('X25519')
    const made = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk: publicJwkOf(secret) }] })
    const method = peer()
    const resolver = { resolve: (did: string) => (did.startsWith('did:peer:') ? method.resolve(did as Did) : everybody.resolve(did)) }
    await resolver.resolve(made.did)
    const keys = memoryKeys([{ ...secret, kid: `${made.did}#key-1` }])
    const message = { ...hello(), to: [made.did] }
    const packed = await pack(message, { keys: alice.keys, resolver, to: [made.shortForm, made.did] })
    expect(packed).toHaveLength(1)
    const [short] = await pack(message, { keys: alice.keys, resolver, to: made.shortForm })
    expect(short?.kids[0]?.startsWith(`${made.shortForm}#`)).toBe(true)
    expect((await unpack(short?.envelope ?? '', { keys, resolver })).proof.sender?.did).toBe(alice.did)
  })

  it('GEN-07, KID-09: promises of another making are promises', async () => {
    const [packed] = await pack(hello(), { keys: foreign(alice.keys), resolver: everybody, as: 'authcrypt(signed)' })
    expect((await unpack(packed?.envelope ?? '', { keys: foreign(bob.keys), resolver: everybody })).proof.sender?.did).toBe(alice.did)
  })

  it('CRV-05, CRV-07: a private key of two halves, and a recipient with a key that cannot agree, are told by name', async () => {
    const [one, two] = [await generateKey('X25519'), await generateKey('X25519')]
    const mixed = memoryKeys([{ ...one, d: two.d, kid: `${alice.did}#mixed` }])
    expect(await outcomeOf(async () => mixed.agree(`${alice.did}#mixed`, publicJwkOf(two), false))).toBe('ERR_MALFORMED_KEY CRV-05')
    const recipients = [bob.method('sign-ed25519-1')]
    expect(await outcomeOf(seal(hello(), { as: 'anoncrypt', keys: alice.keys, recipients }))).toBe('ERR_UNSUPPORTED_CURVE CRV-07')
  })

  it('SIG-05: a `from` with fragment picks the key that signs, where nothing else is done with it', async () => {
    const { kid } = alice.key('sign-p-256-1')
    expect((await pack(hello(), { keys: alice.keys, resolver: everybody, as: 'signed', from: kid }))[0]?.kids).toEqual([kid])
  })

  it('MED-09, PLN-02: what a receiver must refuse is not written', async () => {
    const options = { keys: alice.keys, resolver: everybody }
    expect(await outcomeOf(pack({ ...hello(), payload: 'x' }, options))).toBe('ERR_USAGE_ARGUMENT MED-09')
    expect(await outcomeOf(pack({ ...hello(), body: { a: JSON.parse('{"__proto__":1}') } }, options))).toBe('ERR_MALFORMED_JSON PLN-02')
  })

  it('JOSE-05: a limit that is left undefined is not switched off', async () => {
    const policy = { limits: { maxBytes: undefined } } as unknown as { limits: { maxBytes: number } }
    expect(await outcomeOf(unpack(' '.repeat(11 * 2 ** 20), { keys: bob.keys, resolver: everybody, policy }))).toBe(
      'ERR_MALFORMED_LIMIT JOSE-05',
    )
  })
})

describe('rotation', () => {
  it('ROT-20: a prior DID that is gone hands nothing over, and does not stop the message', async () => {
    const jwt = await fromPrior(
      { prior: carol.did, next: alice.did, issuedAtSeconds: 1_700_000_000 },
      { keys: carol.keys, resolver: everybody },
    )
    const [packed] = await pack({ ...hello(), from_prior: jwt }, { keys: alice.keys, resolver: everybody })
    const { proof } = await unpack(packed?.envelope ?? '', { keys: bob.keys, resolver: resolverOf(alice.document, bob.document) })
    expect([proof.rotation, proof.sender?.did, proof.warnings.map(({ rule }) => rule)]).toEqual([undefined, alice.did, ['ROT-20']])
  })

  it('ROT-04: the time of a rotation is in seconds', async () => {
    const options = { keys: carol.keys, resolver: everybody }
    expect(await outcomeOf(fromPrior({ prior: carol.did, next: alice.did, issuedAtSeconds: 1_700_000_000_000 }, options))).toBe(
      'ERR_USAGE_ARGUMENT ROT-12',
    )
  })
})
