import { expect, it } from 'vitest'
import { encodeUtf8 } from '../../../src/bytes/utf8.ts'
import { pack, signAttachment, verifyAttachment } from '../../../src/envelope/index.ts'
import { base64Attachment } from '../../../src/message/index.ts'
import { outcomeOf, receive } from '../../hostile/outcome.ts'
import { alice, carol, documentWith, everybody, hello, resolverWith } from '../../parties.ts'

it('ATT-11: an attachment that somebody else signed travels in a message, and is verified there', async () => {
  const attachment = await signAttachment(base64Attachment(encodeUtf8('a diploma'), { id: 'a' }), {
    keys: carol.keys,
    resolver: everybody,
    signBy: carol.key('sign-ed25519-1').kid,
  })
  const [packed] = await pack(hello({ attachments: [attachment] }), { keys: alice.keys, resolver: everybody })
  const { message, proof } = await receive(packed?.envelope ?? '')
  const [received] = message.attachments ?? []
  if (received === undefined) throw new Error('expected an attachment')
  expect((await verifyAttachment(received, { resolver: everybody, signers: [alice.did, carol.did] })).did).toBe(carol.did)
  expect(proof.sender?.did).toBe(alice.did)
})

it('ATT-11, SIG-11: the content of links is signed where it is given, by a key that is listed for signatures', async () => {
  const content = encodeUtf8('elsewhere')
  const linked = { data: { links: ['https://a.example'], hash: 'z' } }
  const signed = await signAttachment(linked, { keys: carol.keys, resolver: everybody, signBy: carol.did, content })
  const verify = (more: object) => outcomeOf(verifyAttachment(signed, { resolver: everybody, signers: [carol.did], ...more }))
  expect(await verify({ content })).toBe('taken')
  expect(await verify({ content: encodeUtf8('other') })).toBe('ERR_TRUST_SIGNATURE SIG-17')
  expect(await verify({})).toBe('ERR_MALFORMED_ATTACHMENT ATT-11')
  const { kid, jwk } = carol.method('sign-ed25519-1')
  expect(await verify({ content, resolver: resolverWith(documentWith(carol.did, { assertionMethod: [{ kid, jwk }] })) })).toBe(
    'ERR_TRUST_KEY SIG-11',
  )
})
