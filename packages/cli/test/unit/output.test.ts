import { DidcommError } from 'sealpost/errors'
import { describe, expect, it } from 'vitest'
import { errorAsJson, errorAsText, safe, shorten } from '../../src/output.ts'

describe('output', () => {
  it('what others wrote cannot act on the terminal, and JSON stays the same JSON (M18, O01)', () => {
    const hostile = { text: 'a\u001b]0;title\u0007\u009b2J\u202e\u2066b\u{e0041}', line: 'one\ntwo' }
    const shown = safe(JSON.stringify(hostile, null, 2))
    expect(JSON.parse(shown)).toEqual(hostile)
    for (const acting of ['\u001b', '\u0007', '\u009b', '\u202e', '\u2066', '\u{e0041}']) expect(shown).not.toContain(acting)
    expect(safe('żółć 🦭 עברית\n\ttab')).toBe('żółć 🦭 עברית\n\ttab')
  })

  it('long DIDs are shortened for people; their fragments stay', () => {
    const did = `did:peer:2.Vz6Mk${'x'.repeat(200)}end`
    expect(shorten(`from ${did}#key-1 to did:web:example.com`)).toMatch(/^from did:peer:2\.Vz6Mkx+…x{5}end#key-1 to did:web:example\.com$/)
  })

  it('an error is one sentence with its rule, or one JSON value', () => {
    const error = new DidcommError('ERR_DELIVERY_TIMEOUT', 'no answer', { rule: 'FLO-01' })
    expect(errorAsText(error)).toBe('sealpost: no answer (FLO-01)')
    expect(errorAsJson(error)).toEqual({ error: { code: 'ERR_DELIVERY_TIMEOUT', message: 'no answer', rule: 'FLO-01', retryable: true } })
    expect(errorAsText(new TypeError('x is undefined'))).toContain('please report it')
    expect(errorAsJson(new TypeError('x')).error.code).toBe('ERR_INTERNAL')
  })
})
