/**
 * didcomm-rust compiled to WebAssembly: the npm package didcomm-node, which most JavaScript stacks use. X25519 and P-256 alone.
 *
 * @module
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { Message } = require('didcomm-node')

/** Our names of content encryption to didcomm-rust's. */
export const anonymous = { 'A256CBC-HS512': 'A256cbcHs512EcdhEsA256kw', XC20P: 'Xc20pEcdhEsA256kw', A256GCM: 'A256gcmEcdhEsA256kw' }
const unpackOptions = { expect_decrypt_by_all_keys: false, unwrap_re_wrapping_forward: false }

const secretsOf = (party) => {
  const byId = new Map(party.secrets.map((s) => [s.id, s]))
  return { get_secret: async (id) => byId.get(id) ?? null, find_secrets: async (ids) => ids.filter((id) => byId.has(id)) }
}

function prepare(c, env) {
  if (!['X25519', 'P-256'].includes(env.curve)) return undefined
  const { alice, bob } = env
  const dids = { resolve: async (did) => env.documents.get(did) ?? null }
  const aliceSecrets = secretsOf(alice)
  const bobSecrets = secretsOf(bob)

  const open = async (packed, secrets) => {
    const [message] = await Message.unpack(packed, dids, secrets, unpackOptions)
    const value = message.as_value()
    message.free()
    return value
  }
  const withMessage = async (plain, use) => {
    const message = new Message(plain)
    const [packed] = await use(message)
    message.free()
    return packed
  }

  if (c.mode === 'signed') {
    return {
      pack: (plain) => withMessage(plain, (m) => m.pack_signed(alice.did, dids, aliceSecrets)),
      unpack: (packed) => open(packed, bobSecrets),
    }
  }
  if (c.mode === 'forward') {
    const routingKeys = env.mediators.map((m) => m.keyAgreement[0].kid)
    const mediatorSecrets = secretsOf(env.mediators[0])
    return {
      pack: (inner) => Message.wrap_in_forward(inner, {}, bob.did, routingKeys, anonymous[c.enc], dids),
      unpack: async (packed) => (await open(packed, mediatorSecrets)).attachments[0].data.json,
    }
  }
  const options = { forward: false, protect_sender: !!c.outer, enc_alg_anon: anonymous[c.outer ?? c.enc] }
  const [from, signBy] = [c.auth ? alice.did : null, c.sign ? alice.did : null]
  return {
    pack: (plain) => withMessage(plain, (m) => m.pack_encrypted(bob.did, from, signBy, dids, aliceSecrets, options)),
    unpack: (packed) => open(packed, bobSecrets),
  }
}

export const adapters = [{ name: 'didcomm-node', version: require('didcomm-node/package.json').version, prepare }]
