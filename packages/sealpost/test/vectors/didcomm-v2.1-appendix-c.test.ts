import { describe, expect, it } from 'vitest'
import anoncryptAuthcryptSigned from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-authcrypt-signed-p521.json' with { type: 'json' }
import anoncryptP384 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-p384-a256cbc-hs512.json' with { type: 'json' }
import anoncryptP521 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-p521-a256gcm.json' with { type: 'json' }
import anoncryptX25519 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-x25519-xc20p.json' with { type: 'json' }
import authcryptSigned from '../../../../vectors/didcomm-v2.1/encrypted-authcrypt-signed-p256-a256cbc-hs512.json' with { type: 'json' }
import authcryptX25519 from '../../../../vectors/didcomm-v2.1/encrypted-authcrypt-x25519-a256cbc-hs512.json' with { type: 'json' }
import expected from '../../../../vectors/didcomm-v2.1/expected-plaintext.json' with { type: 'json' }
import plaintext from '../../../../vectors/didcomm-v2.1/plaintext.json' with { type: 'json' }
import signedEddsa from '../../../../vectors/didcomm-v2.1/signed-eddsa.json' with { type: 'json' }
import signedEs256 from '../../../../vectors/didcomm-v2.1/signed-es256.json' with { type: 'json' }
import signedEs256k from '../../../../vectors/didcomm-v2.1/signed-es256k.json' with { type: 'json' }
import { unpack, wrappingOf } from '../../src/envelope/index.ts'
import { keys, keysFrom, resolver, secrets } from '../support.ts'

const kidsOf = (envelope: object): readonly string[] =>
  'recipients' in envelope ? (envelope.recipients as { header: { kid: string } }[]).map(({ header }) => header.kid) : []

describe('DIDComm v2.1, appendix C', () => {
  it.each([
    ['C.2 EdDSA (SIG-02)', signedEddsa, 'signed', 'did:example:alice#key-1'],
    ['C.2 ES256 (SIG-02)', signedEs256, 'signed', 'did:example:alice#key-2'],
    ['C.2 ES256K (SIG-02, G-13)', signedEs256k, 'signed', 'did:example:alice#key-3'],
    ['C.3 1 (CRV-01, CEA-03, G-03, G-14)', anoncryptX25519, 'anoncrypt', undefined],
    ['C.3 2 (CRV-01, CEA-01)', anoncryptP384, 'anoncrypt', undefined],
    ['C.3 3 (CRV-02, CEA-02, CRV-06, G-04, G-10)', anoncryptP521, 'anoncrypt', undefined],
    ['C.3 4 (ENC-06, CEA-01)', authcryptX25519, 'authcrypt', 'did:example:alice#key-x25519-1'],
    ['C.3 5 (MED-15)', authcryptSigned, 'authcrypt(signed)', 'did:example:alice#key-p256-1'],
    ['C.3 6 (MED-16, D-01, CRV-06)', anoncryptAuthcryptSigned, 'anoncrypt(authcrypt(signed))', 'did:example:alice#key-p521-1'],
  ] as const)('%s opens with each of its keys', async (_, envelope, wrapping, sender) => {
    const kids = kidsOf(envelope)
    for (const own of kids.length === 0 ? [keys.bob] : kids.map((kid) => keysFrom(secrets.bob.filter((jwk) => jwk.kid === kid)))) {
      const { message, proof } = await unpack(envelope, { keys: own, resolver })
      expect(message).toEqual(expected)
      expect(wrappingOf(proof.layers as never)).toBe(wrapping)
      expect(proof.sender?.kid).toBe(sender)
      expect(proof.expired).toBe(true)
    }
  })

  it('C.1, MED-20: plaintext is taken by whoever names it, and proves nothing', async () => {
    await expect(unpack(plaintext, { keys: keys.bob, resolver })).rejects.toMatchObject({ code: 'ERR_TRUST_POLICY', rule: 'MED-20' })
    const { message, proof } = await unpack(plaintext, { keys: keys.bob, resolver, policy: { wrappings: ['plaintext'] } })
    expect(message).toEqual(plaintext)
    expect(proof).toMatchObject({ layers: [], encrypted: false })
    expect(proof.sender).toBeUndefined()
  })
})
