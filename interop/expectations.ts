/**
 * What cannot work with a peer, and why. Everything that is not here is expected to work.
 *
 * `evidence` is matched with the error that is seen: where another one comes, the run fails, so that a row never hides a fault of ours.
 *
 * @module
 */
export type Direction = 'we → they' | 'they → we'

export type Expectation = {
  readonly peer: string
  readonly cases: RegExp
  readonly directions: readonly Direction[]
  readonly reason: string
  readonly evidence: RegExp
  /** It depends on chance: the exchange is tried again until it works, or until it fails in another way. */
  readonly sometimes?: true
}

const both: readonly Direction[] = ['we → they', 'they → we']
const toThem: readonly Direction[] = ['we → they']
const fromThem: readonly Direction[] = ['they → we']

const largeCurves = {
  cases: /P-384|P-521/,
  directions: both,
  reason: 'it has X25519 and P-256 alone',
  evidence: /Unsupported key type or curve|No common keys between sender and recipient|No key agreement keys found for recipient/,
} as const

// CRV-05, RFC 7518 section 6.2.1.2: a coordinate is as long as the curve's field. P-521 has one without a leading zero octet once in two times.
const shortCoordinates = {
  cases: /P-256|P-384|P-521/,
  directions: fromThem,
  reason: 'Authlib leaves out the leading zeros of the coordinates of `epk`',
  evidence: /expected `[xy]` of a P-\d+ key to be \d+ octets/,
  sometimes: true,
} as const

const noWrapForDidEndpoint = {
  cases: /^forward, DID as endpoint$/,
  directions: fromThem,
  reason: 'it does not wrap for a mediator that is named as endpoint where there are no routing keys (DEP-02)',
  evidence: /expected a recipient whose key is held, found did:example:bob#/,
} as const

export const expectations: readonly Expectation[] = [
  { peer: 'didcomm-node', ...largeCurves },
  { peer: 'didcomm-rust', ...largeCurves },

  { peer: 'didcomm-python', ...shortCoordinates },
  { peer: 'didcomm-python', ...noWrapForDidEndpoint },

  { peer: 'didcomm-jvm', ...noWrapForDidEndpoint },
  {
    peer: 'didcomm-jvm',
    cases: /ES256K/,
    directions: both,
    reason: 'the JDK has no secp256k1 since version 15',
    evidence: /MalformedMessageException: Invalid signature|Curve not supported/,
  },

  { peer: 'authlib', ...shortCoordinates },
  {
    peer: 'authlib',
    cases: /^forward/,
    directions: fromThem,
    reason: 'it is a library for JOSE, and knows no forward',
    evidence: /it knows no forward/,
  },

  {
    peer: 'veramo',
    cases: /^authcrypt X25519|^authcrypt, documents|^a header|^an attachment|^from_prior|^forward|^authcrypt\(signed\)/,
    directions: toThem,
    reason: 'its ECDH-1PU is an older draft, without the tag in the key derivation (KWA-05)',
    evidence: /unable to decrypt DIDComm message/,
  },
  {
    peer: 'veramo',
    cases: /^authcrypt X25519|^authcrypt, documents|^a header|^an attachment/,
    directions: fromThem,
    reason: 'its ECDH-1PU is an older draft, and it writes neither `apu` nor `apv` (1PU-04, 1PU-05)',
    evidence: /expected `ap[uv]`/,
  },
  {
    peer: 'veramo',
    cases: /^anoncrypt (A256CBC-HS512|A256GCM|XC20P)$/,
    directions: fromThem,
    reason: 'it writes no `apv` (ES-02)',
    evidence: /expected `apv`/,
  },
  {
    peer: 'veramo',
    cases: /P-256|P-384|P-521/,
    directions: both,
    reason: 'it has X25519 alone',
    evidence: /unable to decrypt DIDComm message|not_supported|key_not_found/,
  },
  {
    peer: 'veramo',
    cases: /^signed/,
    directions: toThem,
    reason: 'it reads a `kid` in the protected header alone, where all others read the unprotected one (G-18)',
    evidence: /sender is not a DID or does not match the `kid`/,
  },
  {
    peer: 'veramo',
    cases: /^signed ES256$/,
    directions: fromThem,
    reason: 'it signs by EdDSA or ES256K, and takes another key where it is given one on P-256',
    evidence: /the key of the signature: expected "did:example:alice#key-2", found "did:example:alice#key-1"/,
  },
  {
    peer: 'veramo',
    cases: /^anoncrypt\((signed|authcrypt)\)/,
    directions: toThem,
    reason: 'it opens the outer envelope and returns the inner one as the message',
    evidence: /`id`: expected .* found undefined/,
  },
  {
    peer: 'veramo',
    cases: /\((signed|authcrypt)\)|^from_prior|^forward/,
    directions: fromThem,
    reason: 'its pack knows one envelope, no rotation and no forward',
    evidence: /packDIDCommMessage (has no|does not)/,
  },
]
