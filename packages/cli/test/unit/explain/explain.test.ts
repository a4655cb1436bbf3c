import { createResolver, type DidDocument, key, type Resolver } from 'sealpost/did'
import { receivedWrappings, unpack } from 'sealpost/envelope'
import { DidcommError } from 'sealpost/errors'
import { memoryKeys } from 'sealpost/keys/memory'
import { describe, expect, it } from 'vitest'
import negative from '../../../../../vectors/didcomm-negative/unpack.json' with { type: 'json' }
import recipientDocument from '../../../../../vectors/didcomm-v2.1/diddoc-recipient.json' with { type: 'json' }
import senderDocument from '../../../../../vectors/didcomm-v2.1/diddoc-sender.json' with { type: 'json' }
import examples from '../../../../../vectors/didcomm-v2.1/examples.json' with { type: 'json' }
import oob from '../../../../../vectors/didcomm-v2.1/oob.json' with { type: 'json' }
import secrets from '../../../../../vectors/didcomm-v2.1/secrets-recipient.json' with { type: 'json' }
import type { Means } from '../../../src/explain/context.ts'
import { explainBytes } from '../../../src/explain/explain.ts'
import type { Explanation, Finding, Part } from '../../../src/explain/explanation.ts'

const documents = [senderDocument, recipientDocument, ...negative.extra_did_documents] as unknown as readonly DidDocument[]
const others = createResolver([key()])
const resolver: Resolver = {
  async resolve(did) {
    const didDocument = documents.find(({ id }) => id === did)
    return didDocument === undefined ? others.resolve(did) : { didDocument, didResolutionMetadata: {}, didDocumentMetadata: {} }
  },
}
const nowSeconds = 1_600_000_000
const bob: Means = { keys: memoryKeys(secrets as never), hasKeys: true, resolver, nowSeconds }
const nobody: Means = { keys: memoryKeys([]), hasKeys: false, resolver, nowSeconds }
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const explain = (value: unknown, context: Means = bob): Promise<Explanation> => explainBytes(bytes(value), context)
const findings = (parts: readonly Part[]): readonly Finding[] => parts.flatMap((part) => [...part.findings, ...findings(part.parts ?? [])])

