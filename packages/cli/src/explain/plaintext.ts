/**
 * Explains plaintext messages, header by header, and what is attached. What proves them comes from their envelope.
 *
 * @module
 */
import { isObject } from 'sealpost/bytes'
import { type Did, didOf } from 'sealpost/did'
import type { Proof } from 'sealpost/envelope'
import {
  type Attachment,
  checkForward,
  checkInvitation,
  checkPlaintext,
  invitationType,
  isExpired,
  isForward,
  matchesType,
  type Plaintext,
  parseMessageType,
} from 'sealpost/message'
import { attachmentParts } from './attachments.ts'
import type { Context } from './context.ts'
import { broken, type Explanation, explanation, type Fact, type Finding, fact, type Part, sizeOf, timeOf } from './explanation.ts'
import { fromPriorPart } from './from-prior.ts'

export async function explainPlaintext(value: Record<string, unknown>, octets: number, context: Context): Promise<Explanation> {
  const part = await messagePart(value, context)
  const { type } = value
  const whole = { ...part, facts: [...fact('Size', sizeOf(octets)), ...part.facts] }
  if (typeof type === 'string' && isType(type, invitationType)) {
    return explanation(
      'invitation',
      `An invitation${typeof value['from'] === 'string' ? ` that says it is from ${value['from']}` : ''}. It is public, and proves nothing.`,
      [whole],
    )
  }
  const bare: Finding = { level: 'note', text: 'it is neither signed nor encrypted: nothing in it is proved', rule: 'MED-20' }
  return explanation('plaintext', 'A plaintext message, with nothing around it.', [{ ...whole, findings: [bare, ...whole.findings] }])
}

/** The part about a message. `proof` is what its envelope proved; without it everything is only claimed. */
export async function messagePart(value: Plaintext | Record<string, unknown>, context: Context, proof?: Proof): Promise<Part> {
  const findings = [...senderFindings(value, proof), ...ruleFindings(value), ...timeFindings(value, context.nowSeconds)]
  const rotation = typeof value['from_prior'] === 'string' ? [await fromPriorPart(value['from_prior'], context, proof)] : []
  const attachments = Array.isArray(value['attachments']) ? await attachmentParts(value['attachments'] as Attachment[], context) : []
  return {
    title: 'Message',
    facts: factsOf(value),
    findings,
    ...(value['body'] !== undefined && { content: value['body'] }),
    parts: [...rotation, ...attachments],
  }
}

function factsOf(value: Record<string, unknown>): readonly Fact[] {
  const text = (name: string): string | undefined => (typeof value[name] === 'string' ? value[name] : undefined)
  const list = (name: string): readonly string[] | undefined =>
    Array.isArray(value[name]) ? value[name].filter((item) => typeof item === 'string') : undefined
  const body = isObject(value['body']) ? value['body'] : {}
  const next =
    typeof body['next'] === 'string' &&
    typeof value['type'] === 'string' &&
    isType(value['type'], 'https://didcomm.org/routing/2.0/forward')
      ? body['next']
      : undefined
  return [
    ...fact('Type', text('type') === undefined ? undefined : describeType(text('type') ?? '')),
    ...fact('Id', text('id')),
    ...fact('From', text('from')),
    ...fact('To', list('to')),
    ...fact('To be passed on to', next),
    ...fact('Thread', text('thid')),
    ...fact('Parent thread', text('pthid')),
    ...fact('Created', timeOf(value['created_time'])),
    ...fact('Expires', timeOf(value['expires_time'])),
    ...fact('Language', text('lang')),
    ...fact(
      'Wants acknowledged',
      list('please_ack')?.map((id) => id || 'this message'),
    ),
    ...fact('Acknowledges', list('ack')),
    ...fact('Return route', text('return_route')),
  ]
}

function describeType(type: string): string {
  try {
    const { name, version, message } = parseMessageType(type)
    return `${type} (${name} ${version.major}.${version.minor}: ${message})`
  } catch {
    return type
  }
}

function isType(type: string, expected: string): boolean {
  try {
    return matchesType(type, expected)
  } catch {
    return false
  }
}

/** The envelope proves; the plaintext claims. */
function senderFindings({ from }: Record<string, unknown>, proof: Proof | undefined): readonly Finding[] {
  if (typeof from !== 'string') return [{ level: 'note', text: 'it names no sender' }]
  if (proof?.sender === undefined) {
    return [{ level: 'claimed', text: `it says that it is from ${didOf(from as Did)}; no key proves that`, rule: 'HDR-13' }]
  }
  const how = proof.layers.includes('authcrypt') ? 'encrypted' : 'signed'
  return [
    {
      level: 'proved',
      text: `it is from ${proof.sender.did}: ${how} with ${proof.sender.kid}`,
      rule: how === 'signed' ? 'ADR-03' : 'ADR-01',
    },
  ]
}

function ruleFindings(value: Plaintext | Record<string, unknown>): readonly Finding[] {
  try {
    const message = checkPlaintext(value)
    if (isForward(message)) checkForward(message)
    if (isType(message.type, invitationType)) checkInvitation(message)
    return []
  } catch (error) {
    return [broken(error)]
  }
}

function timeFindings({ expires_time: expires }: Record<string, unknown>, nowSeconds: number): readonly Finding[] {
  if (typeof expires !== 'number' || !isExpired({ expires_time: expires }, nowSeconds)) return []
  return [{ level: 'warning', text: `it expired on ${timeOf(expires)}: by default it is not acted on`, rule: 'HDR-18' }]
}
