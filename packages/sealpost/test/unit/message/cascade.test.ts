import { expect, it } from 'vitest'
import { beginCascade, problemReceived, problemToReport } from '../../../src/message/cascade.ts'

const over = 'e.p.req.max-errors-exceeded'

it('CSC-01, CSC-03, CSC-04, CSC-06: a received error that crosses the limit is answered once, with the end', () => {
  const one = problemReceived(beginCascade(1), 'e.m.msg')
  expect(one).toEqual({ cascade: { errors: 1, maxErrors: 1, stopped: false }, report: undefined })
  const two = problemReceived(one.cascade, 'e.m.msg')
  expect(two).toEqual({ cascade: { errors: 2, maxErrors: 1, stopped: true }, report: over })
  expect(problemReceived(two.cascade, 'e.m.msg').report).toBeUndefined()
  expect(problemToReport(two.cascade, 'e.m.msg').report).toBeUndefined()
})

it('CSC-05, CSC-06: an emitted error that crosses the limit is replaced by the end', () => {
  const one = problemToReport(beginCascade(1), 'e.m.msg')
  expect(one.report).toBe('e.m.msg')
  const two = problemToReport(one.cascade, 'e.m.trust')
  expect(two.report).toBe(over)
  expect(two.cascade.stopped).toBe(true)
})

it('CSC-03: warnings are not counted, codes of unknown form are', () => {
  expect(problemReceived(beginCascade(0), 'w.m.msg').cascade.stopped).toBe(false)
  expect(problemToReport(beginCascade(0), 'w.m.msg').report).toBe('w.m.msg')
  expect(problemReceived(beginCascade(0), 'something').report).toBe(over)
})

it('CSC-06, M17: two agents that both have enough do not answer each other', () => {
  const ended = problemReceived(beginCascade(10), over)
  expect(ended).toEqual({ cascade: { errors: 0, maxErrors: 10, stopped: true }, report: undefined })
})
