/**
 * The curves of NIST by noble, for engines whose WebCrypto lacks one of them, P-521 most often.
 *
 * @module
 */
import { p256, p384, p521 } from '@noble/curves/nist.js'
import type { SoftwareCurve } from './software-curve.ts'

const agreementOn = ({ getPublicKey, getSharedSecret, Point, utils }: typeof p384): SoftwareCurve => ({
  generate: () => utils.randomSecretKey(),
  publicKeyOf: (secret) => getPublicKey(secret, false),
  checkPublicKey: (publicKey) => void Point.fromBytes(publicKey),
  // A compressed point is one octet of sign and the x coordinate in full length (CRV-06).
  agree: (secret, publicKey) => getSharedSecret(secret, publicKey, true).slice(1),
})

export const nistCurves: { readonly 'P-256': SoftwareCurve; readonly 'P-384': SoftwareCurve; readonly 'P-521': SoftwareCurve } = {
  'P-256': {
    ...agreementOn(p256),
    sign: (secret, data) => p256.sign(data, secret, { lowS: false }),
    // SIG-19: either s is a valid signature.
    verify: (publicKey, data, signature) => p256.verify(signature, data, publicKey, { lowS: false }),
  },
  'P-384': agreementOn(p384),
  'P-521': agreementOn(p521),
}
