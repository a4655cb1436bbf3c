/**
 * A Veramo agent with its DIDComm plugin, all stores in memory. Its ECDH-1PU is of an older draft and its headers have no apv, so its
 * authcrypt does not interoperate with DIDComm v2.1: it is measured for speed alone.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createAgent } from '@veramo/core'
import { DIDComm } from '@veramo/did-comm'
import { AbstractIdentifierProvider, DIDManager, MemoryDIDStore } from '@veramo/did-manager'
import { DIDResolverPlugin } from '@veramo/did-resolver'
import { KeyManager, MemoryKeyStore, MemoryPrivateKeyStore } from '@veramo/key-manager'
import { KeyManagementSystem } from '@veramo/kms-local'

class InMemoryProvider extends AbstractIdentifierProvider {
  async createIdentifier() {
    throw new Error('not used')
  }
  async deleteIdentifier() {
    return true
  }
  async addKey() {}
  async addService() {}
  async removeKey() {}
  async removeService() {}
}

const hex = (base64url) => Buffer.from(base64url, 'base64url').toString('hex')

async function agentFor(env, owner) {
  const resolve = async (did) => ({
    didDocument: env.documents.get(did.split('#')[0]) ?? null,
    didResolutionMetadata: {},
    didDocumentMetadata: {},
  })
  const agent = createAgent({
    plugins: [
      new KeyManager({ store: new MemoryKeyStore(), kms: { local: new KeyManagementSystem(new MemoryPrivateKeyStore()) } }),
      new DIDManager({ store: new MemoryDIDStore(), defaultProvider: 'did:example', providers: { 'did:example': new InMemoryProvider() } }),
      new DIDResolverPlugin({ resolver: { resolve } }),
      new DIDComm({ transports: [] }),
    ],
  })
  const key = (k, type, privateKeyHex) => ({ kid: k.kid, kms: 'local', type, privateKeyHex, publicKeyHex: hex(k.publicJwk.x) })
  await agent.didManagerImport({
    did: owner.did,
    provider: 'did:example',
    keys: [
      ...owner.held.map((k) => key(k, 'X25519', hex(k.privateJwk.d))),
      ...owner.authentication.map((k) => key(k, 'Ed25519', hex(k.privateJwk.d) + hex(k.publicJwk.x))),
    ],
    services: [],
  })
  return agent
}

async function prepare(c, env) {
  if (env.curve !== 'X25519' || c.mode === 'forward' || c.outer || c.sign) return undefined
  const sender = await agentFor(env, env.alice)
  const recipient = await agentFor(env, env.bob)
  const packing = c.mode === 'signed' ? 'jws' : c.auth ? 'authcrypt' : 'anoncrypt'
  const options = c.mode === 'signed' ? undefined : { enc: c.enc, alg: c.auth ? 'ECDH-1PU+A256KW' : 'ECDH-ES+A256KW' }
  return {
    pack: async (message) => (await sender.packDIDCommMessage({ packing, message, options })).message,
    unpack: async (message) => (await recipient.unpackDIDCommMessage({ message })).message,
  }
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.resolve('@veramo/did-comm'))))
export const adapters = [{ name: 'Veramo', version, prepare }]
