/** Alice writes to Bob: authcrypt, and then signed inside of anoncrypt. What Bob can prove differs. */
import { createDidPeer2, createResolver, generateKey, memoryKeys, newId, pack, peer, publicJwkOf, unpack } from 'sealpost'

async function party() {
  const [agree, sign] = [await generateKey('X25519'), await generateKey('Ed25519')]
  const { did } = createDidPeer2({
    keys: [
      { purpose: 'keyAgreement', jwk: publicJwkOf(agree) },
      { purpose: 'authentication', jwk: publicJwkOf(sign) },
    ],
  })
  return {
    did,
    keys: memoryKeys([
      { ...agree, kid: `${did}#key-1` },
      { ...sign, kid: `${did}#key-2` },
    ]),
  }
}

const [alice, bob, resolver] = [await party(), await party(), createResolver([peer()])]

for (const as of ['authcrypt', 'anoncrypt(signed)'] as const) {
  const message = { id: newId(), type: 'https://example.com/chat/1.0/text', from: alice.did, to: [bob.did], body: { text: 'Hello' } }
  for (const { envelope } of await pack(message, { as, keys: alice.keys, resolver })) {
    const { proof } = await unpack(envelope, { keys: bob.keys, resolver })
    if (proof.sender?.did !== alice.did) throw new Error('expected Alice to be the proved sender')
    console.log(`${as}: sent by Alice, ${proof.signature === undefined ? 'which Bob alone knows' : 'which Bob can show to others'}`)
  }
}
