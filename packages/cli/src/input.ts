/**
 * What is read and written: files, stdin, and texts of the command line. Sizes are bounded before anything is looked at.
 *
 * @module
 */
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { writeFileAtomically } from '@sealpost/node'
import { parseJsonBytes } from 'sealpost/bytes'
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
        throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxInputBytes} octets in ${name}, found more`, {
          rule: 'JOSE-05',
        })
      }
      chunks.push(bytes)
    }
  } catch (cause) {
    if (cause instanceof DidcommError) throw cause
    throw cannot('read', name, cause)
  }
  return Buffer.concat(chunks, length)
}

/** Reads strict JSON from a file or stdin. Octets that are not UTF-8 are an error, since replacing them would send another text. */
export const readJson = async (name: string): Promise<unknown> => parseJsonBytes(await readInput(name))

/** Whether a word of the command line names something that is there: a file, a pipe, or a folder, which reading then refuses. */
export const isThere = (name: string): Promise<boolean> =>
  name.length > 4096
    ? Promise.resolve(false)
    : stat(name).then(
        () => true,
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
    throw cannot('write', name, cause)
  }
}

/** Makes a folder that the user named, where it is not there. */
export async function makeFolder(name: string): Promise<void> {
  try {
    await mkdir(name, { recursive: true })
  } catch (cause) {
    throw cannot('make the folder', name, cause)
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a folder',
  // What renaming a file onto `.` and onto another folder that is in use gives.
  EBUSY: 'it is a folder, or in use',
  EACCES: 'you may not',
  EPERM: 'you may not',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
}

/** The error for what the system would not do with a file that the user named. */
export function cannot(act: string, name: string, cause: unknown): DidcommError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it failed'
  return new DidcommError('ERR_USAGE_ARGUMENT', `cannot ${act} ${name}: ${reasons[code] ?? code}`, { cause })
}
