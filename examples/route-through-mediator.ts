/** Bob is behind a mediator. Alice just packs; the mediator learns for whom the message is, and nothing else. */
import { createDidPeer2, createResolver, didCommService, generateKey, newId, pack, peer, publicJwkOf, unpack } from 'sealpost'
import { memoryKeys } from 'sealpost/keys/memory'
import { checkForward } from 'sealpost/message'

async function party(endpoint?: string) {
  const jwk = await generateKey('X25519')
  const services = endpoint === undefined ? [] : [didCommService({ endpoints: [{ uri: endpoint }] })]
  const { did } = createDidPeer2({ keys: [{ purpose: 'keyAgreement', jwk: publicJwkOf(jwk) }], services })
  return { did, keys: memoryKeys([{ ...jwk, kid: `${did}#key-1` }]) }
}

const resolver = createResolver([peer()])
const alice = await party()
const mediator = await party('https://mediator.example/')
const bob = await party(mediator.did)
const mailboxes = new Map<string, object[]>([[bob.did, []]])

const message = { id: newId(), type: 'https://example.com/chat/1.0/text', from: alice.did, to: [bob.did], body: { text: 'Hello' } }
for (const { envelope, endpoints } of await pack(message, { keys: alice.keys, resolver })) {
  console.log(`Alice brings it to ${endpoints[0]?.uri}`)
  const forward = await unpack(envelope, { keys: mediator.keys, resolver })
  const { next, payloads } = checkForward(forward.message)
  const mailbox = mailboxes.get(next) // those who registered, and nobody else
  for (const { data } of payloads) mailbox?.push(data.json as object)
  console.log(`the mediator knows the sender: ${forward.proof.sender !== undefined}`)
}

for (const envelope of mailboxes.get(bob.did) ?? []) {
  const { message: read, proof } = await unpack(envelope, { keys: bob.keys, resolver })
  if (proof.sender?.did !== alice.did) throw new Error('expected Alice to be the proved sender')
  console.log('Bob reads, from Alice:', read.body)
}
