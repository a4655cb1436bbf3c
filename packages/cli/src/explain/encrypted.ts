/**
 * Explains encrypted envelopes: what shows without a key, and what was in them where a key is held.
 *
 * @module
 */
import { decodeBase64url, decodeUtf8, isObject, parseJson } from 'sealpost/bytes'
import type { DidUrl } from 'sealpost/did'
import { type LayerEvidence, type Proof, receivedWrappings, unpack } from 'sealpost/envelope'
import { isDidcommError } from 'sealpost/errors'
import type { Context } from './context.ts'
import { broken, type Explanation, explanation, type Fact, type Finding, fact, type Part, sizeOf } from './explanation.ts'
import { messagePart } from './plaintext.ts'

const keyAlgorithms: Readonly<Record<string, string>> = {
  'ECDH-ES+A256KW': 'ECDH-ES+A256KW: anoncrypt, which hides the sender',
  'ECDH-1PU+A256KW': 'ECDH-1PU+A256KW: authcrypt, which proves the sender to the recipient alone',
}

export async function explainEncrypted(value: Record<string, unknown>, octets: number, context: Context): Promise<Explanation> {
  const kids = kidsIn(value)
  const held = await context.keys.held(kids as DidUrl[])
  const envelope = { title: 'Envelope (what everybody sees)', facts: factsOf(value, octets, kids, held) }
  try {
    const { message, proof } = await unpack(value, {
      ...context,
      policy: { wrappings: receivedWrappings, nowSeconds: () => context.nowSeconds },
    })
    const parts = [{ ...envelope, findings: [] }, ...layerParts(proof), await messagePart(message, context, proof)]
    return explanation('encrypted', summaryOf(proof), parts)
  } catch (error) {
    const alg = headerIn(value)['alg']
    const summary = `An encrypted message${alg === 'ECDH-1PU+A256KW' ? ' (authcrypt)' : alg === 'ECDH-ES+A256KW' ? ' (anoncrypt)' : ''}`
    if (isDidcommError(error, 'ERR_TRUST_NOT_FOR_US')) {
      return explanation('encrypted', `${summary} that was not opened.`, [{ ...envelope, findings: [notOpened(context.hasKeys)] }])
    }
    const finding = broken(error)
    const outcome = finding.level === 'broken' ? 'must be refused' : 'could not be checked'
    return explanation('encrypted', `${summary} that ${outcome}.`, [{ ...envelope, findings: [finding] }])
  }
}

const notOpened = (hasKeys: boolean): Finding =>
  hasKeys
    ? {
        level: 'note',
        text: 'none of its recipients is a key of the key file, so it was not opened',
        advice: 'use the key file of its recipient',
      }
    : {
        level: 'note',
        text: 'it was not opened, since no keys were given; the outer layer breaks no rule that can be checked without them',
        advice: 'add --keys',
      }

function summaryOf({ layers, sender, rotation, expired }: Proof): string {
  const wrapping = layers.join(' around ')
  const by = sender === undefined ? 'from nobody that is proved' : `from ${sender.did}, which is proved`
  return `An encrypted message (${wrapping}) for a key that is held, ${by}.${rotation === undefined ? '' : ' Its sender has changed its DID.'}${expired ? ' It has expired.' : ''}`
}

/** One part for each layer that was opened: with which keys, and what it proves. */
export function layerParts({ evidence, warnings }: Proof): readonly Part[] {
  const parts = evidence.map((layer, index) => ({ title: `Layer ${index + 1}: ${layer.layer}`, ...layerPart(layer) }))
  const names = evidence.map(({ layer }) => layer).join(' ')
  const findings: Finding[] = warnings.map(({ rule, message }) => ({ level: 'warning', text: message, rule }))
  if (names.endsWith('anoncrypt authcrypt signed')) {
    findings.push({ level: 'warning', text: 'three layers are one too many: a sender must use anoncrypt around signed', rule: 'MED-16' })
  } else if (names.endsWith('authcrypt signed')) {
    findings.push({ level: 'note', text: 'a sender should not sign what it authcrypts: one of the two proves it', rule: 'MED-14' })
  }
  return findings.length === 0 ? parts : [...parts, { title: 'Worth knowing', facts: [], findings }]
}

function layerPart(layer: LayerEvidence): { facts: readonly Fact[]; findings: readonly Finding[] } {
  if (layer.layer === 'forward') {
    return { facts: fact('Next', layer.next), findings: [{ level: 'note', text: 'a mediator passed it on, wrapped once more for you' }] }
  }
  if (layer.layer === 'signed') {
    const findings = [
      { level: 'proved', text: `signed by ${layer.signer.did}: anybody can verify it, and it cannot be denied`, rule: 'SIG-20' },
    ] as const
    return { facts: [...fact('Algorithm', layer.alg), ...fact('Key', layer.signer.kid)], findings }
  }
  const { alg, enc, crv, recipient, sender } = layer
  const facts = [...fact('Algorithms', `${alg}, ${enc}, ${crv}`), ...fact('Opened with', recipient.kid), ...fact('Sealed by', sender?.kid)]
  const read: Finding = { level: 'proved', text: `only the keys of ${recipient.did} can read it, and it is as it was sealed` }
  const from: Finding =
    sender === undefined
      ? { level: 'note', text: 'it does not say who sealed it', rule: 'HDR-13' }
      : {
          level: 'proved',
          text: `sealed by ${sender.did}; the proof convinces the recipient alone, who could have made it too`,
          rule: 'ADR-01',
        }
  return { facts, findings: [read, from] }
}

function factsOf(value: Record<string, unknown>, octets: number, kids: readonly string[], held: readonly string[]): readonly Fact[] {
  const header = headerIn(value)
  const text = (name: string): string | undefined => (typeof header[name] === 'string' ? header[name] : undefined)
  const alg = text('alg')
  const epk = isObject(header['epk']) ? header['epk']['crv'] : undefined
  const ciphertext = value['ciphertext']
  return [
    ...fact('Format', 'recipients' in value ? 'JWE, General JSON Serialization' : 'JWE'),
    ...fact('Size', sizeOf(octets)),
    ...fact('Media type', text('typ')),
    ...fact('Key agreement', alg === undefined ? undefined : (keyAlgorithms[alg] ?? alg)),
    ...fact(
      'Content',
      [text('enc'), typeof ciphertext === 'string' ? `${Math.floor(ciphertext.length * 0.75)} octets` : undefined]
        .filter((part) => part !== undefined)
        .join(', '),
    ),
    ...fact('Curve', typeof epk === 'string' ? epk : undefined),
    ...fact('Sender key', text('skid') === undefined ? undefined : `${text('skid')} (claimed, until it is opened)`),
    ...fact(
      'Can be opened by',
      kids.map((kid) => (held.includes(kid) ? `${kid} (held)` : kid)),
    ),
  ]
}

/** The protected header, read as far as it can be. */
function headerIn({ protected: encoded }: Record<string, unknown>): Record<string, unknown> {
  try {
    const header = typeof encoded === 'string' ? parseJson(decodeUtf8(decodeBase64url(encoded))) : undefined
    return isObject(header) ? header : {}
  } catch {
    return {}
  }
}

function kidsIn({ recipients }: Record<string, unknown>): readonly string[] {
  if (!Array.isArray(recipients)) return []
  const kids = recipients.map((entry: unknown) => (isObject(entry) && isObject(entry['header']) ? entry['header']['kid'] : undefined))
  return kids.filter((kid) => typeof kid === 'string').slice(0, 64)
}
