import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { isDidcommError } from '../../../src/errors.ts'
import { checkBody, type Shape } from '../../../src/machine/index.ts'

/** A schema as any library of the Standard Schema interface makes them. */
const shape = (validate: Shape['~standard']['validate']): Shape => ({ '~standard': { version: 1, vendor: 'test', validate } })

describe('the shape of a body', () => {
  it('G-05: a missing body is an empty one', () => expect(checkBody(v.looseObject({}), undefined)).toEqual({ body: {} }))

  it('keeps members that nobody knows', () => expect(checkBody(v.looseObject({}), { more: [1] })).toEqual({ body: { more: [1] } }))

  it('gives what the schema makes of it', () =>
    expect(
      checkBody(
        shape(() => ({ value: { made: true } })),
        {},
      ),
    ).toEqual({ body: { made: true } }))

  it('says in one line what is wrong, and where', () => {
    expect(checkBody(v.object({ list: v.array(v.object({ name: v.string() })) }), { list: [{ name: 1 }] })).toEqual({
      wrong: 'body.list.0.name: Invalid type: Expected string but received 1',
    })
    expect(
      checkBody(
        shape(() => ({ issues: [{ message: 'no', path: ['a', 0] }, { message: 'also no' }] })),
        {},
      ),
    ).toEqual({ wrong: 'body.a.0: no' })
    expect(
      checkBody(
        shape(() => ({ issues: [{ message: 'no' }] })),
        {},
      ),
    ).toEqual({ wrong: 'body: no' })
  })

  it('says no more than a report can hold', () => {
    const wrong = checkBody(
      shape(() => ({ issues: [{ message: 'x'.repeat(1000), path: ['y'.repeat(1000)] }] })),
      {},
    ).wrong
    expect(wrong?.length).toBe(402)
  })

  it('a schema that answers later is refused', () => {
    let thrown: unknown
    try {
      checkBody(
        shape(async () => ({ value: {} })),
        {},
      )
    } catch (error) {
      thrown = error
    }
    expect(isDidcommError(thrown) && thrown.code).toBe('ERR_USAGE_ARGUMENT')
  })
})
