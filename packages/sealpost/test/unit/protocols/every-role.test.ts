/**
 * What must hold of every role of every protocol: each state meets each input. A new role is under these laws once it is in `examples.ts`.
 */
import { describe, expect, it } from 'vitest'
import {
  advance,
  checkBody,
  type Effect,
  ended,
  type Given,
  type Input,
  inputsOf,
  messageOf,
  report,
  transitionFor,
} from '../../../src/machine/index.ts'
import { checkPlaintext, isProblemCode } from '../../../src/message/index.ts'
import * as all from '../../../src/protocols/index.ts'
import { mutateJson } from '../../hostile/mutations.ts'
import { randomOf, seed } from '../../property/seed.ts'
import { attachments, type Example, examples } from './examples.ts'
import { bob, message } from './table.ts'

const nameOf = ({ protocol, role }: Example): string => `${protocol.piuri.replace(/^.*didcomm\.org\//, '')} ${role.name}`
const named = examples.map((example) => [nameOf(example), example] as const)

const comes = ({ context, protocol }: Example, { kind, on, with: body }: Input, peer: string | undefined = bob): Given => ({
  peer,
  now: 1_700_000_000,
  context,
  ...(kind === 'message' && { message: message({ type: `${protocol.piuri}/${on}`, body: body as Record<string, unknown>, attachments }) }),
})

/** Frozen, however deep: whoever changes what it was given is found out. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) frozen(inner)
  }
  return value
}

/** What JSON can say without loss, so that every store keeps it. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson)
  if (typeof value !== 'object' || value === null)
    return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson)
}
const isPlain = (value: unknown): void => {
  if (!isJson(value)) expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value)
}

// JSON reads -0, and writes 0.
const unsigned = (_: string, value: unknown): unknown => (value === 0 ? 0 : value)

/** What holds of an effect, whatever led to it. */
function checkEffect({ protocol, role }: Example, effect: Effect): void {
  isPlain(effect)
  if (effect.do === 'send') {
    const shape = messageOf(protocol, effect.message)
    if (shape === undefined) throw new Error(`${effect.message} is no message of ${protocol.piuri}`)
    expect(checkBody(shape.body, effect.body).wrong).toBeUndefined()
    checkPlaintext(
      message({ type: `${protocol.piuri}/${effect.message}`, body: effect.body as Record<string, unknown>, ...effect.options }),
    )
  }
  if (effect.do === 'report' && effect.code !== 'e.m.req.out-of-order') {
    expect(isProblemCode(effect.code)).toBe(true)
    expect(Object.keys(protocol.problems ?? {})).toContain(effect.code)
  }
  if (effect.do === 'startTimer') {
    expect(effect.afterSeconds).toBeGreaterThan(0)
    expect(role.transitions.some(({ kind, on }) => kind === 'timer' && on === effect.timer)).toBe(true)
  }
}

