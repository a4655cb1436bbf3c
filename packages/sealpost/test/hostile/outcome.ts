/**
 * What comes of an envelope: a message, or the code and rule of the error. Everything but an error of ours fails the test.
 *
 * @module
 */
import type { Keys, Resolver } from '../../src/did/index.ts'
import { type Policy, type Unpacked, unpack } from '../../src/envelope/index.ts'
import { isDidcommError } from '../../src/errors.ts'
import { bob, everybody } from '../parties.ts'

export type Receiver = { readonly keys?: Keys; readonly resolver?: Resolver; readonly policy?: Policy }

export const receive = (
  envelope: string | Uint8Array | object,
  { keys = bob.keys, resolver = everybody, policy = {} }: Receiver = {},
): Promise<Unpacked> => unpack(envelope, { keys, resolver, policy })

/** `taken`, or the code of the error and its rule. */
export async function outcomeOf(run: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof run === 'function' ? run() : run)
    return 'taken'
  } catch (error) {
    if (!isDidcommError(error)) throw error
    return error.rule === undefined ? error.code : `${error.code} ${error.rule}`
  }
}

export const outcome = (envelope: string | Uint8Array | object, receiver: Receiver = {}): Promise<string> =>
  outcomeOf(receive(envelope, receiver))
