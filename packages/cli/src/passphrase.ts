/**
 * The passphrase of the key file: from a file, from the environment, or typed at a terminal without being shown.
 *
 * @module
 */
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { ReadStream } from 'node:tty'
import { DidcommError } from 'sealpost/errors'

/** The part of a terminal that is used. */
export type Terminal = {
  setRawMode(raw: boolean): unknown
  on(event: 'data', listener: (data: Uint8Array) => void): unknown
  off(event: 'data', listener: (data: Uint8Array) => void): unknown
}

/**
 * Finds the passphrase.
 *
 * @param twice - asks again where it is typed: a new file must not be locked with a slip of the finger
 * @throws {DidcommError} `ERR_USAGE_PASSPHRASE` where there is none to be had.
 */
export async function findPassphrase(file: string | undefined, twice: boolean): Promise<string> {
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new DidcommError('ERR_USAGE_PASSPHRASE', `the passphrase file ${file} cannot be read`, { cause })
    })
    return text.replace(/\r?\n$/, '')
  }
  const set = process.env['SEALPOST_PASSPHRASE']
  if (set !== undefined && set !== '') return set
  const terminal = openTerminal()
  if (terminal === undefined) {
    throw new DidcommError(
      'ERR_USAGE_PASSPHRASE',
      'no passphrase for the key file: set SEALPOST_PASSPHRASE, name a file with --passphrase-file, or run at a terminal',
    )
  }
  try {
    const write = (text: string): void => void process.stderr.write(text)
    const passphrase = await ask(terminal, twice ? 'New passphrase for the key file: ' : 'Passphrase of the key file: ', write)
    if (twice && (await ask(terminal, 'The same again: ', write)) !== passphrase) {
      throw new DidcommError('ERR_USAGE_PASSPHRASE', 'the two passphrases are not the same: nothing was made')
    }
    return passphrase
  } finally {
    terminal.destroy()
  }
}

/** The terminal itself, since stdin may be a message. */
function openTerminal(): ReadStream | undefined {
  if (!process.stderr.isTTY) return undefined
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    return process.stdin.isTTY ? (process.stdin as unknown as ReadStream) : undefined
  }
}

/** Asks for one line that is not shown. Ctrl-C and an empty Ctrl-D give up. */
export function ask(terminal: Terminal, question: string, write: (text: string) => void): Promise<string> {
  write(question)
  terminal.setRawMode(true)
  return new Promise((resolve, reject) => {
    let typed: number[] = []
    const end = (settle: () => void): void => {
      terminal.off('data', onData)
      terminal.setRawMode(false)
      write('\n')
      settle()
    }
    const onData = (data: Uint8Array): void => {
      for (const octet of data) {
        if (octet === 13 || octet === 10) {
          end(() => resolve(Buffer.from(typed).toString()))
          break
        }
        if (octet === 3 || (octet === 4 && typed.length === 0)) {
          end(() => reject(new DidcommError('ERR_USAGE_PASSPHRASE', 'no passphrase was given')))
          break
        }
        if (octet === 21) typed = []
        else if (octet === 127 || octet === 8) typed = withoutLastCharacter(typed)
        else if (octet >= 32) typed.push(octet)
      }
    }
    terminal.on('data', onData)
  })
}

/** A character may be several octets of UTF-8. */
function withoutLastCharacter(octets: readonly number[]): number[] {
  const rest = [...octets]
  for (let last = rest.pop(); last !== undefined && (last & 0xc0) === 0x80; last = rest.pop());
  return rest
}
