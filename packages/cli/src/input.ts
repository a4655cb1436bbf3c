/**
 * What is read and written: files, stdin, and texts of the command line. Sizes are bounded before anything is looked at.
 *
 * @module
 */
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { writeFileAtomically } from '@sealpost/node'
import { parseJson } from 'sealpost/bytes'
import { DidcommError } from 'sealpost/errors'
import { note } from './output.ts'

/** The largest input that is read: that of a message. */
export const maxInputBytes: number = 10 * 1024 * 1024

/**
 * Reads a file, or stdin where the name is `-`.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where it cannot be read; `ERR_MALFORMED_LIMIT` where it is too large.
 */
export async function readInput(name: string): Promise<Uint8Array> {
  const stream = name === '-' ? process.stdin : createReadStream(name)
  if (name === '-' && process.stdin.isTTY) note('reading from the terminal; Ctrl-D ends it')
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
      length += bytes.length
      if (length > maxInputBytes) {
        throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxInputBytes} octets in ${name}, found more`, { rule: 'SEC-01' })
      }
      chunks.push(bytes)
    }
  } catch (cause) {
    if (cause instanceof DidcommError) throw cause
    throw new DidcommError('ERR_USAGE_ARGUMENT', `cannot read ${name}: ${reasonOf(cause)}`, { cause })
  }
  return Buffer.concat(chunks, length)
}

/** Reads text; a byte order mark or other octets that are not UTF-8 are the business of whoever parses it. */
export const readText = async (name: string): Promise<string> => new TextDecoder('utf-8', { ignoreBOM: true }).decode(await readInput(name))

/** Reads strict JSON from a file or stdin. */
export const readJson = async (name: string): Promise<unknown> => parseJson(await readText(name))

/** Whether a word of the command line names a file that is there. */
export const isFile = (name: string): Promise<boolean> =>
  name.length > 4096
    ? Promise.resolve(false)
    : stat(name).then(
        (found) => found.isFile() || found.isFIFO(),
        () => false,
      )

/**
 * Writes a file that the user named, whole or not at all.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where it cannot be written.
 */
export async function writeOutput(name: string, text: string, mode: number): Promise<void> {
  try {
    await writeFileAtomically(name, text, { mode })
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `cannot write ${name}: ${reasonOf(cause)}`, { cause })
  }
}

/** Makes a folder that the user named, where it is not there. */
export async function makeFolder(name: string): Promise<void> {
  try {
    await mkdir(name, { recursive: true })
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `cannot make the folder ${name}: ${reasonOf(cause)}`, { cause })
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file or folder'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'you may not'
  return typeof code === 'string' ? code : 'it failed'
}
