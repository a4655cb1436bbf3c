/**
 * Mutation loops over the whole corpus: whatever a parser is given, it answers, or throws the one error class, and soon.
 *
 * `SEALPOST_FUZZ_ROUNDS` multiplies the rounds. A failure names its target and its seed; put them into `seeds.json`, so that they run for ever.
 */

import { describe, expect, it } from 'vitest'
import { primitives } from '#primitives'
import interop from '../../../../vectors/didcomm-interop/didcomm-rust-0.4.1.json' with { type: 'json' }
import { decodeMultibase, parseJson, parseJsonBytes } from '../../src/bytes/index.ts'
import { checkDocument, type Did, type DidUrl, didOf, endpointsOf, isDid, keyOf, keysOf, parseDidUrl } from '../../src/did/index.ts'
import { defaultLimits, type Policy, unpack } from '../../src/envelope/index.ts'
import { isDidcommError } from '../../src/errors.ts'
import { checkPrivateJwk, checkPublicJwk, decryptJwe, parseCompactJws, parseJwe, parseJws } from '../../src/jose/index.ts'
import {
  checkForward,
  checkPlaintext,
  parseInvitationUrl,
  parseMessageType,
  parseProblemReport,
  parseProtocol,
} from '../../src/message/index.ts'
import { type Random, randomOf, seed } from '../property/seed.ts'
import { documents, keysFrom, resolverOf, secrets } from '../support.ts'
import { didDocuments, dids, envelopes, invitations, jwks, jwts, mediators, messages, multibases, types } from './corpus.ts'
import { mutateJson, mutateText } from './mutations.ts'
import seeds from './seeds.json' with { type: 'json' }

const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {}
const factor = Number(environment['SEALPOST_FUZZ_ROUNDS'] ?? (primitives.name === 'node' ? 1 : 0.3))
const failed: Readonly<Record<string, readonly number[]>> = seeds.failed

const resolver = resolverOf(documents.alice, documents.bob, ...mediators)
const keys = keysFrom([...secrets.bob, ...interop.secrets.mediators])
const wrappings = [
  'plaintext',
  'signed',
  'anoncrypt',
  'authcrypt',
  'anoncrypt(signed)',
  'authcrypt(signed)',
  'anoncrypt(authcrypt)',
  'anoncrypt(authcrypt(signed))',
] as const
const policies: readonly Policy[] = [
  {},
  { wrappings },
  { strict: true },
  { wrappings, strict: true },
  { wrappings: ['authcrypt'], refuseNonCommitting: true, encs: ['A256CBC-HS512'] },
]
const limits = { maxRecipients: defaultLimits.maxRecipients, maxHeaderBytes: defaultLimits.maxHeaderBytes }

/** One twisted sample: as text, or as JSON with one place changed. */
const twist = (samples: readonly (string | object)[]) => {
  const texts = samples.map((sample) => (typeof sample === 'string' ? sample : JSON.stringify(sample)))
  return (random: Random): string => {
    const i = random.below(samples.length)
    const sample = samples[i] as string | object
    const mutated =
      typeof sample !== 'string' && random.below(3) > 0 ? mutateJson(sample, random) : mutateText(texts[i] as string, random, texts)
    return random.below(8) === 0 ? mutateText(mutated, random, texts) : mutated
  }
}

