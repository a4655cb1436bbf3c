/** Private keys that nobody can read, not even this program: a `Keys` port over WebCrypto. */
import { createDidPeer2, createResolver, type Keys, newId, type PublicJwk, pack, peer, unpack } from 'sealpost'

const ecdh = { name: 'ECDH', namedCurve: 'P-256' }

async function party() {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ecdh, false, ['deriveBits'])
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
  const { did } = createDidPeer2({ keys: [{ purpose: 'keyAgreement', jwk }] })
  const keys: Keys = {
    held: (kids) => kids.filter((kid) => kid === `${did}#key-1`),
    async agree(_kid, { kty, crv, x, y = '' }) {
      const theirs = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, ecdh, false, [])
      return new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, privateKey, 256))
    },
    sign() {
      throw new Error('this party has no key for signatures')
    },
  }
  return { did, keys, privateKey }
}

const [alice, bob, resolver] = [await party(), await party(), createResolver([peer()])]
const message = { id: newId(), type: 'https://example.com/chat/1.0/text', from: alice.did, to: [bob.did], body: { text: 'Hello' } }

for (const { envelope } of await pack(message, { keys: alice.keys, resolver })) {
  const { proof } = await unpack(envelope, { keys: bob.keys, resolver })
  if (proof.sender?.did !== alice.did) throw new Error('expected Alice to be the proved sender')
}
const exported = await crypto.subtle.exportKey('jwk', bob.privateKey).catch((error: Error) => error.name)
console.log(`sealed and opened; reading the private key: ${typeof exported === 'string' ? exported : 'possible'}`)
