/**
 * Driver of Veramo's DIDComm plugin, with all its stores in memory.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { serve } from '../line-json.mjs'

const installed = createRequire(new URL('../../.work/veramo/package.json', import.meta.url))
const load = (name) => import(pathToFileURL(installed.resolve(name)).href)

const { createAgent } = await load('@veramo/core')
const { DIDComm } = await load('@veramo/did-comm')
const { AbstractIdentifierProvider, DIDManager, MemoryDIDStore } = await load('@veramo/did-manager')
const { DIDResolverPlugin } = await load('@veramo/did-resolver')
const { KeyManager, MemoryKeyStore, MemoryPrivateKeyStore } = await load('@veramo/key-manager')
const { KeyManagementSystem } = await load('@veramo/kms-local')

/** The manager wants a provider for each DID method; these DIDs are imported and never changed. */
class Provider extends AbstractIdentifierProvider {}

const keyTypes = { X25519: 'X25519', Ed25519: 'Ed25519', secp256k1: 'Secp256k1', 'P-256': 'Secp256r1' }
const hex = (base64url) => Buffer.from(base64url, 'base64url').toString('hex')

/** A private JWK as its key manager imports it; curves that it has no type for are left out. */
const importable = (jwk) => ({
  kid: jwk.kid,
  kms: 'local',
  type: keyTypes[jwk.crv],
  // Its Ed25519 private keys are the seed and the public key, joined.
  privateKeyHex: jwk.crv === 'Ed25519' ? hex(jwk.d) + hex(jwk.x) : hex(jwk.d),
  publicKeyHex: jwk.kty === 'OKP' ? hex(jwk.x) : `04${hex(jwk.x)}${hex(jwk.y)}`,
})

async function agentOf({ documents, secrets }) {
  const known = new Map(documents.map((document) => [document.id, document]))
  const resolve = async (did) => ({
    didDocument: known.get(did.split('#')[0]) ?? null,
    didResolutionMetadata: {},
    didDocumentMetadata: {},
  })
  const agent = createAgent({
    plugins: [
      new KeyManager({ store: new MemoryKeyStore(), kms: { local: new KeyManagementSystem(new MemoryPrivateKeyStore()) } }),
      new DIDManager({ store: new MemoryDIDStore(), defaultProvider: 'did:example', providers: { 'did:example': new Provider() } }),
      new DIDResolverPlugin({ resolver: { resolve } }),
      new DIDComm({ transports: [] }),
    ],
  })
  for (const did of new Set(secrets.map((jwk) => jwk.kid.split('#')[0]))) {
    const keys = secrets.filter((jwk) => jwk.kid.startsWith(`${did}#`) && keyTypes[jwk.crv] !== undefined).map(importable)
    await agent.didManagerImport({ did, provider: 'did:example', keys, services: [] })
  }
  return agent
}

const packings = { signed: 'jws', anoncrypt: 'anoncrypt', authcrypt: 'authcrypt' }

async function pack(request) {
  const packing = packings[request.wrapping]
  if (packing === undefined) throw new Error(`packDIDCommMessage has no packing for ${request.wrapping}`)
  if (request.fromPrior !== undefined) throw new Error('packDIDCommMessage has no from_prior')
  if (request.forward) throw new Error('packDIDCommMessage does not wrap for mediators')
  const agent = await agentOf(request)
  const options = { enc: request.enc ?? 'A256CBC-HS512', alg: packing === 'authcrypt' ? 'ECDH-1PU+A256KW' : 'ECDH-ES+A256KW' }
  const chosen = packing === 'jws' ? { keyRef: request.signBy } : { options }
  return { packed: (await agent.packDIDCommMessage({ packing, message: request.message, ...chosen })).message }
}

async function unpack(request) {
  const agent = await agentOf(request)
  const { message, metaData } = await agent.unpackDIDCommMessage({ message: request.packed })
  // It tells neither the sender's key nor the signer's.
  const encrypted = ['anoncrypt', 'authcrypt'].includes(metaData.packing)
  return { message, metadata: { encrypted, authenticated: metaData.packing === 'authcrypt' } }
}

// Its `exports` hide its package.json from the resolver.
const manifest = new URL('../../.work/veramo/node_modules/@veramo/did-comm/package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8'))

await serve({ hello: () => ({ name: '@veramo/did-comm', version }), pack, unpack })
