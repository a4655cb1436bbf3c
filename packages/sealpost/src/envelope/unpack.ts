/**
 * Unpacking: an envelope opened, with the keys of strangers looked up by their DIDs.
 *
 * @module
 */
import { isObject } from '../bytes/json.ts'
import type { Keys } from '../did/keys.ts'
import type { Resolver } from '../did/resolver.ts'
import { requirePorts, wrongArgument } from './arguments.ts'
import { lookupOf } from './lookup.ts'
import { open, type Unpacked } from './open.ts'
import { type Policy, rulesOf } from './policy.ts'

export type UnpackOptions = { readonly keys: Keys; readonly resolver: Resolver; readonly policy?: Policy }

/**
 * Unpacks a message: whatever is in the envelope, down to the plaintext, and what was proved about it. By which connection it came does
 * not matter (GEN-08).
 *
 * Who sent it is in `proof.sender`, where a key proved it. `message.from` alone is a claim; a message whose `from` is not the DID that is
 * proved is an error.
 *
 * Exported from `sealpost` and `sealpost/envelope`.
 *
 * @param envelope - JSON text, its UTF-8 octets, or the object that it was parsed to
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` for options that are none; `ERR_MALFORMED_*` and `ERR_UNSUPPORTED_*` for what breaks the specification, `ERR_TRUST_*` for what is not
 * proved or not taken, `ERR_TRUST_NOT_FOR_US` where no key is held, `ERR_DID_*` where the sender's DID does not resolve.
 *
 * @example
 * ```ts
 * import { type Keys, type Resolver, unpack } from 'sealpost'
 *
 * async function read(envelope: string, keys: Keys, resolver: Resolver): Promise<void> {
 *   const { message, proof } = await unpack(envelope, { keys, resolver })
 *   console.log(message.body, proof.sender === undefined ? 'by nobody that we know of' : `by ${proof.sender.did}`)
 * }
 * ```
 */
export async function unpack(envelope: string | Uint8Array | object, options: UnpackOptions): Promise<Unpacked> {
  requirePorts(options, 'keys', 'resolver')
  const { keys, resolver, policy = {} } = options
  if (!isObject(policy)) throw wrongArgument('`policy` to be an object', policy)
  const rules = rulesOf(policy, systemSeconds)
  const { publicKeys } = lookupOf(resolver, rules.limits.maxResolutions)
  return open(envelope, { keys, publicKeys, rules })
}

/** The one clock below the agent: `expires_time` must be looked at, and whoever wants another time has `policy.nowSeconds`. */
const systemSeconds = (): number => Math.floor(Date.now() / 1000)
