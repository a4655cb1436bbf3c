/**
 * secp256k1 by noble: no WebCrypto has it. For signatures alone (CRV-07).
 *
 * @module
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { SoftwareCurve } from './software-curve.ts'

export const secp256k1Curve: SoftwareCurve = {
  generate: () => secp256k1.utils.randomSecretKey(),
  publicKeyOf: (secret) => secp256k1.getPublicKey(secret, false),
  checkPublicKey: (publicKey) => void secp256k1.Point.fromBytes(publicKey),
  // SIG-19: the lower s goes out; whichever s comes in, RFC 8812 has no rule about it.
  sign: (secret, data) => secp256k1.sign(data, secret, { lowS: true }),
  verify: (publicKey, data, signature) => secp256k1.verify(signature, data, publicKey, { lowS: false }),
}
