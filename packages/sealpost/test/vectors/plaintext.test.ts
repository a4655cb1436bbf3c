import { describe, expect, it } from 'vitest'
import interop from '../../../../vectors/didcomm-interop/didcomm-rust-0.4.1.json' with { type: 'json' }
import negative from '../../../../vectors/didcomm-negative/unpack.json' with { type: 'json' }
import examples from '../../../../vectors/didcomm-v2.1/examples.json' with { type: 'json' }
import expected from '../../../../vectors/didcomm-v2.1/expected-plaintext.json' with { type: 'json' }
import plaintext from '../../../../vectors/didcomm-v2.1/plaintext.json' with { type: 'json' }
import { type DidcommError, isDidcommError } from '../../src/errors.ts'
import { checkPlaintext } from '../../src/message/check.ts'

describe('Appendix C.1 of v2.1', () => {
  it('PLN-01, HDR-01, HDR-03: the plaintext message of the appendix, and the one inside of its envelopes', () => {
    expect(checkPlaintext(plaintext)).toBe(plaintext)
    expect(checkPlaintext(expected)).toBe(expected)
  })
})

describe('examples of the text', () => {
  // Placeholders in angle brackets stand for what the reader is to put there.
  const filled = JSON.stringify(examples.examples)
    .replace(/<(?:message-type-uri|sometype)>/g, 'https://example.com/a/1.0/b')
    .replace(/<id used for context as pthid>/g, 'a')
    .replace(/<sender's did>/g, 'did:example:alice')
  const messages = (JSON.parse(filled) as readonly { heading: string; json: Record<string, unknown> }[]).filter(
    ({ json }) => 'id' in json && typeof json.type === 'string' && json.type.includes('/'),
  )

  it('HDR-22, HDR-25: every example that is a whole message is one', () => {
    expect(messages.length).toBeGreaterThan(12)
    for (const { json } of messages) expect(checkPlaintext(json)).toBe(json)
  })
})

describe('messages of didcomm-rust 0.4.1', () => {
  const messages = interop.vectors.flatMap((vector) => ('plaintext' in vector && vector.plaintext !== undefined ? [vector.plaintext] : []))

  it('HDR-01, MED-08: they are taken', () => {
    expect(messages.length).toBeGreaterThan(5)
    for (const message of messages) expect(checkPlaintext(message)).toBe(message)
  })
})

describe('plaintext messages that must be refused', () => {
  const vectors = negative.vectors.filter(({ name }) => name.startsWith('plaintext-')) as readonly {
    name: string
    requirement: string
    expect: string
    packed: unknown
  }[]

  it.each(vectors.map((vector) => [vector.requirement, vector.name, vector] as const))('%s: %s', (_, name, vector) => {
    expect(vector.expect, name).toBe('reject')
    let caught: unknown
    try {
      checkPlaintext(vector.packed)
    } catch (error) {
      caught = error
    }
    expect(isDidcommError(caught, 'ERR_MALFORMED_MESSAGE', 'ERR_MALFORMED_ATTACHMENT')).toBe(true)
    // Vectors name a rule; where two say the same, ours may name the other.
    expect((caught as DidcommError).rule).toMatch(/^[A-Z0-9]+-\d+$/)
  })
})
