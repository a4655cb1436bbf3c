/**
 * The vectors of the method's test suite: logs by five implementations, and logs that must be refused.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createResolver, type Did, documentOf, type Fetch } from 'sealpost/did'
import { describe, expect, it } from 'vitest'
import { webvh } from '../src/index.ts'

type Result = {
  readonly didDocument: { readonly id: string; readonly service?: readonly { readonly id: string }[] } | null
  readonly didDocumentMetadata: Record<string, unknown> | null
  readonly didResolutionMetadata: { readonly error?: string } | null
}
type Case = { readonly did_jsonl?: string; readonly witness?: unknown; readonly resolution_results: Record<string, Result> }
type Scenario = { readonly negative: boolean; readonly resolve_did?: string; readonly implementations: Record<string, Case> }

const folder = new URL('../../../vectors/did-webvh/', import.meta.url)
const scenarios = readdirSync(folder)
  .filter((name) => !['index.json', 'log-entry.schema.json'].includes(name))
  .map((name) => ({ name: name.slice(0, -'.json'.length), ...(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Scenario) }))

/** Where the suite and the specification are two: what the specification says, and why. */
const decisions: Readonly<Record<string, string>> = {
  'witness-update java': 'DID Witnesses: the list that is replaced approves of the entry that replaces it; one of two did',
  'witness-update java-eecc': 'the same',
  'witness-update python': 'the same; the suite has it refused too',
  'witness-update ts': 'the same',
  'witness-update rust': 'The `witness` Parameter: an id is a did:key, not a bare Multikey',
  'witness-threshold rust': 'the same',
}

/** Serves one log, and the proofs of its witnesses beside it. */
const serving =
  ({ did_jsonl, witness }: Case): Fetch =>
  async (url) =>
    url.endsWith('/did.jsonl') && did_jsonl !== undefined
      ? new Response(did_jsonl)
      : url.endsWith('/did-witness.json') && witness !== undefined
        ? Response.json(witness)
        : new Response(null, { status: 404 })

const lastId = ({ did_jsonl = '' }: Case): string => JSON.parse(did_jsonl.trim().split('\n').at(-1) ?? '').state.id

/** A document without the services that the method implies: some resolvers write them out, each in its own way. */
const explicit = (document: Result['didDocument']): object | null => {
  if (document === null) return null
  const { service, ...rest } = document
  const left = service?.filter(({ id }) => !/#(?:files|whois)$/.test(id)) ?? []
  return { ...rest, ...(left.length > 0 && { service: left }) }
}

const sound = scenarios.filter(({ negative }) => !negative)
const wrong = scenarios.filter(({ negative }) => negative)

describe('did:webvh, vectors', () => {
  it('are all there', () => {
    expect([sound.length, wrong.length]).toEqual([13, 16])
    const names = sound.flatMap(({ name, implementations }) => Object.keys(implementations).map((by) => `${name} ${by}`))
    expect(names.length).toBe(64)
    expect(Object.keys(decisions).filter((name) => !names.includes(name))).toEqual([])
  })

  const cases = sound.flatMap(({ name, implementations }) =>
    Object.entries(implementations).map(([by, one]) => ({ name: `${name} ${by}`, one })),
  )

  it.each(cases.filter(({ name }) => decisions[name] === undefined))(
    '$name resolves to the document of the suite',
    async ({ name, one }) => {
      const method = webvh({ fetch: serving(one) })
      const did = lastId(one) as Did
      const { latest, ...others } = one.resolution_results
      const { didDocument, didDocumentMetadata, didResolutionMetadata } = await method.resolve(did)
      expect(didResolutionMetadata.error).toBeUndefined()
      const expected = latest?.didDocumentMetadata ?? {}
      for (const member of ['versionId', 'versionTime', 'created', 'updated'])
        expect(didDocumentMetadata[member], member).toBe(expected[member])
      if (name.startsWith('deactivate ')) {
        expect([didDocument, didDocumentMetadata.deactivated]).toEqual([null, true])
        const asked = await method.resolve(`${did}?versionId=${String(expected['versionId'])}` as Did)
        expect(asked.didDocument).toBeNull()
        const first = await method.resolve(`${did}?versionNumber=1` as Did)
        expect([first.didDocument?.id, first.didDocumentMetadata.deactivated]).toEqual([did, true])
      } else expect(explicit(didDocument as Result['didDocument'])).toEqual(explicit(latest?.didDocument ?? null))
      for (const [number, { didDocument: document, didDocumentMetadata: metadata }] of Object.entries(others)) {
        // One implementation answers each of these with the last version.
        if (metadata?.['versionNumber'] !== Number(number)) continue
        const asked = await method.resolve(`${did}?versionNumber=${number}` as Did)
        expect(explicit(asked.didDocument as Result['didDocument'])).toEqual(explicit(document))
      }
    },
  )

  it.each(cases.filter(({ name }) => decisions[name] !== undefined))('$name is refused, as the specification has it', async ({ one }) => {
    const { didResolutionMetadata } = await webvh({ fetch: serving(one) }).resolve(lastId(one) as Did)
    expect(didResolutionMetadata.error).toBe('invalidDid')
  })

  it.each(wrong)('K12: $name', async ({ resolve_did, implementations }) => {
    const one = implementations['ts'] as Case
    const lines = (one.did_jsonl ?? '').trim().split('\n')
    const scid = one.did_jsonl ? (JSON.parse(lines[0] ?? '').parameters.scid as string) : ''
    // The DID of the log, and the one that its documents claim to be.
    const dids = resolve_did === undefined ? [`did:webvh:${scid}:example.com`, lastId(one)] : [resolve_did]
    for (const did of dids) {
      const { didDocument, didResolutionMetadata } = await webvh({ fetch: serving(one) }).resolve(did as Did)
      expect([didDocument, didResolutionMetadata.error]).toEqual([null, 'invalidDid'])
      await expect(documentOf(createResolver([webvh({ fetch: serving(one) })]), did as Did)).rejects.toMatchObject({ retryable: false })
    }
  })
})
