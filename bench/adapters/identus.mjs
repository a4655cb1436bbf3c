/**
 * The Identus SDK: resolution of did:peer:2 around didcomm-rust's WebAssembly. It brings DIDs of its own.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import * as sdk from '@hyperledger/identus-sdk'

const apollo = new sdk.Apollo()
const castor = new sdk.Castor(apollo)

async function peer() {
  const seed = () => Buffer.from(apollo.createRandomSeed().seed.value).toString('hex')
  const keys = ['X25519', 'Ed25519'].map((curve) => apollo.createPrivateKey({ type: 'EC', curve, seed: seed() }))
  const did = await castor.createPeerDID(
    keys.map((k) => k.publicKey()),
    [],
  )
  const privateKeys = keys.map((k, i) => ({ keyCurve: { curve: ['X25519', 'Ed25519'][i] }, value: k.value ?? k.raw }))
  const pluto = { getAllPeerDIDs: async () => [{ did, privateKeys }] }
  return { did, wrapper: new sdk.DIDCommWrapper(apollo, castor, pluto) }
}

async function prepare(c, env) {
  if (env.curve !== 'X25519' || env.recipients !== 1 || c.mode !== 'encrypted' || c.sign || c.outer) return undefined
  if (!c.auth && c.enc !== 'XC20P') return undefined // the one cipher that it offers for anoncrypt
  const alice = await peer()
  const bob = await peer()
  const from = c.auth ? alice.did : undefined
  const messageOf = (m) => new sdk.Domain.Message(m.body, m.id, m.type, from, bob.did, [], undefined, {}, m.created_time)
  return {
    ownDids: true,
    pack: (m) => alice.wrapper.packEncrypted(messageOf(m), bob.did, from),
    unpack: (packed) => bob.wrapper.unpack(packed),
  }
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.resolve('@hyperledger/identus-sdk'))))
export const adapters = [{ name: 'Identus SDK', version, prepare }]
