/**
 * A store of keys for browsers: keys of WebCrypto that cannot be exported, in IndexedDB. What runs in the page can use them while it
 * runs; nothing can read them, and there is no way back to one that could be. What the browser's WebCrypto lacks is refused, and not
 * done in JavaScript, since that would need the key in memory.
 *
 * @see {@link https://www.w3.org/TR/webcrypto-2/#concepts-key-storage | Web Cryptography, key storage}
 * @module
 */
import type { DidUrl } from '../did/did.ts'
import { checkKid, checkUse, keyErrors, usesOf } from '../did/key-store.ts'
import type { KeyStore, StoredKey } from '../did/keys.ts'
import { canonicalKid } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import { type Curve, signatureAlgorithmOf } from '../jose/algorithms.ts'
import { checkPrivateJwk, checkPublicJwk, publicJwkOf } from '../jose/jwk.ts'
import type { KeyUse, PrivateJwk, PublicJwk } from '../jose/primitives/primitives.ts'
import {
  agree,
  generateEphemeralKey,
  generateNative,
  handleOf,
  hasNative,
  importNative,
  importPublicKey,
  publicJwkOfNative,
  sign,
  verify,
} from '../jose/primitives/web-keys.ts'
import { openWebDatabase } from './web-database.ts'

/** A key pair as it is kept. A key of WebCrypto is for one use, so that an imported one of P-256 is kept twice. */
type Kept = { readonly jwk: PublicJwk; readonly privateKeys: Readonly<Partial<Record<KeyUse, CryptoKey>>> }
type Row = Kept & { readonly id: DidUrl; readonly kid: DidUrl }

/** A store of keys of WebCrypto. */
export type WebCryptoKeys = KeyStore & {
  /**
   * Takes in a private key that was made elsewhere, so that it cannot be exported from here. Whoever had it still has it: a key that
   * `generate` made was never outside. It is kept for all uses of its curve.
   *
   * @throws {DidcommError} `ERR_MALFORMED_KEY`; `ERR_UNSUPPORTED_CURVE`; `ERR_USAGE_ARGUMENT` where the kid is none or another key has it.
   */
  add(key: PrivateJwk & { readonly kid: string }): Promise<void>
}

/**
 * Opens the store of a name, and makes it where there is none. Tabs and workers of one origin share it. What one of them changes, all
 * know at once.
 *
 * Curves are those of the browser's WebCrypto: P-256, P-384 and P-521 for key agreement and P-256 for signatures in all of them, X25519 and
 * Ed25519 in those of recent years.
 *
 * Exported from `sealpost/keys/webcrypto`.
 *
 * @param database - the name of the database in IndexedDB, which is this store's alone
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where there is no IndexedDB or no WebCrypto, `ERR_USAGE_KEY_STORE` where the browser does
 * not let the page store anything.
 *
 * @example
 * ```ts
 * import { createDidPeer4, type Did } from 'sealpost'
 * import { openWebCryptoKeys } from 'sealpost/keys/webcrypto'
 *
 * async function createDid(): Promise<Did> {
 *   const store = await openWebCryptoKeys('my-app')
 *   const agree = await store.generate('X25519', 'agree')
 *   const sign = await store.generate('Ed25519', 'sign')
 *   const { did } = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk: agree }, { purpose: 'authentication', jwk: sign }] })
 *   await store.name(agree, `${did}#key-1`)
 *   await store.name(sign, `${did}#key-2`)
 *   return did
 * }
 * ```
 */
