/** Alice goes on with another DID. Bob keeps the conversation, because the old DID says who the new one is. */
import { createDidPeer2, createResolver, fromPrior, generateKey, memoryKeys, newId, pack, peer, publicJwkOf, unpack } from 'sealpost'

async function newDid() {
  const [agree, sign] = [await generateKey('X25519'), await generateKey('Ed25519')]
  const { did } = createDidPeer2({
    keys: [
      { purpose: 'keyAgreement', jwk: publicJwkOf(agree) },
      { purpose: 'authentication', jwk: publicJwkOf(sign) },
    ],
  })
  const jwks = [
    { ...agree, kid: `${did}#key-1` },
    { ...sign, kid: `${did}#key-2` },
  ]
  return { did, jwks }
}

const [before, after, bob] = [await newDid(), await newDid(), await newDid()]
const [keys, resolver] = [memoryKeys([...before.jwks, ...after.jwks]), createResolver([peer()])]
const bobsContacts = new Map<string, string>([[before.did, 'Alice']])

const issuedAtSeconds = Math.floor(Date.now() / 1000)
const from_prior = await fromPrior({ prior: before.did, next: after.did, issuedAtSeconds }, { keys, resolver })
const message = { id: newId(), type: 'https://example.com/chat/1.0/text', from: after.did, to: [bob.did], from_prior, body: {} }

for (const { envelope } of await pack(message, { keys, resolver })) {
  const { proof } = await unpack(envelope, { keys: memoryKeys(bob.jwks), resolver })
  const name = bobsContacts.get(proof.rotation?.prior ?? '')
  if (name === undefined || proof.rotation?.next === undefined) throw new Error('expected a rotation of somebody known')
  bobsContacts.delete(proof.rotation.prior)
  bobsContacts.set(proof.rotation.next, name)
}
console.log(`the new DID is known as ${bobsContacts.get(after.did)}, the old one as ${bobsContacts.get(before.did) ?? 'nobody'}`)
