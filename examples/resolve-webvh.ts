/** A did:webvh, whose history everybody can verify: its document, an earlier version, and what becomes of a server that lies. */
import { readFileSync } from 'node:fs'
import { webvh } from '@sealpost/webvh'
import { createResolver, type Did } from 'sealpost'

// A log by another implementation, as it would lie at https://example.com/.well-known/did.jsonl. A program has `createVettedFetch()` here.
const vector = new URL('../vectors/did-webvh/basic-update.json', import.meta.url)
const log: string = JSON.parse(readFileSync(vector, 'utf8')).implementations.rust.did_jsonl
const did: Did = `did:webvh:${JSON.parse(log.slice(0, log.indexOf('\n'))).parameters.scid}:example.com`

const method = webvh({ fetch: async () => new Response(log) })
const { didDocument, didDocumentMetadata } = await createResolver([method]).resolve(did)
console.log(`${didDocument?.id.slice(0, 24)}… is at version ${String(didDocumentMetadata['versionId']).split('-')[0]}`)

const first = await method.resolve(`${did}?versionNumber=1`)
console.log(`its first version is of ${String(first.didDocumentMetadata['versionTime'])}`)

const liar = webvh({ fetch: async () => new Response(log.replaceAll('"authentication"', '"keyAgreement"')) })
const { didResolutionMetadata } = await createResolver([liar]).resolve(did)
if (didResolutionMetadata.error !== 'invalidDid') throw new Error('expected a changed log to be refused')
console.log(`a server that changed it: ${didResolutionMetadata.error}`)