export async function openWebCryptoKeys(database: string): Promise<WebCryptoKeys> {
  const rows = await openWebDatabase(database)
  const unnamed = new Map<string, Kept>()

  const find = (id: DidUrl): Promise<Row | undefined> =>
    rows.transact('readonly', (store) => {
      const request = store.get(id) as IDBRequest<Row | undefined>
      return () => request.result
    })

  async function privateKey(kid: DidUrl, use: KeyUse): Promise<{ readonly crv: Curve; readonly key: CryptoKey }> {
    const row = await find(canonicalKid(kid))
    if (row === undefined) throw keyErrors.notHeld(kid)
    const key = row.privateKeys[use]
    if (key === undefined) throw keyErrors.otherUse(kid, use, row.jwk.crv)
    return { crv: row.jwk.crv, key }
  }

  async function keep(kid: DidUrl, { jwk, privateKeys }: Kept): Promise<void> {
    const id = canonicalKid(checkKid(kid))
    const row: Row = { id, kid, jwk, privateKeys }
    try {
      await rows.transact('readwrite', (store) => {
        store.add(row)
        return () => undefined
      })
    } catch (error) {
      const isTaken = error instanceof DidcommError && error.cause instanceof DOMException && error.cause.name === 'ConstraintError'
      throw isTaken ? keyErrors.taken(kid, error) : error
    }
  }

  return {
    keys: {
      async held(kids) {
        const ids = kids.map(canonicalKid)
        const found = await rows.transact('readonly', (store) => {
          const requests = ids.map((id) => store.getKey(id))
          return () => requests.map(({ result }) => result !== undefined)
        })
        return kids.filter((_, i) => found[i])
      },
      async agree(kid, publicKey) {
        const { crv, key } = await privateKey(kid, 'agree')
        if (publicKey.crv !== crv) throw keyErrors.otherCurve(kid, crv, publicKey.crv)
        return agree(handleOf(crv, key), await importPublicKey(checkPublicJwk(publicKey), 'agree'))
      },
      async sign(kid, data) {
        const { crv, key } = await privateKey(kid, 'sign')
        const alg = signatureAlgorithmOf(crv)
        if (alg === undefined) throw keyErrors.otherUse(kid, 'sign', crv)
        return sign(alg, handleOf(crv, key), data)
      },
    },
    async generate(crv, use) {
      checkUse(crv, use)
      await expectNative(crv, use)
      const { publicKey, privateKey: secret } = await generateNative(crv, use, false)
      const jwk = await publicJwkOfNative(crv, publicKey)
      unnamed.set(nameOf(jwk), { jwk, privateKeys: { [use]: secret } })
      return jwk
    },
    async name(jwk, kid) {
      const key = unnamed.get(nameOf(jwk))
      if (key === undefined) throw keyErrors.noneWaits(kid)
      unnamed.delete(nameOf(jwk))
      try {
        await keep(kid, key)
      } catch (error) {
        unnamed.set(nameOf(jwk), key)
        throw error
      }
    },
    async add({ kid, ...key }) {
      const jwk = checkPrivateJwk(key)
      await keep(checkKid(kid), { jwk: publicJwkOf(jwk), privateKeys: await importAll(jwk) })
    },
    async list() {
      const all = await rows.transact('readonly', (store) => {
        const request = store.getAll() as IDBRequest<Row[]>
        return () => request.result
      })
      return all.map(({ kid, jwk, privateKeys }): StoredKey => ({ kid, jwk, uses: Object.keys(privateKeys) as KeyUse[] }))
    },
    async remove(kid) {
      const id = canonicalKid(kid)
      return rows.transact('readwrite', (store) => {
        const request = store.getKey(id)
        store.delete(id)
        return () => request.result !== undefined
      })
    },
    async close() {
      unnamed.clear()
      rows.close()
    },
  }
}

const nameOf = ({ crv, x }: PublicJwk): string => `${crv} ${x}`

async function expectNative(crv: Curve, use: KeyUse): Promise<void> {
  if (await hasNative(crv, use)) return
  throw new DidcommError(
    'ERR_UNSUPPORTED_CURVE',
    `expected a curve of this browser's WebCrypto, found ${crv}, which it lacks: choose P-256, which all have, or keep the key elsewhere`,
    { rule: 'CRV-01' },
  )
}

async function importAll(jwk: PrivateJwk): Promise<Kept['privateKeys']> {
  const keys: Partial<Record<KeyUse, CryptoKey>> = {}
  for (const use of usesOf(jwk.crv)) {
    await expectNative(jwk.crv, use)
    try {
      keys[use] = await importNative(jwk, use)
      if (await isPair(jwk, use, keys[use])) continue
    } catch (cause) {
      throw notAPair(cause)
    }
    throw notAPair()
  }
  return keys
}

/** Whether the private half belongs to the public one: engines differ in whether they look. */
async function isPair(jwk: PrivateJwk, use: KeyUse, key: CryptoKey): Promise<boolean> {
  const [own, publicKey] = [handleOf(jwk.crv, key), await importPublicKey(publicJwkOf(jwk), use)]
  const alg = signatureAlgorithmOf(jwk.crv)
  if (use === 'sign' && alg !== undefined) {
    const data = new Uint8Array(1)
    return verify(alg, publicKey, data, await sign(alg, own, data))
  }
  const other = await generateEphemeralKey(jwk.crv)
  const [mine, theirs] = [await agree(own, await importPublicKey(other.publicJwk, 'agree')), await agree(other.privateKey, publicKey)]
  return mine.every((octet, i) => octet === theirs[i])
}

const notAPair = (cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_KEY', 'expected a private key whose halves belong together, found another', { rule: 'CRV-05', cause })
