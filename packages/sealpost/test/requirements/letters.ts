/** Letters between Alice and Bob of the specification's appendix, for the tests beside this file. */
import type { Did, DidUrl } from '../../src/did/index.ts'
import { type PackOptions, type Policy, pack, type Unpacked, unpack } from '../../src/envelope/index.ts'
import { isDidcommError } from '../../src/errors.ts'
import type { Plaintext } from '../../src/message/index.ts'
import { keys, resolver } from '../support.ts'

export const alice = 'did:example:alice' satisfies Did
export const bob = 'did:example:bob' satisfies Did

export const letter = (more: Partial<Plaintext> = {}): Plaintext => ({
  id: 'a4b3c2d1',
  type: 'https://example.com/letters/1.0/letter',
  from: alice,
  to: [bob],
  body: { text: 'hello' },
  ...more,
})

/** The one envelope of a message from Alice, as text. */
export async function sealed(message: Plaintext, options: Partial<PackOptions> = {}): Promise<string> {
  const [packed] = await pack(message, { keys: keys.alice, resolver, ...options })
  if (packed === undefined) throw new Error('nothing was packed')
  return packed.envelope
}

export const opened = (envelope: string | object, policy: Policy = {}): Promise<Unpacked> =>
  unpack(envelope, { keys: keys.bob, resolver, policy })

/** `code rule` of the error that a promise ends with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (isDidcommError(error)) return `${error.code} ${error.rule ?? ''}`.trim()
    throw error
  }
  return 'nothing was refused'
}

type Header = Readonly<Record<string, unknown>>
type Jwe = {
  readonly protected: string
  readonly recipients: readonly { readonly header: { readonly kid: DidUrl }; readonly encrypted_key: string }[]
}

export const jweOf = (envelope: string): Jwe & Readonly<Record<string, unknown>> => JSON.parse(envelope)

/** A protected header, decoded. */
export const headerOf = (encoded: string): Header => JSON.parse(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')))

export const jsonOf = (text: string): Readonly<Record<string, unknown>> => JSON.parse(text)

/** A member of JSON in base64url, as JOSE has it. */
export const encoded = (value: unknown): string => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