/** The value of a text, by the lenient parser: what programs that parse for themselves hand over. */
function lenient(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const record = (text: string): Readonly<Record<string, unknown>> => {
  const value = lenient(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : { payload: value, ciphertext: value }
}

/** The headers of an envelope stand in base64url: twisted in there, not around it. */
const twistHeaders = (random: Random): string => {
  const value = JSON.parse(JSON.stringify(random.pick(envelopes))) as Record<string, unknown>
  const [signature] = Array.isArray(value['signatures']) ? (value['signatures'] as Record<string, unknown>[]) : []
  const holder = signature ?? value
  const header = holder['protected']
  if (typeof header !== 'string' || !/^[\w-]+$/.test(header) || header.length % 4 === 1) return mutateJson(value, random)
  const text = atob(header.replaceAll('-', '+').replaceAll('_', '/'))
  const parsed = lenient(text)
  const mutated = typeof parsed === 'object' && random.below(3) > 0 ? mutateJson(parsed, random) : mutateText(text, random, [text])
  const octets = new TextEncoder().encode(mutated)
  let binary = ''
  for (const octet of octets) binary += String.fromCharCode(octet)
  holder['protected'] = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return JSON.stringify(value)
}

type Target = readonly [name: string, rounds: number, make: (random: Random) => string, run: (text: string, random: Random) => unknown]

const open = (text: string, random: Random): Promise<unknown> => {
  const policy = random.pick(policies)
  const how = random.below(3)
  const value = lenient(text)
  const given = how === 0 ? new TextEncoder().encode(text) : how === 1 && typeof value === 'object' && value !== null ? value : text
  return unpack(given, { keys, resolver, policy })
}

const targets: readonly Target[] = [
  ['unpack', 2500, twist(envelopes), open],
  ['unpack, headers', 2500, twistHeaders, open],
  ['unpack, plaintext', 1500, twist(messages), (text) => unpack(text, { keys, resolver, policy: { wrappings } })],
  [
    'unpack, invalid octets',
    1000,
    twist(envelopes),
    (text, random) =>
      unpack(
        Uint8Array.from(text, (character) => character.charCodeAt(0) ^ (random.below(400) === 0 ? 128 : 0)),
        { keys, resolver, policy: { wrappings } },
      ),
  ],
  ['parseJwe', 2000, twistHeaders, (text) => parseJwe(record(text), limits)],
  [
    'decryptJwe',
    1000,
    twist(envelopes.filter((envelope) => 'ciphertext' in envelope)),
    async (text, random) => {
      const jwe = parseJwe(record(text), limits)
      const octets = random.pick([32, 48, 66])
      await decryptJwe(jwe, jwe.recipients[0]?.kid ?? '', { ephemeral: () => new Uint8Array(octets).fill(1) })
    },
  ],
  ['parseJws', 2000, twistHeaders, (text) => parseJws(record(text), limits.maxHeaderBytes)],
  ['parseCompactJws', 2000, twist(jwts), (text) => parseCompactJws(text, 65_536)],
  ['checkPublicJwk', 2000, twist(jwks), (text) => checkPublicJwk(lenient(text))],
  ['checkPrivateJwk', 1000, twist(jwks), (text) => checkPrivateJwk(lenient(text))],
  ['parseDidUrl', 4000, twist(dids), (text) => expect(parseDidUrl(text).did).toBe(didOf(text as DidUrl))],
  [
    'checkDocument, keysOf, endpointsOf',
    2000,
    twist(didDocuments),
    (text) => {
      const value = lenient(text)
      const id = (value as { id?: unknown } | null)?.id
      const document = checkDocument(value, isDid(id) ? id : ('did:example:bob' as Did))
      for (const relationship of ['keyAgreement', 'authentication'] as const)
        for (const { kid } of keysOf(document, relationship).slice(0, 50)) expect(keyOf(document, relationship, kid)?.kid).toBe(kid)
      endpointsOf(document)
    },
  ],
  ['parseJson', 4000, twist([...envelopes, ...messages, ...didDocuments]), (text) => expect(parseJson(text)).toEqual(JSON.parse(text))],
  ['parseJsonBytes', 1000, twist(messages), (text) => parseJsonBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)))],
  [
    'decodeMultibase',
    4000,
    twist([...multibases, 'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p', 'uEiA']),
    (text) => decodeMultibase(text),
  ],
  ['checkPlaintext', 4000, twist(messages), (text) => checkPlaintext(lenient(text), { strict: text.length % 2 === 0 })],
  ['checkForward', 1000, twist(messages), (text) => checkForward(checkPlaintext(lenient(text)))],
  ['parseProblemReport', 1000, twist(messages), (text) => parseProblemReport(checkPlaintext(lenient(text)))],
  ['parseInvitationUrl', 2000, twist(invitations), (text) => parseInvitationUrl(text)],
  ['parseMessageType', 4000, twist(types), (text) => [parseMessageType(text), parseProtocol(text)]],
]

describe('SEC-63: mutation loops', () => {
  it.each(targets)(
    'SEC-63, JOSE-05, PLN-02: %s throws nothing but errors of ours, and soon',
    async (name, rounds, make, run) => {
      const first = seed + name.length * 1_000_003
      const all = [...(failed[name] ?? []), ...Array.from({ length: Math.ceil(rounds * factor) }, (_, i) => first + i)]
      let taken = 0
      for (const one of all) {
        const random = randomOf(one)
        const text = make(random)
        const start = performance.now()
        try {
          await run(text, random)
          taken++
        } catch (error) {
          if (!isDidcommError(error))
            throw new Error(`${name}, seed ${one}: threw ${String(error)} for ${JSON.stringify(text.slice(0, 500))}`, { cause: error })
          // No error text carries a whole input of a stranger.
          expect(error.message.length, `${name}, seed ${one}: ${error.message.slice(0, 100)}`).toBeLessThan(9000)
        }
        expect(performance.now() - start, `${name}, seed ${one}: milliseconds`).toBeLessThan(1000)
      }
      // A loop in which nothing is ever taken tests the first check alone; one in which all is taken tests nothing.
      expect(taken).toBeLessThan(all.length)
    },
    600_000,
  )
})
