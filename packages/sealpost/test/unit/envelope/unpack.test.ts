import { describe, expect, it } from 'vitest'
import { encodeUtf8 } from '../../../src/bytes/utf8.ts'
import { createDidPeer4, createResolver, peer } from '../../../src/did/index.ts'
import { pack, type Wrapping } from '../../../src/envelope/index.ts'
import { memoryKeys } from '../../../src/keys/memory.ts'
import { forgeJwe, forgeJws } from '../../hostile/forge.ts'
import { outcome, receive } from '../../hostile/outcome.ts'
import { alice, bob, carol, everybody, hello, publicOf } from '../../parties.ts'

const packed = async (as: Wrapping): Promise<string> =>
  (await pack(hello(), { keys: alice.keys, resolver: everybody, as }))[0]?.envelope ?? ''

describe('unpack', () => {
  it('GEN-02, GEN-04, GEN-08, SEC-06, SIG-20: it says what was proved, and by which layer', async () => {
    const proofs = {
      signed: [false, alice.did, true],
      anoncrypt: [true, undefined, false],
      authcrypt: [true, alice.did, false],
      'anoncrypt(signed)': [true, alice.did, true],
      'authcrypt(signed)': [true, alice.did, true],
      'anoncrypt(authcrypt)': [true, alice.did, false],
    } as const
    for (const [as, expected] of Object.entries(proofs)) {
      const { proof } = await receive(await packed(as as Wrapping))
      expect([proof.encrypted, proof.sender?.did, proof.signature !== undefined]).toEqual(expected)
      if (proof.signature === undefined) continue
      // The evidence stands by itself: whoever gets it can verify it again.
      expect((await receive(proof.signature.jws)).proof.signature?.kid).toBe(proof.signature.kid)
    }
  })

  it('MED-07, MED-08, MED-09, D-06: `typ` with and without prefix, absent, or of another format', async () => {
    const recipients = [bob.method('agree-x25519-1')]
    const jwe = async (typ: unknown) =>
      outcome((await forgeJwe({ plaintext: hello(), recipients, header: (header) => ({ ...header, typ }) })).envelope)
    const jws = async (typ: unknown) =>
      outcome(await forgeJws({ payload: hello(), by: alice.key('sign-ed25519-1'), alg: 'EdDSA', header: (header) => ({ ...header, typ }) }))
    for (const typ of ['application/didcomm-encrypted+json', 'didcomm-encrypted+json', undefined]) expect(await jwe(typ)).toBe('taken')
    for (const typ of ['application/didcomm-signed+json', 'JWM', 'JOSE+JSON', '', 7, null])
      expect(await jwe(typ)).toBe('ERR_UNSUPPORTED_MEDIA_TYPE MED-08')
    for (const typ of ['application/didcomm-signed+json', 'didcomm-signed+json', undefined, 'JWM']) expect(await jws(typ)).toBe('taken')
    for (const typ of ['application/didcomm-encrypted+json', 'JOSE', 7, null])
      expect(await jws(typ)).toBe('ERR_UNSUPPORTED_MEDIA_TYPE MED-08')
    const plain = { policy: { wrappings: ['plaintext'] } } as const
    for (const typ of ['didcomm-plain+json', undefined]) expect(await outcome({ ...hello(), typ }, plain)).toBe('taken')
    expect(await outcome({ ...hello(), typ: 'application/didcomm-encrypted+json' }, plain)).toBe('ERR_MALFORMED_MESSAGE MED-08')
  })

  it('PLN-01, SIG-07, ENC-05: text, octets, or the object that was parsed; compact forms and other values are none', async () => {
    const text = await packed('authcrypt')
    for (const form of [text, ` \n${text}`, encodeUtf8(text), JSON.parse(text) as object]) expect(await outcome(form)).toBe('taken')
    expect(await outcome('eyJhbGciOiJub25lIn0.e30.')).toBe('ERR_MALFORMED_ENVELOPE SIG-07')
    for (const wrong of [null, undefined, 7, true, [], () => 1, Symbol('x')])
      expect(await outcome(wrong as never)).toMatch(/^ERR_MALFORMED/)
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    for (const wrong of [
      circular,
      { big: 1n },
      {
        toJSON: () => {
          throw new Error('x')
        },
      },
    ])
      expect(await outcome(wrong)).toBe('ERR_USAGE_ARGUMENT PLN-01')
  })

  it('ES-03, D-15: `apu` in anoncrypt goes into the key derivation, names nobody and is warned of; `strict` refuses it', async () => {
    const recipients = [bob.method('agree-x25519-1')]
    const anoncrypt = async (apu: Uint8Array | null, header = (same: Record<string, unknown>) => same) =>
      (await forgeJwe({ plaintext: hello(), recipients, apu, header })).envelope
    const named = await anoncrypt(encodeUtf8(alice.key('agree-x25519-1').kid))
    const { proof } = await receive(named)
    expect([proof.sender, proof.warnings.map(({ rule }) => rule)]).toEqual([undefined, ['ES-03']])
    expect(await outcome(named, { policy: { strict: true } })).toBe('ERR_MALFORMED_ENVELOPE ES-03')
    // Absent, null and empty are the same.
    for (const none of [
      await anoncrypt(null),
      await anoncrypt(null, (same) => ({ ...same, apu: null })),
      await anoncrypt(new Uint8Array(0)),
    ]) {
      expect((await receive(none)).proof.warnings).toEqual([])
      expect(await outcome(none, { policy: { strict: true } })).toBe('taken')
    }
  })

  it('HDR-16, HDR-17: times in milliseconds are warned of', async () => {
    const warned = async (change: object) => {
      const { envelope } = await forgeJwe({ plaintext: hello(change), recipients: [bob.method('agree-x25519-1')] })
      const { proof } = await receive(envelope, { policy: { nowSeconds: () => 1_700_000_000 } })
      return [proof.expired, ...proof.warnings.map(({ rule, message }) => `${rule} ${message}`)]
    }
    expect(await warned({ created_time: 1_700_000_000_000 })).toEqual([
      false,
      'HDR-16 created_time is beyond the year 5000: it seems to be in milliseconds',
    ])
    expect(await warned({ created_time: 1_600_000_000, expires_time: 1_600_000_000_001 })).toEqual([
      false,
      'HDR-17 expires_time is beyond the year 5000: it seems to be in milliseconds, so that it never passes',
    ])
    expect(await warned({ created_time: 1_700_000_000, expires_time: 1_800_000_000 })).toEqual([false])
  })

  it('HDR-22, SIG-06: an object that changes between two looks is read once', async () => {
    const envelope = JSON.parse(await packed('authcrypt')) as Record<string, unknown>
    let looks = 0
    const fickle = {
      ...envelope,
      get tag() {
        return looks++ === 0 ? envelope['tag'] : 'AAAA'
      },
    }
    expect(await outcome(fickle)).toBe('taken')
  })

  it('JOSE-07: of several keys that are held, one is enough', async () => {
    const text = await packed('authcrypt')
    for (const label of ['agree-x25519-1', 'agree-x25519-2'])
      expect(await outcome(text, { keys: memoryKeys([bob.key(label)]) })).toBe('taken')
    expect(await outcome(text, { keys: memoryKeys([bob.key('agree-p-256-1')]) })).toBe('ERR_TRUST_NOT_FOR_US JOSE-07')
  })
})

