/**
 * did:peer: what the method remembers.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { createDidPeer2, createDidPeer4, type Did, memoryLongForms, peer, peer3Of } from '../../../../../src/did/index.ts'
import { multihashOf } from '../../../../../src/did/subject.ts'

const multibase = 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR'
const keys = [{ purpose: 'keyAgreement', multibase }] as const
const four = createDidPeer4({ keys })
const two = createDidPeer2({ keys })
const errorOf = async (did: string, method = peer()) => (await method.resolve(did as Did)).didResolutionMetadata.error

describe('peer', () => {
  it('K08, G-40: short forms resolve after remember, without a resolution', async () => {
    const method = peer()
    await method.remember(four.did)
    await method.remember(two.did)
    expect((await method.resolve(four.shortForm)).didDocument?.id).toBe(four.shortForm)
    expect((await method.resolve(peer3Of(two.did))).didDocument).toMatchObject({ id: peer3Of(two.did), alsoKnownAs: [two.did] })
    await expect(method.remember(`${four.did}x` as Did)).rejects.toMatchObject({ code: 'ERR_MALFORMED_DID' })
  })

  it('K09: a store that gives the long form of another is not believed', async () => {
    const other = createDidPeer4({ document: { other: true } })
    const method = peer({ longForms: { get: () => other.did, set: () => undefined } })
    expect(await errorOf(four.shortForm, method)).toBe('notFound')
    const forged = `${four.shortForm}:${other.did.split(':').at(-1)}` as Did
    expect(await errorOf(four.shortForm, peer({ longForms: { get: () => forged, set: () => undefined } }))).toBe('invalidDid')
  })

  it('SEC-44: the memory is bounded', async () => {
    const longForms = memoryLongForms({ maxEntries: 1 })
    const method = peer({ longForms })
    await method.remember(four.did)
    await method.remember(two.did)
    expect(await errorOf(four.shortForm, method)).toBe('notFound')
    expect(await longForms.get(peer3Of(two.did))).toBe(two.did)
  })

  it('SEC-44, K08: strangers whose DIDs are resolved do not push out what was remembered', async () => {
    const method = peer({ longForms: memoryLongForms({ maxEntries: 1 }) })
    await method.remember(four.did)
    await method.resolve(two.did)
    await method.resolve(four.did)
    await method.resolve(two.did)
    expect((await method.resolve(four.shortForm)).didDocument?.id).toBe(four.shortForm)
    expect((await method.resolve(peer3Of(two.did))).didDocument?.id).toBe(peer3Of(two.did))
  })

  it('K08: a store of the application is told which long forms were remembered', async () => {
    const told: unknown[] = []
    const method = peer({ longForms: { get: () => undefined, set: (...all) => void told.push(all) } })
    await method.resolve(four.did)
    await method.remember(four.did)
    expect(told).toEqual([
      [four.shortForm, four.did, false],
      [four.shortForm, four.did, true],
    ])
  })

  it('K09: a genesis document of did:peer:1 is checked against its hash', async () => {
    const text = '{"keyAgreement":[]}'
    const did = `did:peer:1${multihashOf(text)}`
    expect((await peer({ genesis: new Map([[did, text]]) }).resolve(did as Did)).didDocument).toEqual({ id: did, keyAgreement: [] })
    expect(await errorOf(did, peer({ genesis: new Map([[did, `${text} `]]) }))).toBe('invalidDidDocument')
    expect(await errorOf(did, peer({ genesis: new Map([[did, { id: 'did:example:a' }]]) }))).toBe('invalidDidDocument')
  })

  it.each([
    'did:peer:',
    'did:peer:5zabc',
    'did:peer:3zQm',
    'did:peer:4',
    'did:key:z6Mk',
    'text',
    'did:peer:2.',
    'did:peer:4zQm:',
    `did:peer:2.S${'A'.repeat(9000)}`,
  ])('G-42: %s is refused', async (did) => {
    expect(await errorOf(did)).toBe('invalidDid')
  })
})
