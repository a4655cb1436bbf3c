/** The words in which the tables of roles are tested: one row for one step. */
import { describe, expect, it } from 'vitest'
import { type AnyRole, advance, type Effect, type Given, type Input, type SendOptions, type State } from '../../../src/machine/index.ts'
import type { Plaintext } from '../../../src/message/index.ts'

export const bob = 'did:example:bob'

export const onCommand = (on: string, detail: object = {}): Input => ({ kind: 'command', on, with: detail })
export const onMessage = (on: string, body: object = {}): Input => ({ kind: 'message', on, with: body })
export const onTimer = (on: string): Input => ({ kind: 'timer', on, with: {} })
export const onProblem = (on: string): Input => ({ kind: 'problem', on, with: { code: on } })
export const send = (message: string, body: object, options?: SendOptions): Effect => ({
  do: 'send',
  message,
  body,
  ...(options && { options }),
})
export const task = (name: string, detail: object): Effect => ({ do: 'task', name, detail })

/** What comes with an input: Bob, proved, at second 100. */
export const given = (more: Partial<Given> = {}): Given => ({ peer: bob, now: 100, context: undefined, ...more })
/** A message with these headers and attachments. */
export const message = (more: Partial<Plaintext>): Plaintext => ({ id: 'm-1', type: 'https://example.com/any/1.0/message', ...more })

/** A state of any role. */
export type AnyState = State & { readonly [member: string]: unknown }

export type Row = readonly [name: string, given: Given, state: AnyState, input: Input, next: AnyState, ...effects: Effect[]]

/** Each row is a test. */
export function rows(name: string, role: AnyRole, table: readonly Row[]): void {
  describe(name, () => {
    for (const [title, what, state, input, next, ...effects] of table)
      it(title, () => expect(advance(role, state, input, what)).toStrictEqual([next, ...effects]))
  })
}
