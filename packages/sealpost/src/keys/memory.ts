/**
 * A keys port over private JWKs in memory: for tests, for programs that keep their keys elsewhere, and under the key file.
 *
 * @module
 */
import { primitives } from '#primitives'
import { type BoundedMap, boundedMap } from '../bounded-map.ts'
import { type DidUrl, parseDidUrl } from '../did/did.ts'
import { checkKid, checkUse, keyErrors } from '../did/key-store.ts'
import type { KeyStore, Keys, StoredKey } from '../did/keys.ts'
import { canonicalKid } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import { importLastingKey } from '../jose/agreement.ts'
import { isAgreementCurve, type SignatureAlgorithm, signatureAlgorithmOf } from '../jose/algorithms.ts'
import { generateKey } from '../jose/generate-key.ts'
import { checkPrivateJwk, publicJwkOf } from '../jose/jwk.ts'
import { andThen, isPromise, type Later } from '../jose/later.ts'
import type { KeyUse, PrivateJwk, PrivateKey, PublicJwk } from '../jose/primitives/primitives.ts'

type Entry = {
  readonly jwk: PrivateJwk
  readonly imported: Partial<Record<KeyUse, PrivateKey>>
  /** The secrets with static keys, by the peer's x coordinate: two points with the same one have the same secret. */
  readonly secrets: BoundedMap<string, Uint8Array>
}

// Of the peers that one key speaks with, so many at least need no key agreement between static keys.
const secretsKept = 1024

/**
 * Makes a keys port of private JWKs, each with its `kid`: the DID URL of the verification method.
 *
 * Exported from `sealpost` and `sealpost/keys/memory`.
 *
 * @param options - `keepSecrets: false` computes the secret between two static keys for every message, where the price in time
 * (about a third of a message) is worth that one secret less lies in memory.
 * Kids of either form of a did:peer are answered, whichever the key came with (ADR-07).
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` (at the first use, where the halves of a key do not belong together), `ERR_UNSUPPORTED_CURVE`, `ERR_MALFORMED_DID`, and `ERR_USAGE_ARGUMENT` where a `kid` is missing or stands twice.
 *
 * @example
 * ```ts
 * import { generateKey, memoryKeys } from 'sealpost'
 *
 * const keys = memoryKeys([{ ...(await generateKey('X25519')), kid: 'did:example:alice#key-1' }])
 * ```
 */
export function memoryKeys(
  jwks: Iterable<PrivateJwk & { readonly kid: string }>,
  { keepSecrets = true }: { keepSecrets?: boolean } = {},
): Keys {
  const entries = new Map<string, Entry>()
  const aliases = new Map<string, Entry>()
  const ends = new Uint8Array(4096)
  // ADR-07: a did:peer has two forms, and peers write kids in either.
  const find = (kid: DidUrl): Entry | undefined =>
    entries.get(kid) ?? (aliases.size > 0 && kid.startsWith('did:peer:') ? aliases.get(canonicalKid(kid)) : undefined)
  for (const { kid, ...jwk } of jwks) {
    if (typeof kid !== 'string' || parseDidUrl(kid).fragment === undefined || entries.has(kid)) {
      throw new DidcommError(
        'ERR_USAGE_ARGUMENT',
        `expected each key to have a \`kid\` of its own that is a DID URL with a fragment, found ${JSON.stringify(kid)}`,
        { rule: 'KID-09' },
      )
    }
    const entry = { jwk: checkPrivateJwk(jwk), imported: {}, secrets: boundedMap<string, Uint8Array>(secretsKept) }
    entries.set(kid, entry)
    ends[endOf(kid)] = 1
    if (kid.startsWith('did:peer:')) aliases.set(canonicalKid(kid as DidUrl), entry)
  }

  return {
    held: (kids) => kids.filter((kid) => ends[endOf(kid)] === 1 && find(kid) !== undefined),
    agree(kid, publicKey, lasting) {
      const entry = expectHeld(kid, find(kid))
      if (entry.jwk.crv !== publicKey.crv) throw keyErrors.otherCurve(kid, entry.jwk.crv, publicKey.crv)
      // CRV-07: some runtimes would agree on secp256k1.
      if (!isAgreementCurve(entry.jwk.crv)) throw keyErrors.otherUse(kid, 'agree', entry.jwk.crv)
      const keep = lasting && keepSecrets
      const known = keep ? entry.secrets.get(publicKey.x) : undefined
      if (known !== undefined) return known
      const theirs = lasting ? importLastingKey(publicKey, 'agree') : primitives.importPublicKey(publicKey, 'agree')
      const secret = andThen(theirs, (publicHalf) =>
        andThen(privateKeyOf(entry, 'agree'), (privateHalf) => primitives.agree(privateHalf, publicHalf)),
      )
      if (!keep) return secret
      return andThen(secret, (kept) => {
        entry.secrets.set(publicKey.x, kept)
        return kept
      })
    },
    sign(kid, data) {
      const entry = expectHeld(kid, find(kid))
      const alg = algorithmOf(kid, entry.jwk)
      return andThen(privateKeyOf(entry, 'sign'), (key) => primitives.sign(alg, key, data))
    },
  }
}