describe('two forms of one DID', () => {
  it('ADR-07, D-09, G-40: a did:peer:4 speaks by its long form first, and by its short form where that is known', async () => {
    const { kid: _, ...jwk } = carol.key('agree-x25519-1')
    const { did: long, shortForm: short } = createDidPeer4({
      keys: [{ purpose: 'keyAgreement', jwk: publicOf(carol.key('agree-x25519-1')) }],
    })
    const peers = createResolver([peer()])
    // Whoever keeps the long form answers for the short one.
    const resolver = { resolve: (did: string) => (did === long || did === short ? peers.resolve(long) : everybody.resolve(did)) }
    const fragment = '#key-1'
    const by = (did: string) => ({ kid: did + fragment, jwk })
    const recipients = [bob.method('agree-x25519-1')]
    for (const from of [long, short]) {
      for (const kidOf of [long, short]) {
        const { envelope } = await forgeJwe({ plaintext: hello({ from }), recipients, sender: by(kidOf) })
        expect((await receive(envelope, { resolver })).proof.sender?.kid).toBe(kidOf + fragment)
      }
    }
    const { envelope } = await forgeJwe({ plaintext: hello({ from: `${short}x` }), recipients, sender: by(long) })
    expect(await outcome(envelope, { resolver })).toBe('ERR_TRUST_ADDRESSING ADR-01')
  })
})