describe('explainBytes', () => {
  it.each(negative.vectors.map((vector) => [vector.requirement, vector.name, vector] as const))(
    '%s: %s is explained as unpack judges it',
    async (_, __, { packed }) => {
      const explained = await explain(packed)
      const judged = await unpack(typeof packed === 'string' ? packed : JSON.stringify(packed), {
        keys: bob.keys,
        resolver,
        policy: { wrappings: receivedWrappings, nowSeconds: () => nowSeconds },
      }).then(
        () => 'accepted' as const,
        (error: unknown) => error,
      )
      if (judged === 'accepted') {
        expect(findings(explained.parts).filter(({ level }) => level === 'broken')).toEqual([])
        expect(explained.verdict).toBe('sound')
      } else {
        expect(judged).toBeInstanceOf(DidcommError)
        const { code, message, rule } = judged as DidcommError
        if (code === 'ERR_TRUST_NOT_FOR_US') expect(explained.verdict).toBe('sound')
        else if (explained.verdict !== 'foreign') {
          expect(['broken', 'unchecked']).toContain(explained.verdict)
          expect(findings(explained.parts)).toContainEqual(expect.objectContaining({ text: message, ...(rule !== undefined && { rule }) }))
        }
      }
      // Without keys nothing throws either.
      await explain(packed, nobody)
    },
  )

  it.each(examples.examples.map(({ section, heading, json }) => [section, heading, json] as const))(
    'the examples of the specification are explained: %s, %s',
    async (_, __, json) => {
      expect((await explain(json)).summary.length).toBeGreaterThan(5)
      expect((await explain(json, nobody)).parts.length).toBeGreaterThan(0)
    },
  )

  it('what is proved is told apart from what is claimed (HDR-13, ADR-01)', async () => {
    const { packed } = negative.vectors.find(({ name }) => name === 'control-authcrypt') ?? {}
    const inside = findings((await explain(packed)).parts)
    expect(
      inside
        .filter(({ level }) => level === 'proved')
        .map(({ text }) => text)
        .join(),
    ).toContain('it is from did:example:alice')
    expect(inside.filter(({ level }) => level === 'claimed')).toEqual([])
    const plain = findings((await explain({ id: '1', type: 'https://example.com/h/1.0/h', from: 'did:example:alice', body: {} })).parts)
    expect(plain).toContainEqual(expect.objectContaining({ level: 'claimed', rule: 'HDR-13' }))
  })

  it('OOB-07, OOB-08: an invitation as a URL, as base64url alone, and as JSON', async () => {
    for (const form of [oob.url, oob.base64url, oob.invitation, oob.compact])
      expect(await explain(form)).toMatchObject({ kind: 'invitation', verdict: 'sound' })
    expect(await explain(oob.short_url)).toMatchObject({ kind: 'invitation', parts: [{ findings: [{ level: 'note' }] }] })
    expect(await explain(`${oob.url}&_oob=x`)).toMatchObject({ verdict: 'foreign' })
  })

  it('FWD-02, ATT-14: a forward shows who is next, and the envelope inside', async () => {
    const { packed } = negative.vectors.find(({ name }) => name === 'control-authcrypt') ?? {}
    const forward = {
      id: '1',
      type: 'https://didcomm.org/routing/2.0/forward',
      body: { next: 'did:example:bob' },
      attachments: [{ id: 'a', media_type: 'application/didcomm-encrypted+json', data: { json: packed } }],
    }
    const [part] = (await explain(forward)).parts
    expect(part?.facts).toContainEqual({ label: 'To be passed on to', value: 'did:example:bob' })
    expect(part?.parts?.[0]?.parts?.[0]?.title).toContain('Envelope')
    const missing = await explain({ ...forward, attachments: [] })
    expect(missing.verdict).toBe('broken')
  })

  it('messages nested in attachments many times are explained', async () => {
    let message: Record<string, unknown> = { id: '1', type: 'https://example.com/h/1.0/h', body: {} }
    for (let depth = 0; depth < 12; depth++)
      message = { id: '1', type: 'https://example.com/h/1.0/h', body: {}, attachments: [{ data: { json: message } }] }
    expect((await explain(message)).kind).toBe('plaintext')
  })

  it('DIDs, DID URLs, documents and keys', async () => {
    expect(await explain('did:example:alice#key-1')).toMatchObject({ kind: 'did', verdict: 'sound' })
    expect(await explain('did:example:nobody')).toMatchObject({ kind: 'did', verdict: 'unchecked' })
    expect(await explain('did:example:')).toMatchObject({ verdict: 'foreign' })
    expect(await explain(recipientDocument)).toMatchObject({ kind: 'did-document', verdict: 'sound' })
    expect(await explain({ id: 'did:example:x', keyAgreement: 7 })).toMatchObject({ kind: 'did-document' })
    const [secret] = secrets
    const explained = await explain(secret)
    expect(explained).toMatchObject({ kind: 'key', parts: [{ findings: [{ level: 'warning' }] }] })
    expect(JSON.stringify(explained)).not.toContain(secret?.d)
  })

  it('ENC-05: a compact JWE is named for what it is', async () => {
    expect(await explain('eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA')).toMatchObject({
      verdict: 'foreign',
      parts: [{ findings: [{ rule: 'ENC-05' }] }],
    })
  })

  it('PLN-02: a byte order mark, and members that stand twice, are told as a receiver sees them (J01, J09)', async () => {
    expect((await explain('\ufeff{"id":"1","type":"https://example.com/h/1.0/h"}')).verdict).toBe('foreign')
    expect(await explain('{"id":"1","id":"2","type":"https://example.com/h/1.0/h"}')).toMatchObject({
      parts: [{ findings: [{ level: 'broken', rule: 'PLN-02' }] }],
    })
    expect((await explain('  {"id":"1","type":"https://example.com/h/1.0/h"}\n')).verdict).toBe('sound')
  })

  it('what is no text, or nothing, is foreign', async () => {
    expect((await explainBytes(new Uint8Array([0xff, 0xfe]), bob)).verdict).toBe('foreign')
    expect((await explain('')).verdict).toBe('foreign')
    expect((await explain('{"id":1}')).verdict).toBe('foreign')
  })
})
