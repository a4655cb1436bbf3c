/**
 * In the page: Sealpost on WebCrypto beside didcomm's WebAssembly, sampled in turn. Each opens what the other packed before anything is
 * measured.
 *
 * @module
 */
import * as sealpost from '../.cache/sealpost-web.mjs'
import { compare } from '../lib/harness.mjs'
import * as glue from '../node_modules/didcomm/index_bg.js'

const { subtle } = globalThis.crypto
const kib = 1024
const sizes = [
  [kib, '1 KiB'],
  [64 * kib, '64 KiB'],
  [kib ** 2, '1 MiB'],
]
const curves = { X25519: { name: 'X25519' }, 'P-256': { name: 'ECDH', namedCurve: 'P-256' } }

async function party(name, algorithm) {
  const pair = await subtle.generateKey(algorithm, true, ['deriveBits'])
  const jwk = async (key) => {
    const { kty, crv, x, y, d } = await subtle.exportKey('jwk', key)
    return Object.fromEntries(Object.entries({ kty, crv, x, y, d }).filter(([, value]) => value !== undefined))
  }
  const did = `did:example:${name}`
  const kid = `${did}#key-agreement-1`
  const verificationMethod = [{ id: kid, type: 'JsonWebKey2020', controller: did, publicKeyJwk: await jwk(pair.publicKey) }]
  const privateKeyJwk = await jwk(pair.privateKey)
  return {
    did,
    document: { id: did, keyAgreement: [kid], authentication: [], service: [], verificationMethod },
    secret: { id: kid, type: 'JsonWebKey2020', privateKeyJwk },
    privateJwk: { ...privateKeyJwk, kid },
  }
}

function didcommOf(Message, alice, bob, documents) {
  const dids = { resolve: async (did) => documents.get(did) ?? null }
  const secretsOf = ({ secret }) => ({
    get_secret: async (id) => (id === secret.id ? secret : null),
    find_secrets: async (ids) => ids.filter((id) => id === secret.id),
  })
  const unpackOptions = { expect_decrypt_by_all_keys: false, unwrap_re_wrapping_forward: false }
  return {
    pack: async (plain, auth) => {
      const message = new Message(plain)
      const options = { forward: false, enc_alg_anon: 'A256gcmEcdhEsA256kw' }
      const [packed] = await message.pack_encrypted(bob.did, auth ? alice.did : null, null, dids, secretsOf(alice), options)
      message.free()
      return packed
    },
    unpack: async (packed) => {
      const [message] = await Message.unpack(packed, dids, secretsOf(bob), unpackOptions)
      const value = message.as_value()
      message.free()
      return value
    },
  }
}

function sealpostOf(alice, bob, documents) {
  const answer = async (did) => ({ didDocument: documents.get(did) ?? null, didResolutionMetadata: {}, didDocumentMetadata: {} })
  const resolver = sealpost.createResolver([{ method: 'example', resolve: answer }])
  const [aliceKeys, bobKeys] = [alice, bob].map(({ privateJwk }) => sealpost.memoryKeys([privateJwk]))
  return {
    pack: async (plain, auth) => {
      const wrapping = auth ? { as: 'authcrypt', from: alice.did } : { as: 'anoncrypt', enc: 'A256GCM' }
      return (await sealpost.pack(plain, { ...wrapping, to: bob.did, forward: false, keys: aliceKeys, resolver }))[0].envelope
    },
    unpack: async (packed) => (await sealpost.unpack(packed, { keys: bobKeys, resolver })).message,
  }
}

async function loadDidcomm() {
  const bytes = await (await fetch('/didcomm.wasm')).arrayBuffer()
  const { instance } = await WebAssembly.instantiate(bytes, { './index_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start?.()
  return glue.Message
}

globalThis.runBench = async (quick) => {
  const Message = await loadDidcomm()
  const options = quick ? { samples: 3, windowMs: 20, warmMs: 30 } : { samples: 9, windowMs: 80, warmMs: 200 }
  const rows = []
  for (const [curve, algorithm] of Object.entries(curves)) {
    for (const [bytes, size] of sizes) {
      const [alice, bob] = [await party('alice', algorithm), await party('bob', algorithm)]
      const documents = new Map([alice, bob].map((p) => [p.did, p.document]))
      const packers = { sealpost: sealpostOf(alice, bob, documents), didcomm: didcommOf(Message, alice, bob, documents) }
      for (const auth of [true, false]) {
        const title = `${auth ? 'authcrypt' : 'anoncrypt A256GCM'} ${curve}, ${size}`
        const plain = {
          id: crypto.randomUUID(),
          typ: 'application/didcomm-plain+json',
          type: 'https://didcomm.org/basicmessage/2.0/message',
          ...(auth ? { from: alice.did } : {}),
          to: [bob.did],
          created_time: Math.floor(Date.now() / 1000),
          body: { content: 'x'.repeat(bytes) },
        }
        const operations = { pack: {}, unpack: {} }
        for (const [name, { pack }] of Object.entries(packers)) {
          const packed = await pack(plain, auth)
          for (const { unpack } of Object.values(packers)) {
            if ((await unpack(packed)).body.content !== plain.body.content) throw new Error(`${title}: what ${name} packed was not read`)
          }
          operations.pack[name] = () => pack(plain, auth)
          operations.unpack[name] = () => packers[name].unpack(packed)
        }
        for (const what of ['pack', 'unpack']) {
          for (const [name, result] of Object.entries(await compare(operations[what], options)))
            rows.push({ title, what, name, bytes, ...result })
        }
      }
    }
  }
  return rows
}
