/**
 * Sealpost as it is published: the built package, by its public functions, with every check on. The first adapter is the one that the goals
 * speak of; the others switch one thing off, or show another backend.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as sealpost from 'sealpost'
import * as did from 'sealpost/did'
import * as envelope from 'sealpost/envelope'
import { webBundle } from '../lib/bundle.mjs'

const node = () => ({ ...did, ...envelope, ...sealpost })
// Loaded where it is measured, so that it is not in the memory of the others.
const web = () => import(webBundle)

const wrappings = {
  signed: () => ({ as: 'signed' }),
  encrypted: (c) => {
    const inner = c.sign ? 'signed' : ''
    const around = (name, text) => (text ? `${name}(${text})` : name)
    const first = around(c.auth ? 'authcrypt' : 'anoncrypt', inner)
    return c.outer ? { as: around('anoncrypt', first), enc: c.outer } : { as: first, enc: c.enc }
  },
}

// More than a stranger is given by default: the sizes go up to 16 MiB.
const policy = { limits: { maxBytes: 64 * 1024 ** 2 } }

/** Resolvers, all asynchronous and in memory. */
const resolvers = {
  /** Ours, with its cache, over a method that looks into a Map. */
  cached: (library, documents) =>
    // Room for a document of 1000 keys.
    library.createResolver([{ method: 'example', resolve: answerFrom(documents) }], { maxDocumentBytes: 2 ** 20 }),
  /** Anybody's: a Map, and nothing else. */
  plain: (_library, documents) => ({ resolve: answerFrom(documents) }),
  /** A network's: every answer is made anew, so that nothing can be kept by the identity of an object. */
  fresh: (_library, documents) => ({
    resolve: async (did) => {
      const answer = await answerFrom(documents)(did)
      return { ...answer, didDocument: answer.didDocument && anewDocument(answer.didDocument) }
    },
  }),
}

// By hand, because `structuredClone` would cost as much as what is measured.
const anew = (jwks) => jwks.map((jwk) => ({ ...jwk }))
const anewDocument = ({ verificationMethod, ...document }) => ({
  ...document,
  verificationMethod: verificationMethod.map((method) => ({ ...method, publicKeyJwk: { ...method.publicKeyJwk } })),
})

const answerFrom = (documents) => async (did) => ({
  didDocument: documents.get(did) ?? null,
  didResolutionMetadata: {},
  didDocumentMetadata: {},
})

/** A mediator's key, looked up as a packer does on every message. */
async function routingKey(library, resolver, name) {
  const { didDocument } = await resolver.resolve(name.split('#')[0])
  return library.keyOf(didDocument, 'keyAgreement', name)
}

/** The adapter's `prepare` for one way of using the library. */
function preparing(load, { resolver: kind, secrets = true, freshKeys = false }) {
  return async (c, env) => {
    const library = await load()
    const { alice, bob, mediators, documents } = env
    const resolver = resolvers[kind](library, documents)
    const keysOf = ({ privateJwks }) => {
      if (freshKeys) return () => library.memoryKeys(anew(privateJwks))
      const keys = library.memoryKeys(privateJwks, { keepSecrets: secrets })
      return () => keys
    }
    const [aliceKeys, bobKeys] = [keysOf(alice), keysOf(bob)]

    if (c.mode === 'forward') {
      const routingKeys = mediators.map((m) => m.keyAgreement[0].kid)
      const mediatorKeys = keysOf(mediators[0])
      return {
        pack: async (inner) => {
          const hops = await Promise.all(routingKeys.map(async (name) => ({ name, keys: [await routingKey(library, resolver, name)] })))
          return library.wrapForward(inner, { next: bob.did, hops, enc: c.enc })
        },
        unpack: async (packed) =>
          (await library.unpack(packed, { keys: mediatorKeys(), resolver, policy })).message.attachments[0].data.json,
      }
    }
    const options = { ...wrappings[c.mode](c), forward: false, to: bob.did, ...(c.auth || c.sign ? { from: alice.did } : {}) }
    const packing = { ...options, keys: aliceKeys(), resolver }
    const unpacking = { keys: bobKeys(), resolver, policy }
    const unpack = freshKeys
      ? async (packed) => (await library.unpack(packed, { keys: bobKeys(), resolver, policy })).message
      : async (packed) => (await library.unpack(packed, unpacking)).message
    // Not one of the seven combinations of v2.1: opened, never made (MED-16).
    if (options.as === 'anoncrypt(authcrypt(signed))') return { unpack }
    return {
      pack: freshKeys
        ? async (message) => (await library.pack(message, { ...options, keys: aliceKeys(), resolver }))[0].envelope
        : async (message) => (await library.pack(message, packing))[0].envelope,
      unpack,
    }
  }
}

const { version } = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('sealpost/package.json')))
const everyday = ['core', 'nested', 'curves']

export const adapters = [
  { name: 'sealpost', version, prepare: preparing(node, { resolver: 'cached' }) },
  { name: 'sealpost, plain resolver', version, suites: [...everyday, 'recipients'], prepare: preparing(node, { resolver: 'plain' }) },
  {
    name: 'sealpost, no kept secrets',
    version,
    suites: [...everyday, 'recipients'],
    prepare: preparing(node, { resolver: 'cached', secrets: false }),
  },
  { name: 'sealpost, fresh JWKs', version, suites: everyday, prepare: preparing(node, { resolver: 'fresh', freshKeys: true }) },
  { name: 'sealpost, web backend', version, suites: everyday, prepare: preparing(web, { resolver: 'cached' }) },
]
