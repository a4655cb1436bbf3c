/**
 * Fresh private keys.
 *
 * @module
 */
import { primitives } from '#primitives'
import { DidcommError } from '../errors.ts'
import { type Curve, curves } from './algorithms.ts'
import { checkPrivateJwk } from './jwk.ts'
import type { PrivateJwk } from './primitives/primitives.ts'

/**
 * Makes a fresh private key.
 *
 * Exported from `sealpost` and `sealpost/jose`.
 *
 * @example
 * ```ts
 * import { generateKey } from 'sealpost'
 *
 * const jwk = await generateKey('X25519')
 * ```
 */
export async function generateKey(crv: Curve): Promise<PrivateJwk> {
  if (!Object.hasOwn(curves, crv))
    throw new DidcommError('ERR_UNSUPPORTED_CURVE', `expected one of ${Object.keys(curves).join(', ')}, found ${JSON.stringify(crv)}`, {
      rule: 'CRV-01',
    })
  return checkPrivateJwk(await primitives.generatePrivateJwk(crv))
}
