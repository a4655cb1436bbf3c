/**
 * The way to the runtime's WebCrypto: whether there is one, and octets in the form that it takes.
 *
 * @module
 */
import { DidcommError } from '../../errors.ts'

/**
 * The runtime's WebCrypto.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where there is none: browsers hide it from pages that are not secure.
 */
export function subtleCrypto(): SubtleCrypto {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined
  if (subtle === undefined) {
    throw new DidcommError('ERR_UNSUPPORTED_RUNTIME', 'expected WebCrypto, found none: serve the page over HTTPS or from localhost')
  }
  return subtle
}

/** WebCrypto takes octets of memory that is not shared; none of ours is shared. */
export const source = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>
