import { describe, expect, it } from 'vitest'
import { messageOf, report } from '../../../src/machine/index.ts'
import { forwardType, type Plaintext } from '../../../src/message/index.ts'
import { routing } from '../../../src/protocols/routing/index.ts'
import { mediator } from '../../../src/protocols/routing/mediator.ts'
import { given, message, onMessage, rows, task } from './table.ts'

const passing = { at: 'passing' }
const next = 'did:example:phone-for-bob'
const payloads = [{ data: { json: { protected: 'e30' } } }]
const forward = (more: Partial<Plaintext>) =>
  given({ peer: undefined, message: message({ type: forwardType, body: { next }, attachments: payloads, ...more }) })
const malformed = (rule: string) => report('e.m.msg.malformed-forward', rule)

rows('routing/2.0 mediator', mediator, [
  [
    'MPR-01, FWD-10: hands on what is to be passed on, as it is',
    forward({}),
    passing,
    onMessage('forward', { next }),
    passing,
    task('deliver', { next, payloads, delayMilliseconds: 0 }),
  ],
  [
    'FWD-05, FWD-06: with its time and its delay',
    forward({ expires_time: 2_000_000_000, delay_milli: -500, please_ack: [''] }),
    passing,
    onMessage('forward', { next }),
    passing,
    task('deliver', { next, payloads, delayMilliseconds: -500, expiresTime: 2_000_000_000 }),
  ],
  [
    'FWD-03: refuses one without payload',
    forward({ attachments: [] }),
    passing,
    onMessage('forward', { next }),
    passing,
    malformed('FWD-03'),
  ],
  [
    'FWD-06: refuses one with half a millisecond',
    forward({ delay_milli: 0.5 }),
    passing,
    onMessage('forward', { next }),
    passing,
    malformed('FWD-06'),
  ],
])

describe('routing/2.0', () => {
  it('FWD-09: takes a forward of nobody in particular', () => expect(messageOf(routing, 'forward')?.protection).toBe('any'))
})
