/**
 * A key file as a store of keys, for programs that make keys in whatever store they are given.
 *
 * @module
 */
import { canonicalKid, checkKid, checkUse, type DidUrl, type KeyStore, keyErrors, usesOf } from 'sealpost/did'
import { generateKey, type PrivateJwk, publicJwkOf } from 'sealpost/jose'
import type { KeyFile } from './key-file.ts'

/**
 * Makes and removes keys of an open key file by the port `KeyStore`. A key is in the file once it is named. Closing the store leaves the
 * file open.
 *
 * Functions reject with `ERR_USAGE_KEY_FILE`, too, as those of the file do.
 *
 * @example
 * ```ts
 * import { keyFileStore, type KeyFile } from '@sealpost/node'
 * import { createDidPeer4, type Did } from 'sealpost'
 *
 * async function createDid(file: KeyFile): Promise<Did> {
 *   const store = keyFileStore(file)
 *   const jwk = await store.generate('X25519', 'agree')
 *   const { did } = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk }] })
 *   await store.name(jwk, `${did}#key-1`)
 *   return did
 * }
 * ```
 */
export function keyFileStore(file: KeyFile): KeyStore {
  const unnamed = new Map<string, PrivateJwk>()
  const named = (kid: DidUrl): readonly DidUrl[] => {
    const id = canonicalKid(kid)
    return file.list().filter((one) => canonicalKid(one) === id)
  }
  return {
    keys: file.keys,
    async generate(crv, use) {
      checkUse(crv, use)
      const jwk = await generateKey(crv)
      unnamed.set(`${crv} ${jwk.x}`, jwk)
      return publicJwkOf(jwk)
    },
    async name({ crv, x }, kid) {
      checkKid(kid)
      const key = unnamed.get(`${crv} ${x}`)
      if (key === undefined) throw keyErrors.noneWaits(kid)
      if (named(kid).length > 0) throw keyErrors.taken(kid)
      await file.add({ keys: [{ ...key, kid }] })
      unnamed.delete(`${crv} ${x}`)
    },
    list: async () =>
      file.list().flatMap((kid) => {
        const jwk = file.publicKey(kid)
        return jwk === undefined ? [] : [{ kid, jwk, uses: usesOf(jwk.crv) }]
      }),
    async remove(kid) {
      const gone = named(kid)
      for (const one of gone) await file.remove(one)
      return gone.length > 0
    },
    close: async () => unnamed.clear(),
  }
}
