/**
 * Logs and files of witnesses with anything changed: nothing but errors of ours, and no version that was not signed.
 *
 * @module
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyLog } from '../src/index.ts'
import { makeKey, witnessed, witnessParameter, write } from './fixtures/forge.ts'

const [owner, witness] = [makeKey(), makeKey()]
const { did, log, entries } = write(owner, [{ parameters: { witness: witnessParameter(1, witness), nextKeyHashes: [] } }, {}, {}])
const file = JSON.stringify(witnessed([entries[2], witness]))
const documents = entries.map(({ state }) => JSON.stringify(state))

/** A text with a piece taken out and another put in. */
const edited = (text: string) =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(40),
      fc.oneof(fc.string({ maxLength: 10 }), fc.constantFrom('null', '[]', '{}', '\n', '"', '0', '-1', '"proof":[]')),
    )
    .map(([at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length))

async function check(text: string, witnesses: unknown): Promise<void> {
  try {
    const { versions } = await verifyLog(did, text, { witnesses })
    expect(versions.map(({ document }) => JSON.stringify(document))).toEqual(documents.slice(0, versions.length))
  } catch (error) {
    expect(error).toMatchObject({ name: 'DidcommError' })
  }
}

describe('verifyLog', () => {
  it('gives of a log that was changed only what was signed', async () => {
    await fc.assert(
      fc.asyncProperty(edited(log), (text) => check(text, JSON.parse(file))),
      { numRuns: 400 },
    )
  })

  it('takes any value for proofs of witnesses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), edited(file).map(attempt)), (witnesses) => check(log, witnesses)),
      { numRuns: 200 },
    )
  })

  it('takes any value for any member', async () => {
    const paths = ['versionId', 'versionTime', 'parameters', 'state', 'proof'] as const
    const entry = fc.tuple(fc.constantFrom(...paths), fc.jsonValue(), fc.nat(2))
    await fc.assert(
      fc.asyncProperty(entry, ([path, value, line]) => {
        const changed = entries.map((one, index) => JSON.stringify(index === line ? { ...one, [path]: value } : one))
        return check(changed.join('\n'), JSON.parse(file))
      }),
      { numRuns: 400 },
    )
  })
})

function attempt(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
