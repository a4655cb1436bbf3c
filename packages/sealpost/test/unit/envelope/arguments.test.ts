import { describe, expect, it } from 'vitest'
import { open, pack, rulesOf, seal, unpack } from '../../../src/envelope/index.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob, everybody, hello, listedOn } from '../../parties.ts'

const call = (run: (...given: never[]) => Promise<unknown>, ...given: readonly unknown[]): Promise<string> =>
  outcomeOf(run(...(given as never[])))

const junk = [undefined, null, 7, 'x', [], () => 1]
const { keys } = alice
const resolver = everybody
const publicKeys = (): undefined => undefined
const rules = rulesOf({}, () => 0)
const recipients = listedOn(bob, 'X25519')

describe('what JavaScript hands over in place of what a function takes', () => {
  it.each(junk.map((message) => ({ message })))('PLN-01: the message $message is refused by a rejection of ours', async ({ message }) => {
    expect(await call(pack, message, { keys, resolver })).toBe('ERR_USAGE_ARGUMENT PLN-01')
    expect(await call(seal, message, { as: 'anoncrypt', keys, recipients })).toBe('ERR_USAGE_ARGUMENT PLN-01')
  })

  it.each([...junk, {}].map((options) => ({ options })))('the options $options are refused by a rejection of ours', async ({ options }) => {
    const envelope = await seal(hello(), { as: 'anoncrypt', keys, recipients })
    for (const run of [pack, seal]) expect(await call(run, hello(), options)).toBe('ERR_USAGE_ARGUMENT')
    for (const run of [unpack, open]) expect(await call(run, envelope, options)).toBe('ERR_USAGE_ARGUMENT')
  })

  it('each port that is none is named, and what was found in its place', async () => {
    const told = (run: Promise<unknown>) => run.then(String, ({ message }: Error) => message)
    const odd = (value: unknown) => value as never
    const [text] = (await pack(hello(), { keys, resolver })).map(({ envelope }) => envelope)
    expect(await told(pack(hello(), { keys: odd(alice.jwks), resolver }))).toBe(
      'expected `keys` to have the functions held, agree and sign, as memoryKeys(jwks) has, found an array',
    )
    expect(await told(pack(hello(), { keys, resolver: odd(undefined) }))).toBe(
      'expected `resolver` to have the function resolve, as createResolver(methods) has, found nothing',
    )
    expect(await told(unpack(text ?? '', { keys: odd({ held: keys.held }), resolver }))).toMatch(/^expected `keys` .* found an object$/)
    expect(await told(unpack(text ?? '', { keys, resolver, policy: odd(null) }))).toBe('expected `policy` to be an object, found null')
    expect(await told(open(text ?? '', { keys, publicKeys: odd(7), rules }))).toBe('expected `publicKeys` to be a function, found a number')
    expect(await told(open(text ?? '', { keys, publicKeys, rules: odd({ strict: true }) }))).toBe(
      'expected `rules` to be what rulesOf(policy, seconds) gives, found an object',
    )
    for (const one of [null, 7, [null], [{ kid: 'did:example:bob#1' }], [{ jwk: recipients[0]?.jwk }]]) {
      expect(await told(seal(hello(), { as: 'anoncrypt', keys, recipients: odd(one) }))).toMatch(/^expected `recipients` to be an array of/)
    }
  })

  it('a port may be an object of a class', async () => {
    class Port {
      held = keys.held
      agree = keys.agree
      sign = keys.sign
      resolve(did: string) {
        return resolver.resolve(did)
      }
    }
    const port = new Port()
    expect(await call(pack, hello(), { keys: port, resolver: port })).toBe('taken')
  })
})
