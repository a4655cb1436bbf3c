import { describe, expect, it } from 'vitest'
import fromPrior from '../../../../vectors/didcomm-negative/from-prior.json' with { type: 'json' }
import unpackVectors from '../../../../vectors/didcomm-negative/unpack.json' with { type: 'json' }
import { unpack } from '../../src/envelope/index.ts'
import { isDidcommError } from '../../src/errors.ts'
import { documents, keys, resolverOf } from '../support.ts'

/** How our policy decides what the text leaves open: taken, or refused by this rule. */
const decisions: Readonly<Record<string, 'accept' | { readonly strict: 'accept' | 'reject'; readonly normal: 'accept' | 'reject' }>> = {
  'jwe-typ-wrong': { strict: 'reject', normal: 'reject' }, // D-06
  'jwe-flattened': { strict: 'reject', normal: 'reject' }, // D-05
  'nest-anoncrypt-authcrypt-sign': { strict: 'reject', normal: 'accept' }, // D-01
  'nest-authcrypt-sign': 'accept', // MED-15
  'jws-b64-false': { strict: 'reject', normal: 'reject' }, // SIG-18
  'rotation-typ-lower': { strict: 'reject', normal: 'accept' }, // D-13
  'rotation-anoncrypt': { strict: 'reject', normal: 'reject' }, // D-13
}

type Vector = {
  readonly name: string
  readonly requirement: string
  readonly expect: string
  readonly reason: string
  readonly packed: unknown
}

describe.each([
  ['unpack', unpackVectors],
  ['from_prior', fromPrior],
])('negative vectors: %s', (_, file) => {
  const resolver = resolverOf(documents.alice, documents.bob, ...file.extra_did_documents)

  async function outcome({ name, packed }: Vector, strict: boolean): Promise<'accept' | 'reject'> {
    try {
      await unpack(packed as object, { keys: keys.bob, resolver, policy: { strict } })
      return 'accept'
    } catch (error) {
      if (!isDidcommError(error)) throw error
      // Whatever is broken must be found by its own rule, before the policy is asked.
      if (name.startsWith('plaintext')) expect(error.code).not.toBe('ERR_TRUST_POLICY')
      return 'reject'
    }
  }

  for (const vector of file.vectors as readonly Vector[]) {
    const decided = decisions[vector.name]
    const normal = vector.expect === 'policy' ? (typeof decided === 'string' ? decided : decided?.normal) : vector.expect
    it(`${vector.requirement}: ${vector.name}: ${normal} (${vector.reason})`, async () => {
      expect(normal).toBeDefined()
      expect(await outcome(vector, false)).toBe(normal)
      if (typeof decided === 'object') expect(await outcome(vector, true)).toBe(decided.strict)
    })
  }
})
