/**
 * Both ways against didcomm-node 0.4.1, the engine that most of the JavaScript world runs.
 *
 * The cases are those of `npm run interop`, which runs them against all other implementations too.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Case, cases } from '../../../../interop/cases.ts'
import type { Driver, PackRequest, Wrapping } from '../../../../interop/driver.ts'
import { exchange } from '../../../../interop/exchange.ts'
import { type Direction, expectations } from '../../../../interop/expectations.ts'
import { type Curve, freshIdentity, identities, onCurve } from '../../../../interop/identities.ts'
import { ours } from '../../../../interop/ours.ts'
import { didcommNode, unpackByDidcommNode } from '../../../../interop/peers/didcomm-node/peer.ts'
import negative from '../../../../vectors/didcomm-negative/unpack.json' with { type: 'json' }
import { encodeUtf8 } from '../../src/bytes/utf8.ts'
import type { DidUrl } from '../../src/did/did.ts'
import { DidcommError } from '../../src/errors.ts'
import { encryptJwe, jweHeader, type PrivateJwk, type PublicJwk } from '../../src/jose/index.ts'
import { memoryKeys } from '../../src/keys/memory.ts'

type OwnJwk = PrivateJwk & { readonly kid: string }

/** The cases that didcomm-node can, each behind what its test is called by. */
const possible = (direction: Direction): readonly (readonly [string, string, Case])[] => {
  const excluded = expectations.filter(({ peer, directions }) => peer === 'didcomm-node' && directions.includes(direction))
  return cases.filter(({ name }) => !excluded.some((row) => row.cases.test(name))).map((one) => [one.rules, one.name, one])
}

describe('didcomm-node opens what we pack', () => {
  it.each(possible('we → they'))('%s: %s', (_rules, _name, one) => exchange(ours, didcommNode, one))
})

describe('we open what didcomm-node packs', () => {
  it.each(possible('they → we'))('%s: %s', (_rules, _name, one) => exchange(didcommNode, ours, one))
})

const request = (wrapping: Wrapping, curve: Curve, from = 'did:example:alice'): PackRequest => {
  const alice = onCurve(identities.alice, curve)
  const bob = onCurve(identities.bob, curve)
  return {
    wrapping,
    from,
    to: 'did:example:bob',
    message: {
      id: '1',
      type: 'https://example.com/hello/1.0/hello',
      from: 'did:example:alice',
      to: ['did:example:bob'],
      body: { text: 'hello' },
    },
    documents: [alice.document, bob.document],
    secrets: alice.secrets,
    forward: false,
  }
}

describe.each(['X25519', 'P-256'] as const)('several keys of the recipient on %s', (curve) => {
  const bob = onCurve(identities.bob, curve)

  it.each(['anoncrypt', 'authcrypt', 'anoncrypt(authcrypt)'] as const)(
    'DOC-01, KID-02: each of them alone opens our %s',
    async (wrapping) => {
      const { packed } = await ours.pack(request(wrapping, curve))
      const { documents } = request(wrapping, curve)
      for (const secret of bob.secrets) {
        const { message } = await didcommNode.unpack({ packed, documents, secrets: [secret] })
        expect(message['body']).toEqual({ text: 'hello' })
      }
      await expect(unpackByDidcommNode({ packed, documents, secrets: bob.secrets }, true)).resolves.toBeDefined()
      expect(bob.secrets.length).toBeGreaterThan(1)
    },
  )

  it.each(['anoncrypt', 'authcrypt', 'anoncrypt(authcrypt)'] as const)(
    'JOSE-07, KID-02: each of them alone opens its %s',
    async (wrapping) => {
      const { packed } = await didcommNode.pack(request(wrapping, curve))
      const { documents } = request(wrapping, curve)
      for (const secret of bob.secrets) {
        const { message } = await ours.unpack({ packed, documents, secrets: [secret] })
        expect(message['body']).toEqual({ text: 'hello' })
      }
    },
  )
})

it('KID-05, 1PU-04: the DID URL of the sender picks the key, and didcomm-node names the same', async () => {
  const asked = request('authcrypt', 'P-256', 'did:example:alice#key-p256-1')
  const { packed } = await ours.pack(asked)
  const { metadata } = await didcommNode.unpack({ ...asked, packed, secrets: identities.bob.secrets })
  expect(metadata.senderKid).toBe('did:example:alice#key-p256-1')
})

describe('what didcomm-node takes against the rules', () => {
  const documents = [identities.alice.document, identities.bob.document]
  const attempt = async (driver: Driver, packed: object): Promise<unknown> => {
    const secrets = [...identities.bob.secrets]
    return driver.unpack({ packed: JSON.stringify(packed), documents, secrets }).catch((error: unknown) => error)
  }

  it.each([
    ['HDR-09', 'authcrypt-from-missing'],
    ['ADR-03', 'anoncrypt-signed-from-mismatch'],
    ['MED-22', 'anoncrypt-signed-no-to'],
    ['JOSE-01', 'jwe-crit'],
    ['JOSE-01', 'jws-crit'],
    ['JOSE-02', 'jwe-alg-in-recipient-header'],
    ['JOSE-03', 'jwe-zip'],
    ['CEA-09', 'jwe-aad-member'],
    ['MED-10', 'jws-and-jwe'],
    ['HDR-05', 'plaintext-to-fragment'],
    ['HDR-10', 'plaintext-from-fragment'],
  ])('%s: %s is an error to us', async (_rule, name) => {
    const vector = negative.vectors.find((one) => one.name === name)
    expect(await attempt(didcommNode, vector?.packed ?? {})).not.toBeInstanceOf(Error)
    expect(await attempt(ours, vector?.packed ?? {})).toBeInstanceOf(DidcommError)
  })

  it('ADR-01: a message that says it is from Alice, and that Mallory sealed with her own key, is an error to us', async () => {
    const mallory = freshIdentity('did:example:mallory')
    const [skid] = mallory.document.keyAgreement as readonly DidUrl[]
    const bob = onCurve(identities.bob, 'X25519').document.verificationMethod
    const { message } = request('authcrypt', 'X25519')
    const recipients = bob.map(({ id, publicKeyJwk }) => ({ kid: id, jwk: publicKeyJwk as PublicJwk }))
    const kids = recipients.map(({ kid }) => kid).sort()
    const header = jweHeader(
      {
        alg: 'ECDH-1PU+A256KW',
        enc: 'A256CBC-HS512',
        apu: encodeUtf8(skid as DidUrl),
        apv: createHash('sha256').update(kids.join('.')).digest(),
      },
      { typ: 'application/didcomm-encrypted+json', skid: skid as DidUrl },
    )
    const envelope = await encryptJwe(JSON.stringify(message), header, {
      recipients,
      agree: (publicKey) => memoryKeys(mallory.secrets as readonly OwnJwk[]).agree(skid as DidUrl, publicKey, true),
    })
    const known = { packed: envelope, documents: [...documents, mallory.document], secrets: identities.bob.secrets }
    const taken = await didcommNode.unpack(known)
    expect(taken.message['from']).toBe('did:example:alice')
    expect(taken.metadata.authenticated).toBe(true)
    await expect(ours.unpack(known)).rejects.toMatchObject({ code: 'ERR_TRUST_ADDRESSING', rule: 'ADR-01' })
  })
})
