/**
 * Everything the implementation knows about algorithms, in one place. What is not in these tables is not supported (GEN-03).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-encryption | v2.1, Message Encryption}
 * @module
 */

/** A curve for key agreement, P-521 among them (CRV-02). X448, Ed25519 and secp256k1 are never used for it, whatever a DID document lists (CRV-07). */
export type AgreementCurve = 'X25519' | 'P-256' | 'P-384' | 'P-521'
/** A curve for signatures. */
export type SignatureCurve = 'Ed25519' | 'P-256' | 'secp256k1'
export type Curve = AgreementCurve | SignatureCurve

/** Curves: the key type, and the octets of a coordinate, of the private key and of the shared secret (CRV-05, CRV-06, G-10). */
export const curves = {
  X25519: { kty: 'OKP', octets: 32 },
  Ed25519: { kty: 'OKP', octets: 32 },
  'P-256': { kty: 'EC', octets: 32 },
  'P-384': { kty: 'EC', octets: 48 },
  'P-521': { kty: 'EC', octets: 66 },
  secp256k1: { kty: 'EC', octets: 32 },
} as const satisfies Record<Curve, { kty: 'OKP' | 'EC'; octets: number }>

/** The curves of key agreement in the order in which we choose among those that both sides have (G-49; P-256 is deprecated in favour of P-384). */
export const agreementCurves: readonly AgreementCurve[] = ['X25519', 'P-384', 'P-256', 'P-521']

/**
 * Key agreement with key wrapping (ENC-08): ECDH-ES for anoncrypt (ENC-07, ES-05), ECDH-1PU for authcrypt (ENC-06, 1PU-06). Their `alg`
 * value is the AlgorithmID of the KDF (KWA-02).
 */
export const keyAlgorithms = {
  'ECDH-ES+A256KW': { wrapping: 'anoncrypt' },
  'ECDH-1PU+A256KW': { wrapping: 'authcrypt' },
} as const

export type KeyAlgorithm = keyof typeof keyAlgorithms

/** Content encryption: octets of key, initialization vector and tag; whether the tag commits to the key, as ECDH-1PU demands (CEA-01 to CEA-04, G-08). */
export const contentAlgorithms = {
  'A256CBC-HS512': { keyOctets: 64, ivOctets: 16, tagOctets: 32, committing: true },
  A256GCM: { keyOctets: 32, ivOctets: 12, tagOctets: 16, committing: false },
  XC20P: { keyOctets: 32, ivOctets: 24, tagOctets: 16, committing: false },
} as const

export type ContentAlgorithm = keyof typeof contentAlgorithms

/** Signatures: the only curve that each `alg` goes with (SIG-02, SIG-03, SIG-15). All three are 64 octets (SIG-16). */
export const signatureAlgorithms = {
  EdDSA: { crv: 'Ed25519' },
  ES256: { crv: 'P-256' },
  ES256K: { crv: 'secp256k1' },
} as const satisfies Record<string, { crv: SignatureCurve }>

export type SignatureAlgorithm = keyof typeof signatureAlgorithms

/** Tells whether keys of this curve can be used for key agreement. */
export const isAgreementCurve = (crv: string): crv is AgreementCurve => (agreementCurves as readonly string[]).includes(crv)

/** The signature algorithm of a curve, or undefined where it has none. */
export function signatureAlgorithmOf(crv: string): SignatureAlgorithm | undefined {
  return (Object.keys(signatureAlgorithms) as SignatureAlgorithm[]).find((alg) => signatureAlgorithms[alg].crv === crv)
}
