/**
 * One exchange: one side packs, mediators of the other side's make open what is on the way, and the other side unpacks.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util'
import type { Case } from './cases.ts'
import type { Driver, Message, Metadata, PackRequest } from './driver.ts'
import { type Identity, identities, onCurve, reachedAt } from './identities.ts'

const forwardType = 'https://didcomm.org/routing/2.0/forward'

/** Packs by one implementation and unpacks by another. It resolves where all agrees, and rejects with what does not. */
export async function exchange(packer: Driver, opener: Driver, exchanged: Case): Promise<void> {
  for (let i = 0; i < (exchanged.times ?? 1); i++) await once(packer, opener, exchanged)
}

async function once(packer: Driver, opener: Driver, exchanged: Case): Promise<void> {
  const { sender, recipient, mediators, next } = partiesOf(exchanged)
  const documents = [sender, recipient, ...mediators, identities.alice].map(({ document }) => document)
  // Where Alice is the sender, her document is there twice.
  const known = documents.filter(({ id }, index) => documents.findIndex((other) => other.id === id) === index)
  const request = requestOf(exchanged, sender, recipient)
  let { packed } = await packer.pack({ ...request, documents: known })

  for (const [index, mediator] of mediators.entries()) {
    const { message } = await opener.unpack({ packed, documents: known, secrets: mediator.secrets })
    agree(`the message at hop ${index + 1}`, message.type, forwardType)
    agree(`next at hop ${index + 1}`, (message['body'] as { next?: unknown }).next, next[index])
    packed = forwarded(message)
  }

  const { message, metadata } = await opener.unpack({ packed, documents: known, secrets: recipient.secrets })
  for (const [header, value] of Object.entries(request.message)) agree(`\`${header}\``, withoutAbsent(message[header], value), value)
  agreeOnProof(exchanged, request, metadata)
}

/** Who speaks to whom in a case, over which mediators, and what each of their forwards names as `next`. */
function partiesOf({ curve, rotation, route }: Case): {
  sender: Identity
  recipient: Identity
  mediators: readonly Identity[]
  next: readonly string[]
} {
  const limited = (identity: Identity): Identity => (curve ? onCurve(identity, curve) : identity)
  const [first, second] = identities.mediators
  const bob = limited(identities.bob)
  const sender = rotation ? identities.after : limited(identities.alice)
  const did = bob.document.id
  const key = ({ document }: Identity): string => document.keyAgreement[0] ?? ''
  switch (route) {
    case 'one hop':
      return { sender, recipient: reachedAt(bob, 'https://mediator1.example.com/inbox', [key(first)]), mediators: [first], next: [did] }
    case 'two hops': {
      const recipient = reachedAt(bob, 'https://mediator1.example.com/inbox', [key(first), key(second)])
      return { sender, recipient, mediators: [first, second], next: [key(second), did] }
    }
    case 'DID as endpoint':
      return { sender, recipient: reachedAt(bob, first.document.id, []), mediators: [first], next: [did] }
    case 'DID as endpoint, and a routing key': {
      const recipient = reachedAt(bob, first.document.id, [key(second)])
      return { sender, recipient, mediators: [first, second], next: [key(second), did] }
    }
    default:
      return { sender, recipient: bob, mediators: [], next: [] }
  }
}

function requestOf(
  { wrapping, enc, signer, rotation, route, unknownHeader, attachment }: Case,
  sender: Identity,
  recipient: Identity,
): Omit<PackRequest, 'documents'> {
  const prior = identities.alice.document.id
  const from = sender.document.id
  const message: Message = {
    id: '6f0d1c9e-3c8e-4a5b-9d0b-0f1f4f6f7a10',
    typ: 'application/didcomm-plain+json',
    type: 'https://example.com/protocols/lets_do_lunch/1.0/proposal',
    from,
    to: [recipient.document.id],
    created_time: 1516269022,
    body: { text: 'Zürich, 東京, 🦊', list: [1, 2.5, true, null], empty: {} },
    ...(attachment && { attachments: [{ id: 'menu', media_type: 'application/json', data: { json: { soup: 'minestrone' } } }] }),
    ...(unknownHeader && { 'a-header-of-ours': { kept: [true, null] } }),
  }
  return {
    wrapping,
    message,
    from,
    to: recipient.document.id,
    secrets: rotation ? [...sender.secrets, ...identities.alice.secrets] : sender.secrets,
    forward: route !== undefined,
    ...(enc && { enc }),
    ...(signer && { signBy: `${from}#${signer}` }),
    ...(rotation && { fromPrior: { claims: { iss: prior, sub: from, iat: 1516239022 }, kid: `${prior}#key-1` } }),
  }
}

/** The envelope that a forward carries, in either form of an attachment. */
function forwarded(message: Message): string {
  const [attachment] = (message['attachments'] ?? []) as readonly { data: { json?: object; base64?: string } }[]
  if (attachment?.data.json) return JSON.stringify(attachment.data.json)
  if (attachment?.data.base64) return Buffer.from(attachment.data.base64, 'base64url').toString()
  throw new Error('a forward without an envelope attached')
}

/** What the unpacking side must have proved. What it has no way to say is not asked. */
function agreeOnProof({ wrapping, rotation }: Case, { from, signBy, fromPrior }: Omit<PackRequest, 'documents'>, proved: Metadata): void {
  const authcrypted = wrapping.includes('authcrypt')
  if (proved.encrypted !== undefined) agree('encrypted', proved.encrypted, wrapping !== 'signed')
  if (proved.authenticated !== undefined && !wrapping.includes('signed')) agree('authenticated', proved.authenticated, authcrypted)
  if (proved.senderKid !== undefined) agree('the DID of the sender key', proved.senderKid?.split('#')[0], authcrypted ? from : undefined)
  if (proved.signerKid !== undefined) agree('the key of the signature', proved.signerKid ?? undefined, signBy)
  if (rotation && proved.prior !== undefined) agree('the DID before the rotation', proved.prior?.split('#')[0], fromPrior?.claims.iss)
}

/** What was found without the members that are null and were not sent: didcomm-jvm writes `hash` and `jws` of every attachment so. */
function withoutAbsent(found: unknown, sent: unknown): unknown {
  if (Array.isArray(found) && Array.isArray(sent)) return found.map((item, index) => withoutAbsent(item, sent[index]))
  if (typeof found !== 'object' || found === null || typeof sent !== 'object' || sent === null) return found
  const members = Object.entries(found).filter(([name, value]) => value !== null || name in sent)
  return Object.fromEntries(members.map(([name, value]) => [name, withoutAbsent(value, (sent as Record<string, unknown>)[name])]))
}

function agree(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
}
