/**
 * Resolvers of the ecosystem plug in here, and ours plugs in there: the types say so, and a call shows it.
 *
 * @module
 */
import { type DIDResolver, Resolver as DifResolver, type Resolvable } from 'did-resolver'
import { expect, it } from 'vitest'
import { createResolver, type Did, documentOf, key, keysOf, type Resolver } from '../../src/did/index.ts'

const did: Did = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'

it("SEC-27: did-resolver's Resolver is a resolver of ours", async () => {
  const ours = createResolver([key()])
  const methods: Record<string, DIDResolver> = { key: (asked) => ours.resolve(asked) }
  const resolver: Resolver = new DifResolver(methods)
  expect(keysOf(await documentOf(resolver, did), 'keyAgreement')).toHaveLength(1)
  await expect(documentOf(resolver, 'did:other:x')).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_METHOD' })
})

it('SEC-27: our resolver is a Resolvable of did-resolver', async () => {
  const resolvable: Resolvable = createResolver([key()])
  expect((await resolvable.resolve(did)).didDocument?.verificationMethod?.[0]?.id).toBe(
    `${did}#z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK`,
  )
})
