/** What is packed is unpacked, whatever it is, on every curve and in every wrapping; and what was changed on the way is not. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { primitives } from '#primitives'
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import type { Did } from '../../src/did/index.ts'
import { layersOf, pack, unpack, type Wrapping } from '../../src/envelope/index.ts'
import { agreementCurves, type ContentAlgorithm } from '../../src/jose/index.ts'
import { memoryKeys } from '../../src/keys/memory.ts'
import type { Plaintext } from '../../src/message/index.ts'
import { outcomeOf } from '../hostile/outcome.ts'
import { alice, bob, carol, documentWith, everybody, hello, listedOn, mallory, resolverWith } from '../parties.ts'
import { randomOf, seed } from './seed.ts'

const wrappings = Object.keys(layersOf) as Wrapping[]
const signers = ['sign-ed25519-1', 'sign-p-256-1', 'sign-secp256k1-1'] as const
const encs: readonly ContentAlgorithm[] = ['A256CBC-HS512', 'A256GCM', 'XC20P']
const policy = { wrappings } as const

const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/)
const json = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto').replaceAll('-0', '0')) as unknown)
const optional = { requiredKeys: ['id', 'type'] as ('id' | 'type')[] }
const messages: fc.Arbitrary<Plaintext> = fc.record(
  {
    id,
    type: fc.constantFrom(
      'https://didcomm.org/empty/1.0/empty',
      'https://example.com/lets_do_lunch/1.0/proposal',
      'did:sov:123;spec/a/1.2/b',
    ),
    thid: id,
    pthid: id,
    created_time: fc.nat(),
    lang: fc.constantFrom('en', 'fr-CA'),
    please_ack: fc.array(id, { maxLength: 3 }),
    body: fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      json,
      { maxKeys: 4 },
    ),
    attachments: fc.array(fc.record({ data: fc.record({ json: json.filter((value) => value !== undefined) }) }), { maxLength: 2 }),
    unknown_header: json,
  },
  optional,
) as fc.Arbitrary<Plaintext>

type Combination = {
  readonly as: Wrapping
  readonly enc: ContentAlgorithm
  readonly crv: (typeof agreementCurves)[number]
  readonly signer: (typeof signers)[number]
}

/** Every wrapping, with every content encryption that it takes, on every curve; the signers take turns. */
const combinations: readonly Combination[] = wrappings.flatMap((as) => {
  const layers = layersOf[as]
  const encrypted = layers.some((layer) => layer !== 'signed')
  const choices = layers[0] === 'anoncrypt' ? encs : encs.slice(0, 1)
  return choices.flatMap((enc) =>
    (encrypted ? agreementCurves : agreementCurves.slice(0, 1)).flatMap((crv, i) =>
      (layers.includes('signed') ? (encrypted ? [signers[i % 3] as (typeof signers)[number]] : signers) : signers.slice(0, 1)).map(
        (signer) => ({ as, enc, crv, signer }),
      ),
    ),
  )
})

const bobOn = (crv: (typeof agreementCurves)[number]) => resolverWith(documentWith(bob.did, { keyAgreement: listedOn(bob, crv) }))

describe('unpack inverts pack', () => {
  it.each(combinations)('ENC-01, ENC-05, MED-12, KID-02: $as, $enc, $crv, $signer', async ({ as, enc, crv, signer }) => {
    const resolver = bobOn(crv)
    const layers = layersOf[as]
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const whole = { ...message, from: alice.did, to: [bob.did] }
        const [packed, ...more] = await pack(whole, {
          keys: alice.keys,
          resolver,
          as,
          signBy: alice.key(signer).kid,
          ...(layers[0] === 'anoncrypt' && { enc }),
        })
        expect(more).toEqual([])
        const expected = { ...whole, typ: 'application/didcomm-plain+json', body: whole.body ?? {} }
        // KID-02: each of the recipient's keys opens it alone.
        const kids = layers.some((layer) => layer !== 'signed') ? listedOn(bob, crv).map(({ kid }) => kid) : [bob.key('sign-ed25519-1').kid]
        for (const kid of kids) {
          const keys = memoryKeys(bob.jwks.filter((jwk) => jwk.kid === kid))
          const { message: unpacked, proof } = await unpack(packed?.envelope ?? '', { keys, resolver, policy })
          expect(unpacked).toEqual(expected)
          expect(proof.layers).toEqual(layers)
          expect(proof.sender?.did).toBe(layers.includes('signed') || layers.includes('authcrypt') ? alice.did : undefined)
          expect(proof.signature?.kid).toBe(layers.includes('signed') ? alice.key(signer).kid : undefined)
          expect(proof.recipient?.kid).toBe(proof.encrypted ? kid : undefined)
        }
      }),
      { numRuns: 3, seed },
    )
  })

  it('ENC-02, SND-01: for several DIDs, one envelope each, of the same plaintext, which the others cannot open', async () => {
    const parties = [bob, carol, mallory]
    const to: Did[] = parties.map(({ did }) => did)
    await fc.assert(
      fc.asyncProperty(
        messages,
        fc.constantFrom<Wrapping>('anoncrypt', 'authcrypt', 'anoncrypt(signed)', 'authcrypt(signed)', 'anoncrypt(authcrypt)'),
        async (message, as) => {
          const packed = await pack({ ...message, from: alice.did, to }, { keys: alice.keys, resolver: everybody, as })
          expect(packed.map((one) => one.to)).toEqual(to)
          for (const [i, { envelope }] of packed.entries()) {
            for (const [j, { keys }] of parties.entries()) {
              if (i === j) expect((await unpack(envelope, { keys, resolver: everybody })).message.id).toBe(message.id)
              else await expect(unpack(envelope, { keys, resolver: everybody })).rejects.toMatchObject({ code: 'ERR_TRUST_NOT_FOR_US' })
            }
          }
        },
      ),
      { numRuns: 10, seed },
    )
  })
})

