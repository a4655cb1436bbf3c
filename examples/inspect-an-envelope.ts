/** What a stranger on the way can see of an envelope, without any key: the protected header and the names of keys. */
import { createDidPeer2, createResolver, generateKey, memoryKeys, newId, pack, peer, publicJwkOf } from 'sealpost'
import { isObject, parseJson } from 'sealpost/bytes'
import { defaultLimits } from 'sealpost/envelope'
import { parseJwe } from 'sealpost/jose'

async function party() {
  const jwk = await generateKey('X25519')
  const { did } = createDidPeer2({ keys: [{ purpose: 'keyAgreement', jwk: publicJwkOf(jwk) }] })
  return { did, keys: memoryKeys([{ ...jwk, kid: `${did}#key-1` }]) }
}

const [alice, bob, resolver] = [await party(), await party(), createResolver([peer()])]
const message = { id: newId(), type: 'https://example.com/chat/1.0/text', from: alice.did, to: [bob.did], body: { text: 'Hello' } }

for (const as of ['anoncrypt', 'authcrypt', 'anoncrypt(authcrypt)'] as const) {
  for (const { envelope } of await pack(message, { as, keys: alice.keys, resolver })) {
    const value = parseJson(envelope)
    if (!isObject(value)) throw new Error('expected an envelope to be a JSON object')
    const { alg, enc, header, recipients } = parseJwe(value, defaultLimits)
    const seen = typeof header.skid === 'string' && header.skid.startsWith(alice.did) ? 'Alice' : 'nobody'
    console.log(`${as}: ${alg} with ${enc}, for ${recipients.length} key, sender seen by others: ${seen}`)
  }
}