/** Of a thousand kids few are ours, and most end in other characters: that is seen at a glance, and in either form of a did:peer. */
const endOf = (kid: string): number => ((kid.charCodeAt(kid.length - 2) & 63) << 6) | (kid.charCodeAt(kid.length - 1) & 63)

/**
 * A store of keys in memory, for tests and for programs whose DIDs go with them.
 *
 * Exported from `sealpost` and `sealpost/keys/memory`.
 *
 * @example
 * ```ts
 * import { createDidPeer2, memoryKeyStore } from 'sealpost'
 *
 * const store = memoryKeyStore()
 * const jwk = await store.generate('X25519', 'agree')
 * const { did } = createDidPeer2({ keys: [{ purpose: 'keyAgreement', jwk }] })
 * await store.name(jwk, `${did}#key-1`)
 * ```
 */
export function memoryKeyStore(): KeyStore {
  const unnamed = new Map<string, { readonly jwk: PrivateJwk; readonly use: KeyUse }>()
  const named = new Map<DidUrl, StoredKey & { readonly port: Keys }>()
  const portFor = (kid: DidUrl, use: KeyUse): Keys => {
    const found = named.get(canonicalKid(kid))
    if (found === undefined) throw keyErrors.notHeld(kid)
    if (!found.uses.includes(use)) throw keyErrors.otherUse(kid, use, found.jwk.crv)
    return found.port
  }
  return {
    keys: {
      held: (kids) => kids.filter((kid) => named.has(canonicalKid(kid))),
      agree: (kid, publicKey, lasting) => portFor(kid, 'agree').agree(kid, publicKey, lasting),
      sign: (kid, data) => portFor(kid, 'sign').sign(kid, data),
    },
    async generate(crv, use) {
      checkUse(crv, use)
      const jwk = await generateKey(crv)
      unnamed.set(`${crv} ${jwk.x}`, { jwk, use })
      return publicJwkOf(jwk)
    },
    async name({ crv, x }, kid) {
      const id = canonicalKid(checkKid(kid))
      const key = unnamed.get(`${crv} ${x}`)
      if (key === undefined) throw keyErrors.noneWaits(kid)
      if (named.has(id)) throw keyErrors.taken(kid)
      unnamed.delete(`${crv} ${x}`)
      named.set(id, { kid, jwk: publicJwkOf(key.jwk), uses: [key.use], port: memoryKeys([{ ...key.jwk, kid }]) })
    },
    list: async () => [...named.values()].map(({ kid, jwk, uses }) => ({ kid, jwk, uses })),
    remove: async (kid) => named.delete(canonicalKid(kid)),
    async close() {
      unnamed.clear()
      named.clear()
    },
  }
}

function expectHeld(kid: DidUrl, entry: Entry | undefined): Entry {
  if (entry === undefined) throw keyErrors.notHeld(kid)
  return entry
}

function privateKeyOf(entry: Entry, use: KeyUse): Later<PrivateKey> {
  const known = entry.imported[use]
  if (known !== undefined) return known
  const keep = (key: PrivateKey): PrivateKey => {
    entry.imported[use] = key
    return key
  }
  try {
    const key = primitives.importPrivateKey(entry.jwk, use)
    return isPromise(key) ? key.then(keep, refuse) : keep(key)
  } catch (cause) {
    return refuse(cause)
  }
}

function refuse(cause: unknown): never {
  throw new DidcommError('ERR_MALFORMED_KEY', 'expected a private key whose halves belong together, found another', {
    rule: 'CRV-05',
    cause,
  })
}

function algorithmOf(kid: DidUrl, { crv }: PublicJwk): SignatureAlgorithm {
  const alg = signatureAlgorithmOf(crv)
  if (alg === undefined) throw keyErrors.otherUse(kid, 'sign', crv)
  return alg
}
