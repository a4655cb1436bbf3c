import { DidcommError } from 'sealpost/errors'
import { describe, expect, it } from 'vitest'
import { adviceFor } from '../../../src/explain/advice.ts'
import { broken, explanation, fact, sizeOf, timeOf } from '../../../src/explain/explanation.ts'
import { render } from '../../../src/explain/render.ts'

const marked = {
  bold: (text: string) => `*${text}*`,
  dim: (text: string) => text,
  good: (text: string) => `+${text}`,
  bad: (text: string) => `!${text}`,
  warn: (text: string) => `~${text}`,
}

describe('render', () => {
  it('writes the sentence, then facts, findings with rule and advice, content and parts', () => {
    const inner = { title: 'Inner', facts: [], findings: [{ level: 'claimed', text: 'it says so', rule: 'HDR-13' }] } as const
    const text = render(
      explanation('plaintext', 'A message.', [
        {
          title: 'Message',
          facts: [...fact('To', ['a', 'b']), ...fact('From', undefined)],
          findings: [{ level: 'note', text: 'look', advice: 'do it' }],
          content: { x: 1 },
          parts: [inner],
        },
      ]),
      marked,
    )
    expect(text.split('\n')).toEqual([
      '*A message.*',
      '',
      '*Message*',
      '  To                a',
      '                    b',
      '  note              look',
      '                    → do it',
      '  Body',
      '    {',
      '      "x": 1',
      '    }',
      '  *Inner*',
      '    ~claimed           it says so [HDR-13]',
    ])
  })

  it('what others wrote stays on its line and does not act', () => {
    const text = render(
      explanation('plaintext', 'x', [{ title: 'T', facts: fact('From', 'a\nproved  everything\u001b[2J'), findings: [] }]),
      marked,
    )
    expect(text).toContain('From              a proved  everything\\u001b[2J')
  })

  it('the worst finding decides the verdict, however deep it lies', () => {
    const verdictOf = (...errors: readonly DidcommError[]) =>
      explanation('signed', 'x', [
        { title: 'a', facts: [], findings: [], parts: [{ title: 'b', facts: [], findings: errors.map(broken) }] },
      ]).verdict
    expect(verdictOf()).toBe('sound')
    expect(verdictOf(new DidcommError('ERR_DID_UNAVAILABLE', 'x'))).toBe('unchecked')
    expect(verdictOf(new DidcommError('ERR_DID_UNAVAILABLE', 'x'), new DidcommError('ERR_TRUST_SIGNATURE', 'x'))).toBe('broken')
    expect(() => broken(new TypeError('a fault of ours'))).toThrow('a fault of ours')
  })

  it('the advice of a rule goes before that of a code', () => {
    expect(adviceFor(new DidcommError('ERR_TRUST_ADDRESSING', 'x', { rule: 'ADR-01' }))).toContain('another key encrypted this')
    expect(adviceFor(new DidcommError('ERR_TRUST_ADDRESSING', 'x', { rule: 'ADR-99' }))).toContain('do not trust who')
    expect(adviceFor(new DidcommError('ERR_INTERNAL', 'x'))).toBeUndefined()
  })

  it('sizes and times are for people', () => {
    expect(sizeOf(3)).toBe('3 octets')
    expect(sizeOf(20_480)).toBe('20.0 KiB (20480 octets)')
    expect([timeOf(0), timeOf('x'), timeOf(1e300)]).toEqual(['1970-01-01T00:00:00Z', undefined, '1e+300'])
  })
})