/** The paths of all strings in a value. */
function stringsOf(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => stringsOf(item, [...path, Array.isArray(value) ? Number(name) : name]))
}

function pathsOf(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, Array.isArray(value) ? Number(name) : name]))]
}

const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce((inner, name) => (inner as Record<string | number, unknown>)[name], value)

/** A copy with another value at the path; with none, where the value is undefined. */
function put(value: unknown, [name, ...rest]: readonly (string | number)[], replacement: unknown): unknown {
  if (name === undefined) return replacement
  if (Array.isArray(value))
    return value.flatMap((item: unknown, i) =>
      i === name ? (rest.length === 0 && replacement === undefined ? [] : [put(item, rest, replacement)]) : [item],
    )
  return { ...(value as object), [name]: put((value as Record<string | number, unknown>)[name], rest, replacement) }
}

const changed = wrappings.filter((as) => as !== 'plaintext')

/** A small envelope for one key, so that every octet of it counts. */
async function small(as: Wrapping): Promise<{ envelope: object; opens: (candidate: unknown) => Promise<string> }> {
  const resolver = resolverWith(documentWith(bob.did, { keyAgreement: [bob.method('agree-x25519-1')] }))
  const [packed] = await pack({ id: '1', type: hello().type, from: alice.did, to: [bob.did] }, { keys: alice.keys, resolver, as })
  const opens = (candidate: unknown) => outcomeOf(unpack(candidate as object, { keys: bob.keys, resolver, policy }))
  const envelope = JSON.parse(packed?.envelope ?? '') as object
  expect(await opens(envelope)).toBe('taken')
  return { envelope, opens }
}

// The backends in JavaScript are slower by far.
const bitsOf = primitives.name === 'node' ? 3 : 1

describe('what was changed on the way', () => {
  it.each(changed)(
    'C26, GEN-01, CEA-08: no flipped bit is accepted in any field of %s',
    async (as) => {
      const { envelope, opens } = await small(as)
      let flips = 0
      for (const path of stringsOf(envelope)) {
        const text = at(envelope, path) as string
        const isKid = path.at(-1) === 'kid'
        const octets = isKid ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : decodeBase64url(text)
        for (let i = 0; i < octets.length; i++) {
          for (let bit = 0; bit < bitsOf; bit++) {
            const flipped = Uint8Array.from(octets)
            flipped[i] = (flipped[i] as number) ^ (1 << ((i * 3 + bit * 5) % 8))
            const candidate = put(envelope, path, isKid ? String.fromCharCode(...flipped) : encodeBase64url(flipped))
            const outcome = await opens(candidate)
            if (outcome === 'taken') expect.fail(`taken with bit ${(i * 3 + bit * 5) % 8} of octet ${i} of ${path.join('.')} flipped`)
            flips++
          }
        }
      }
      expect(flips).toBeGreaterThan(300 * bitsOf)
    },
    120_000,
  )

  it.each(changed)(
    'GEN-01, C26: no character of the text of %s is another without being noticed',
    async (as) => {
      const { envelope, opens } = await small(as)
      const text = JSON.stringify(envelope)
      const random = randomOf(seed)
      const other = '"{}[]:,AZaz09-_=\\ \u0141'
      for (let i = 0; i < text.length; i += primitives.name === 'node' ? 1 : 5) {
        const replacement = random.pick([...other].filter((character) => character !== text.charAt(i)))
        const candidate = text.slice(0, i) + replacement + text.slice(i + 1)
        const outcome = await opens(candidate)
        if (outcome === 'taken') expect.fail(`taken with character ${i} as ${JSON.stringify(replacement)}: ${candidate}`)
      }
    },
    120_000,
  )

  it.each(changed)(
    'GEN-01, C26: no member of %s is gone, or of another type',
    async (as) => {
      const { envelope, opens } = await small(as)
      const paths = pathsOf(envelope)
      const texts = paths.filter((path) => typeof at(envelope, path) === 'string')
      for (const path of paths) {
        const replacements: unknown[] = [undefined, null, 0, true, '', [], {}, [at(envelope, path)], { kid: at(envelope, path) }]
        if (typeof at(envelope, path) === 'string')
          replacements.push(...texts.filter((one) => one !== path).map((one) => at(envelope, one)))
        for (const replacement of replacements) {
          const outcome = await opens(put(envelope, path, replacement)).catch((error: unknown) => `threw ${String(error)}`)
          if (!outcome.startsWith('ERR_')) expect.fail(`${outcome} with ${path.join('.') || 'all'} as ${JSON.stringify(replacement)}`)
        }
      }
    },
    60_000,
  )
})
