/**
 * What must not compile. The compiler reads this file with all the others: each line that is marked as an error must be one, or it is an
 * error itself.
 *
 * @module
 */

import {
  type Attachment,
  type Did,
  DidcommError,
  type ErrorCode,
  generateKey,
  type Keys,
  memoryKeys,
  type Plaintext,
  type Policy,
  type Proof,
  pack,
  type Resolver,
  type Unpacked,
  unpack,
  type Wrapping,
} from '../../src/index.ts'
import { checkPublicJwk, type JweRecipient, type PrivateJwk, type PublicJwk } from '../../src/jose/index.ts'

declare const keys: Keys
declare const resolver: Resolver
declare const proof: Proof
declare const unpacked: Unpacked
declare const message: Plaintext
declare const privateJwk: PrivateJwk
declare const publicJwk: PublicJwk

export const wrong = (): readonly unknown[] => [
  // MED-12: a combination that is none, or the one that is read alone.
  // @ts-expect-error
  pack(message, { keys, resolver, as: 'encrypt' }),
  // @ts-expect-error
  pack(message, { keys, resolver, as: 'anoncrypt(authcrypt(signed))' }),
  // @ts-expect-error
  pack(message, { keys, resolver, as: 'signed(authcrypt)' }),
  // CEA-05: an encryption that is outside of the profile.
  // @ts-expect-error
  pack(message, { keys, resolver, enc: 'A256CBC-HS256' }),
  // HDR-05: no DID.
  // @ts-expect-error
  pack(message, { keys, resolver, to: 'bob' }),
  // @ts-expect-error
  pack(message, { keys, resolver, to: ['did:example:bob', 'bob'] }),
  // Without keys nothing is packed.
  // @ts-expect-error
  pack(message, { resolver }),
  // An option that there is none of.
  // @ts-expect-error
  pack(message, { keys, resolver, recipients: ['did:example:bob'] }),
  // HDR-01, HDR-03, HDR-04: a message has an id and a type, and `to` is a list.
  // @ts-expect-error
  pack({ type: 'https://example.com/a/1.0/b', body: {} }, { keys, resolver }),
  // @ts-expect-error
  pack({ id: '1', body: {} }, { keys, resolver }),
  // @ts-expect-error
  pack({ ...message, to: 'did:example:bob' }, { keys, resolver }),
  // @ts-expect-error
  pack({ ...message, created_time: '2026-01-01' }, { keys, resolver }),
  // SEC-20: the sender is there only where it was proved.
  // @ts-expect-error
  proof.sender.did,
  // @ts-expect-error
  unpacked.proof.signature.jws,
  // @ts-expect-error
  unpacked.proof.recipient.kid,
  // There is no flag beside a `from` that nobody proved.
  // @ts-expect-error
  unpacked.sender,
  // @ts-expect-error
  proof.authenticated,
  // @ts-expect-error
  unpack('{}', { keys, resolver, policy: { wrapping: ['authcrypt'] } }),
  // @ts-expect-error
  unpack('{}', { keys, resolver, policy: { wrappings: ['encrypted'] } }),
  // @ts-expect-error
  unpack('{}', { keys, resolver, policy: { limits: { maxSize: 1 } } }),
  // @ts-expect-error
  unpack(7, { keys, resolver }),
  // KID-09: a key without kid, and a public key where a private one is due.
  // @ts-expect-error
  memoryKeys([privateJwk]),
  // @ts-expect-error
  memoryKeys([{ ...publicJwk, kid: 'did:example:a#1' }]),
  // CRV-07.
  // @ts-expect-error
  generateKey('X448'),
  // @ts-expect-error
  new DidcommError('ERR_TYPO', 'why'),
]

export function overwrite(): void {
  // What was proved is not written over.
  // @ts-expect-error
  proof.encrypted = true
}

// CRV-10: a private key where a public one is due, written out, so that nothing more than the key is sent.
// @ts-expect-error
export const leaking: PublicJwk = { kty: 'OKP', crv: 'X25519', x: '', d: '' }
// @ts-expect-error
export const recipient: JweRecipient = { kid: 'did:example:bob#1', jwk: { kty: 'OKP', crv: 'X25519', x: '', d: '' } }
// @ts-expect-error
export const did: Did = 'example:bob'
// @ts-expect-error
export const wrapping: Wrapping = 'authcrypt(anoncrypt)'
// @ts-expect-error
export const attachment: Attachment = { id: 'a' }
// @ts-expect-error
export const code: ErrorCode = 'ERR_TRUST'
// @ts-expect-error
export const policy: Policy = { strikt: true }

/** And what must: each with its check. */
export function right(): readonly unknown[] {
  const sender: Did | undefined = proof.sender?.did
  const checked: PublicJwk = checkPublicJwk({})
  const fits: PublicJwk = privateJwk
  return [
    sender,
    checked,
    fits,
    pack(message, { keys, resolver, as: 'anoncrypt(signed)', to: 'did:example:bob', enc: 'XC20P' }),
    unpack(new Uint8Array(0), { keys, resolver, policy: { strict: true } }),
  ]
}
