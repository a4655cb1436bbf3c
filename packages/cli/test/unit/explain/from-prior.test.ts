import type { DidDocument, Resolver } from 'sealpost/did'
import { memoryKeys } from 'sealpost/keys/memory'
import { describe, expect, it } from 'vitest'
import vectors from '../../../../../vectors/didcomm-negative/from-prior.json' with { type: 'json' }
import recipientDocument from '../../../../../vectors/didcomm-v2.1/diddoc-recipient.json' with { type: 'json' }
import senderDocument from '../../../../../vectors/didcomm-v2.1/diddoc-sender.json' with { type: 'json' }
import { explainFromPrior } from '../../../src/explain/from-prior.ts'

const extra = 'extra_did_documents' in vectors ? (vectors.extra_did_documents as readonly unknown[]) : []
const documents = [senderDocument, recipientDocument, ...extra] as readonly DidDocument[]
const resolver: Resolver = {
  async resolve(did) {
    const didDocument = documents.find(({ id }) => id === did) ?? null
    return { didDocument, didResolutionMetadata: didDocument === null ? { error: 'notFound' } : {}, didDocumentMetadata: {} }
  },
}
const context = { keys: memoryKeys([]), hasKeys: false, resolver, nowSeconds: 1_600_000_000 }

describe('explainFromPrior', () => {
  it('ROT-14: a rotation whose signature holds is proved, and one that was changed is not', async () => {
    const sound = vectors.vectors
      .filter(({ expect }) => expect === 'accept')
      .map(jwtOf)
      .find((jwt) => jwt !== undefined)
    if (sound === undefined) throw new Error('the vectors have no from_prior that is sound')
    const explained = await explainFromPrior(sound, context)
    expect(explained).toMatchObject({ kind: 'from_prior', verdict: 'sound', parts: [{ findings: [{ level: 'proved', rule: 'ROT-14' }] }] })
    const [head, payload, signature = ''] = sound.split('.')
    const changed = `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    expect((await explainFromPrior(changed, context)).verdict).toBe('broken')
  })

  it.each([
    ...vectors.vectors.map((vector) => [vector.requirement, vector.name, jwtOf(vector)] as const).filter(([, , jwt]) => jwt !== undefined),
  ])('%s: %s never throws', async (_, __, jwt) => {
    expect((await explainFromPrior(jwt ?? '', context)).summary).not.toBe('')
  })

  it('SIG-07: another JWT is nothing of DIDComm', async () => {
    expect(await explainFromPrior('eyJhbGciOiJub25lIn0.e30.', context)).toMatchObject({
      verdict: 'foreign',
      parts: [{ findings: [{ rule: 'SIG-07' }] }],
    })
    expect(await explainFromPrior('a.b.c', context)).toMatchObject({ verdict: 'foreign' })
  })
})

function jwtOf(vector: object): string | undefined {
  const text = JSON.stringify(vector)
  return /"from_prior":"([^"]+)"/.exec(text)?.[1] ?? /"jwt":"([^"]+)"/.exec(text)?.[1]
}
