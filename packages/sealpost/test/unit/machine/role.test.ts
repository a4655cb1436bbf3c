import { describe, expect, it } from 'vitest'
import {
  advance,
  diagram,
  ended,
  type Input,
  inputsOf,
  instanceOf,
  messageOf,
  type Protocol,
  play,
  type Role,
  report,
  roleOf,
} from '../../../src/machine/index.ts'
import { coordinateMediation } from '../../../src/protocols/coordinate-mediation/index.ts'
import { mediator } from '../../../src/protocols/coordinate-mediation/mediator.ts'
import { ping, trustPing } from '../../../src/protocols/trust-ping/index.ts'
import { type Sender, sender } from '../../../src/protocols/trust-ping/sender.ts'

const given = { peer: 'did:example:bob', now: 100, context: undefined }
const states: readonly Sender['states'][] = [{ at: 'ready' }, { at: 'waiting', since: 0 }, { at: 'answered', seconds: 0 }, { at: 'silent' }]

/** A role with all that the words can say: a guard, a child, a problem. */
type Buyer = {
  states:
    | { readonly at: 'browsing' }
    | { readonly at: 'paying' }
    | { readonly at: 'paid'; readonly seconds: number }
    | { readonly at: 'gone' }
  commands: { buy: { readonly price: number } }
  receives: object
  sends: { order: { readonly price: number } }
  context: undefined
  tasks: { pack: { readonly box: string } }
  children: { check: typeof ping }
}
const { onCommand, onChild, onProblem, call, send, task } = roleOf<Buyer>()
const buyer: Role<Buyer> = {
  name: 'buyer',
  initial: { at: 'browsing' },
  transitions: [
    onCommand('browsing', 'buy', 'browsing', (state) => [state], tooDear),
    onCommand('browsing', 'buy', 'paying', (_, { price }) => [
      { at: 'paying' },
      send('order', { price }),
      call('check', ping, { timeoutSeconds: 5 }),
    ]),
    onChild(
      'paying',
      'check',
      'gone',
      () => [{ at: 'gone' }],
      (_, { end }) => end?.at !== 'answered',
    ),
    onChild('paying', 'check', 'paid', (_, { end }) => [
      { at: 'paid', seconds: end?.at === 'answered' ? end.seconds : 0 },
      task('pack', { box: 'small' }),
    ]),
    onProblem('paying', 'e.p.me.res', 'gone', () => [{ at: 'gone' }]),
  ],
}
function tooDear(_: Buyer['states'], { price }: { readonly price: number }): boolean {
  return price > 100
}
const moves = (at: 'browsing' | 'paying', kind: Input['kind'], on: string, body: object) =>
  advance(buyer, { at }, { kind, on, with: body }, given)

describe('a role', () => {
  it('moves by its table alone', () => {
    const inputs: readonly Input[] = [
      { kind: 'command', on: 'ping', with: { timeoutSeconds: 1 } },
      { kind: 'message', on: 'ping-response', with: {} },
      { kind: 'timer', on: 'timeout', with: {} },
    ]
    const moved = states.flatMap((state) => inputs.filter((input) => advance(sender, state, input, given)[0] !== state))
    expect(moved.length).toBe(sender.transitions.length)
  })

  it('tells of a message that is out of order, of nothing else', () => {
    expect(advance(sender, { at: 'silent' }, { kind: 'message', on: 'ping-response', with: {} }, given)).toEqual([
      { at: 'silent' },
      report('e.m.req.out-of-order', 'ping-response', 'silent'),
    ])
    expect(advance(sender, { at: 'silent' }, { kind: 'timer', on: 'timeout', with: {} }, given)).toEqual([{ at: 'silent' }])
  })

  it('tries its transitions from the top, each by its guard', () => {
    expect(moves('browsing', 'command', 'buy', { price: 101 })).toEqual([{ at: 'browsing' }])
    expect(moves('browsing', 'command', 'buy', { price: 100 })[0]).toEqual({ at: 'paying' })
  })

  it('calls other protocols, and goes on with how they end', () => {
    const [, , called] = moves('browsing', 'command', 'buy', { price: 1 })
    expect(called).toEqual({
      do: 'call',
      as: 'check',
      piuri: trustPing.piuri,
      role: 'sender',
      command: 'ping',
      detail: { timeoutSeconds: 5 },
    })
    expect(moves('paying', 'child', 'check', { end: { at: 'answered', seconds: 3 } })).toEqual([
      { at: 'paid', seconds: 3 },
      { do: 'task', name: 'pack', detail: { box: 'small' } },
    ])
    expect(moves('paying', 'child', 'check', { end: { at: 'silent' } })[0]).toEqual({ at: 'gone' })
    expect(moves('paying', 'child', 'check', { abandoned: 'e.p.me' })[0]).toEqual({ at: 'gone' })
  })

  it('CODE-03: hears of problems by the prefix of their code', () => {
    expect(moves('paying', 'problem', 'e.p.me.res.money', {})[0]).toEqual({ at: 'gone' })
    for (const code of ['e.p.me', 'e.p.me.resource', 'w.p.me.res']) expect(moves('paying', 'problem', code, {})).toEqual([{ at: 'paying' }])
  })

  it('has ended where no transition leads on', () => {
    expect(states.map((state) => ended(sender, state))).toEqual([false, false, true, true])
  })

  it('names its inputs, each once', () => {
    expect(inputsOf(buyer)).toEqual([
      { kind: 'command', on: 'buy' },
      { kind: 'child', on: 'check' },
      { kind: 'problem', on: 'e.p.me.res' },
    ])
  })
})

describe('a diagram', () => {
  it('is the table', () => {
    expect(diagram(sender)).toBe(`stateDiagram-v2
  [*] --> ready
  ready --> waiting: command ping
  waiting --> answered: message ping-response
  waiting --> silent: timer timeout`)
  })

  it('names the guard', () => expect(diagram(mediator)).toMatch(/stranger --> granted: message mediate-request \[admitted\]/))
})

describe('a protocol', () => {
  const plain: Protocol = { ...trustPing, messages: { 'ping-response': trustPing.messages['ping-response'] as never } }

  it('SEC-26: demands a proved sender where nothing is said', () => {
    const body = messageOf(trustPing, 'ping')?.body
    expect(messageOf({ ...plain, messages: { hello: body as never } }, 'hello')).toEqual({ body, protection: 'authenticated' })
    expect(messageOf({ ...plain, messages: { hello: { body: body as never } } }, 'hello')?.protection).toBe('authenticated')
    expect(messageOf(trustPing, 'ping')?.protection).toBe('any')
  })

  it('has no message by the name of a member of every object', () => expect(messageOf(trustPing, 'constructor')).toBeUndefined())

  it('is played in some of its roles', () => {
    expect(Object.keys(play(coordinateMediation, 'recipient').roles)).toEqual(['recipient'])
    expect(Object.keys(coordinateMediation.roles)).toEqual(['mediator', 'recipient'])
    expect(instanceOf(coordinateMediation, coordinateMediation.roles['recipient'] as never)).toBe('thread')
    expect(instanceOf(coordinateMediation, mediator)).toBe('peer')
  })

  it('has commands that tell what they are commands of', () => {
    expect([ping.protocol, ping.role, ping.command]).toEqual([trustPing, sender, 'ping'])
  })
})
