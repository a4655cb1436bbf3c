/**
 * What programs without types hand over: each port that is none is told by name, before anything is done with it. It looks at the shape
 * of ports, and into nothing that came from a peer.
 *
 * @module
 */
import { isObject } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import { kindOf } from '../message/wording.ts'

const ports = {
  keys: { functions: ['held', 'agree', 'sign'], words: 'the functions held, agree and sign, as memoryKeys(jwks) has' },
  resolver: { functions: ['resolve'], words: 'the function resolve, as createResolver(methods) has' },
} as const

/**
 * Holds options to be an object that has these ports.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT`
 */
export function requirePorts(options: unknown, ...names: readonly (keyof typeof ports)[]): void {
  if (!isObject(options)) throw wrongArgument('the options to be an object', options)
  for (const name of names) {
    const port = options[name]
    const { functions, words } = ports[name]
    if (!isObject(port) || functions.some((each) => typeof port[each] !== 'function'))
      throw wrongArgument(`\`${name}\` to have ${words}`, port)
  }
}

/** PLN-01: a message is an object. The fault is our caller's, not that of a peer, whose message would be malformed. */
export function requireMessage(message: unknown): void {
  if (!isObject(message)) throw wrongArgument('the message to be an object', message, 'PLN-01')
}

/** What was expected of an argument, and which kind of value came. */
export const wrongArgument = (expected: string, found: unknown, rule?: string): DidcommError =>
  new DidcommError('ERR_USAGE_ARGUMENT', `expected ${expected}, found ${kindOf(found)}`, { rule })
