/**
 * What every store of keys checks, whatever it is made of: names, and what curves are for.
 *
 * @module
 */
import { DidcommError } from '../errors.ts'
import { type Curve, isAgreementCurve, signatureAlgorithmOf } from '../jose/algorithms.ts'
import type { KeyUse } from '../jose/primitives/primitives.ts'
import { type DidUrl, parseDidUrl } from './did.ts'

/**
 * Checks the name that a key is to have.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where it has no fragment, `ERR_MALFORMED_DID` where it is no DID URL.
 */
export function checkKid(kid: unknown): DidUrl {
  if (typeof kid === 'string' && parseDidUrl(kid).fragment !== undefined) return kid as DidUrl
  throw new DidcommError(
    'ERR_USAGE_ARGUMENT',
    `expected a key to have a \`kid\` that is a DID URL with a fragment, found ${JSON.stringify(kid)}`,
    {
      rule: 'KID-09',
    },
  )
}

/** The errors that all stores have in common, so that a program meets the same ones whatever its keys are in. Exported from `sealpost/did`. */
export const keyErrors = {
  /** No private key is held under this kid. */
  notHeld: (kid: DidUrl): DidcommError => new DidcommError('ERR_USAGE_NO_KEY', `expected a key that is held, found ${kid}`),
  /** The key is for something else. */
  otherUse: (kid: DidUrl, use: KeyUse, crv: string): DidcommError =>
    new DidcommError(
      'ERR_USAGE_NO_KEY',
      `expected a key for ${use === 'sign' ? 'signatures' : 'key agreement'}, found ${kid}, which is of ${crv} and not for that`,
      { rule: use === 'sign' ? 'SIG-15' : 'CRV-07' },
    ),
  /** The public key is of another curve than the private one. */
  otherCurve: (kid: DidUrl, crv: string, found: string): DidcommError =>
    new DidcommError('ERR_MALFORMED_KEY', `expected a public key of ${crv}, as ${kid} is, found one of ${found}`, { rule: 'CRV-09' }),
  /** Another key has this name. */
  taken: (kid: DidUrl, cause?: unknown): DidcommError =>
    new DidcommError('ERR_USAGE_ARGUMENT', `expected a \`kid\` that no other key has, found ${kid}: remove that key first`, {
      rule: 'KID-09',
      cause,
    }),
  /** No key that was made here waits for a name. */
  noneWaits: (kid: DidUrl): DidcommError =>
    new DidcommError('ERR_USAGE_NO_KEY', `expected a key that was made by this store and has no name yet, found none to be named ${kid}`),
} as const

/**
 * What keys of a curve can be used for; none where the curve is not of the profile.
 *
 * Exported from `sealpost/did`.
 */
export const usesOf = (crv: string): readonly KeyUse[] => [
  ...(isAgreementCurve(crv) ? (['agree'] as const) : []),
  ...(signatureAlgorithmOf(crv) === undefined ? [] : (['sign'] as const)),
]

/**
 * Checks that keys of a curve can be used so.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT`
 */
export function checkUse(crv: Curve, use: KeyUse): void {
  if (usesOf(crv).includes(use)) return
  const wanted = use === 'agree' ? 'key agreement: X25519, P-256, P-384 or P-521' : 'signatures: Ed25519, P-256 or secp256k1'
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a curve for ${wanted}, found ${JSON.stringify(crv)}`, {
    rule: use === 'agree' ? 'CRV-07' : 'SIG-02',
  })
}
