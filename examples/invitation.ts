/** Bob shows an invitation as a link. Alice reads it, looks at what it claims, and answers to the DID in it. */
import { createDidPeer2, createResolver, generateKey, newId, pack, peer, publicJwkOf, unpack } from 'sealpost'
import { memoryKeys } from 'sealpost/keys/memory'
import { answersInvitation, createInvitation, inertText, invitationUrl, parseInvitationUrl } from 'sealpost/message'

async function party() {
  const jwk = await generateKey('X25519')
  const { did } = createDidPeer2({ keys: [{ purpose: 'keyAgreement', jwk: publicJwkOf(jwk) }] })
  return { did, keys: memoryKeys([{ ...jwk, kid: `${did}#key-1` }]) }
}

const [alice, bob, resolver] = [await party(), await party(), createResolver([peer()])]
const invitation = createInvitation({ id: newId(), from: bob.did, goal: 'To have lunch' })
const url = invitationUrl('https://example.com/lunch', invitation)
console.log(`${url.slice(0, 60)}… (${url.length} characters, for a link or a QR code)`)

const found = parseInvitationUrl(url)
if (found.form !== 'plain') throw new Error('expected an invitation that is in the URL itself')
const { from, id, body } = found.invitation
console.log(`somebody claims: ${inertText(body?.goal ?? '')}`)

const to = from as `did:${string}:${string}`
const answer = { id: newId(), type: 'https://example.com/lunch/1.0/accept', from: alice.did, to: [to], pthid: id, body: {} }
for (const { envelope } of await pack(answer, { keys: alice.keys, resolver })) {
  const { message } = await unpack(envelope, { keys: bob.keys, resolver })
  if (!answersInvitation(message, invitation)) throw new Error('expected an answer to the invitation')
  console.log('Bob sees that his invitation was answered')
}