describe.each(named)('%s', (_, example) => {
  const { protocol, role, states, inputs } = example
  const steps = states.flatMap((state) => inputs.map((input) => [state, input] as const))

  it('the examples have every place, and every input of the table', () => {
    const places = new Set([role.initial.at, ...role.transitions.flatMap(({ from, to }) => [from, to])])
    expect([...new Set(states.map(({ at }) => at))].sort()).toEqual([...places].sort())
    const known = (all: readonly Pick<Input, 'kind' | 'on'>[]): string[] => all.map(({ kind, on }) => `${kind} ${on}`).sort()
    expect(known(inputs)).toEqual(known(inputsOf(role)))
  })

  it('CODE-02: places are named as a problem code can name them', () => {
    for (const { at } of states) expect(isProblemCode(`e.${at}.req`)).toBe(true)
  })

  it('every message that it hears is one of the protocol, with a body that is as it should be', () => {
    for (const { kind, on, with: body } of inputs) {
      if (kind !== 'message') continue
      const shape = messageOf(protocol, on)
      expect(shape && checkBody(shape.body, body).body).toEqual(body)
    }
  })

  it('URI-05: no other role of the protocol hears the same', () => {
    for (const { kind, on } of inputs) {
      const hearers = Object.values(protocol.roles).filter(({ transitions }) =>
        transitions.some((one) => one.kind === kind && one.on === on),
      )
      if (kind === 'message') expect(hearers).toEqual([role])
    }
  })

  it('what is not in the table moves nothing, and a message is told so', () => {
    let still = 0
    for (const [state, input] of steps) {
      const given = comes(example, input)
      if (transitionFor(role, state, input, given) !== undefined) continue
      still++
      const [next, ...effects] = advance(role, state, input, given)
      expect(next).toBe(state)
      expect(effects).toEqual(input.kind === 'message' ? [report('e.m.req.out-of-order', input.on, state.at)] : [])
    }
    const other: Input = { kind: 'message', on: 'never-heard-of', with: {} }
    for (const state of states) expect(advance(role, state, other, comes(example, other))[0]).toBe(state)
    expect(still).toBeLessThan(steps.length)
  })

  it('what is in the table goes where the table says, with effects that can be done', () => {
    const taken = new Set<unknown>()
    for (const [state, input] of steps) {
      for (const peer of [bob, undefined]) {
        const given = comes(example, input, peer)
        const transition = transitionFor(role, state, input, given)
        if (transition === undefined) continue
        taken.add(transition)
        const [next, ...effects] = advance(role, state, input, given)
        expect(next.at).toBe(transition.to)
        isPlain(next)
        for (const effect of effects) checkEffect(example, effect)
      }
    }
    // A line that no example takes is one that nobody tests.
    expect(role.transitions.length - taken.size).toBeLessThanOrEqual(role.transitions.filter(({ when }) => when !== undefined).length)
  })

  it('it is pure: it changes nothing that it is given, and answers the same again', () => {
    for (const [state, input] of steps) {
      const given = comes(example, input)
      const once = advance(role, frozen(structuredClone(state)), frozen(structuredClone(input)), given)
      expect(advance(role, state, input, given)).toEqual(once)
    }
  })

  it('it asks its host in plain data', () => {
    for (const [state, input] of steps)
      for (const peer of [bob, undefined]) {
        const question = role.asks?.(state, input, peer)
        if (question !== undefined) isPlain(question)
      }
  })

  it('from every place a way leads to an end, or back', () => {
    for (const state of states) {
      const timers = role.transitions.filter(({ kind, from }) => kind === 'timer' && from === state.at)
      const waits = role.transitions.some(({ kind, from, to }) => kind === 'message' && from === state.at && to !== state.at)
      // Who waits for an answer does not wait for ever: unless it has just begun, or lives as long as its peer.
      if (waits && state.at !== role.initial.at && (role.instance ?? protocol.instance) === 'thread') expect(timers.length).toBe(1)
      if (ended(role, state)) expect(timers).toEqual([])
    }
  })

  it('a twisted body is refused in one line, or moves the role as the table says, and nothing is thrown', () => {
    const random = randomOf(seed)
    const received = inputs.filter(({ kind }) => kind === 'message')
    const rounds = received.length === 0 ? 0 : 100
    let refused = 0
    for (let round = 0; round < rounds; round++) {
      const { on, with: golden } = random.pick(received)
      const state = random.pick(states)
      let body: unknown
      let twisted: unknown
      try {
        body = JSON.parse(mutateJson(golden, random), unsigned)
        twisted = JSON.parse(mutateJson(attachments, random), unsigned)
      } catch {
        continue
      }
      const checked = checkBody(messageOf(protocol, on)?.body as never, body)
      if (checked.wrong !== undefined) {
        refused++
        expect(checked.wrong.length).toBeLessThanOrEqual(402)
        continue
      }
      const input: Input = { kind: 'message', on, with: checked.body }
      const given = comes(example, input)
      // What the runtime hands on has passed its own check.
      const came = { ...given.message, attachments: twisted, body: checked.body }
      let whole: Given = given
      try {
        whole = { ...given, message: checkPlaintext(came) }
      } catch {
        // Attachments that are none never come to a role.
      }
      const [next, ...effects] = advance(role, state, input, whole)
      expect(next.at).toBe(transitionFor(role, state, input, whole)?.to ?? state.at)
      isPlain(next)
      for (const effect of effects) isPlain(effect)
    }
    if (rounds > 0 && received.some(({ with: body }) => Object.keys(body).length > 0)) expect(refused).toBeGreaterThan(0)
  })
})

describe('every protocol', () => {
  it('a list that is too long is refused at its length, not at its items', () => {
    const queries = Array.from({ length: 1_000_000 }, () => 0)
    const shape = messageOf(all.discoverFeatures, 'queries')
    const began = performance.now()
    expect(shape && checkBody(shape.body, { queries }).wrong).toMatch(/^body\.queries: .*length/)
    expect(performance.now() - began).toBeLessThan(500)
  })

  const exported = Object.values(all).filter((value) => typeof value === 'object' && 'piuri' in value)

  it('has examples of all its roles', () => {
    for (const protocol of exported)
      expect(examples.filter((example) => example.protocol === protocol).map(({ role }) => role)).toEqual(
        expect.arrayContaining(Object.values(protocol.roles)),
      )
    expect(exported.length).toBe(9)
  })

  it('is known by its own identifier, and is among those of every agent with the roles that need no host', () => {
    expect(new Set(exported.map(({ piuri }) => piuri)).size).toBe(exported.length)
    expect(all.coreProtocols.map(({ piuri, roles }) => [piuri.replace(/^.*\.org\//, ''), ...Object.keys(roles)])).toEqual([
      ['trust-ping/2.0', 'sender', 'receiver'],
      ['discover-features/2.0', 'requester', 'responder'],
      ['basicmessage/2.0', 'sender', 'receiver'],
      ['user-profile/1.0', 'sender', 'receiver'],
      ['coordinate-mediation/3.0', 'recipient'],
      ['coordinate-mediation/2.0', 'recipient'],
      ['message-pickup/4.0', 'recipient'],
      ['messagepickup/3.0', 'recipient'],
    ])
  })

  it('SEC-26: demands proof of the sender, but of a ping and of what is to be passed on', () => {
    const open = exported.flatMap((protocol) =>
      Object.keys(protocol.messages).flatMap((name) =>
        messageOf(protocol, name)?.protection === 'any' ? [`${protocol.piuri}/${name}`] : [],
      ),
    )
    expect(open.sort()).toEqual(['https://didcomm.org/routing/2.0/forward', 'https://didcomm.org/trust-ping/2.0/ping'])
  })

  it('PRB-06: has problem codes that can be sent, each with a comment', () => {
    for (const { problems = {} } of exported)
      for (const [code, comment] of Object.entries(problems)) {
        expect(isProblemCode(code)).toBe(true)
        expect(comment).toMatch(/^[A-Z]/)
      }
  })
})
