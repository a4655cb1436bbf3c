/**
 * What is printed, and where: results on stdout, everything else on stderr. Colours only on a terminal, and never in `--json`.
 *
 * @module
 */
import { DidcommError } from 'sealpost/errors'

/** A way to mark text: plain where the stream is no terminal. */
export type Style = {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
}

/** The SGR codes that begin and end a mark. */
const mark = (on: boolean, begin: number, end: number) => (text: string) => (on ? `\u001b[${begin}m${text}\u001b[${end}m` : text)
const styleOf = (on: boolean): Style => ({
  bold: mark(on, 1, 22),
  dim: mark(on, 2, 22),
  good: mark(on, 32, 39),
  bad: mark(on, 31, 39),
  warn: mark(on, 33, 39),
})

/** NO_COLOR switches colours off, whatever its value, if it has one. */
const hasColours = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb'

/** The marks for stdout. */
export const style = (): Style => styleOf(hasColours(process.stdout))

/** White on black where stdout shows colours, whatever the terminal is like by itself. */
export const whiteOnBlack = (text: string): string => (hasColours(process.stdout) ? `\u001b[97;40m${text}\u001b[0m` : text)

/** Prints a result for people, and ends its line. */
export const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints a result for programs: one line of JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value))

/** Says what goes on, where somebody is there to read it. */
export function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${styleOf(hasColours(process.stderr)).dim(text)}\n`)
}

/** Says what the user must know, on a terminal or not. */
export const warn = (text: string): void => void process.stderr.write(`${text}\n`)

/** An error for programs. */
export function errorAsJson(error: unknown): { error: { code: string; message: string; rule?: string; retryable?: true } } {
  if (!(error instanceof DidcommError)) return { error: { code: 'ERR_INTERNAL', message: messageOf(error) } }
  const { code, message, rule, retryable } = error
  return { error: { code, message, ...(rule !== undefined && { rule }), ...(retryable && { retryable }) } }
}

/** An error for people: one sentence, with the rule that was broken. */
export function errorAsText(error: unknown): string {
  if (!(error instanceof DidcommError)) return `sealpost: ${messageOf(error)} (a fault of ours: please report it)`
  // What a library below says may have line breaks.
  return `sealpost: ${error.message.trim().replace(/\s*\n\s*/g, ' ')}${error.rule === undefined ? '' : ` (${error.rule})`}`
}

/** Tells of an error on stderr. The stack is for those who ask: SEALPOST_DEBUG. */
export function printError(error: unknown, json: boolean): void {
  if (json) warn(JSON.stringify(errorAsJson(error)))
  else warn(styleOf(hasColours(process.stderr)).bad(shorten(safe(errorAsText(error)))))
  if ((process.env['SEALPOST_DEBUG'] ?? '') !== '') console.error(error)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Text that came from outside, fit for a terminal: no control characters, which could move the cursor or set the title, and nothing that turns
 * the direction of writing or hides. They are shown as JSON writes them, so that JSON stays what it was. Line breaks and tabs stay.
 */
export const safe = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\u{E0000}-\u{E007F}]/gu, shown)

const shown = (character: string): string =>
  character === '\n' || character === '\t'
    ? character
    : character.split('').reduce((text, unit) => `${text}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`, '')

/** DIDs can be kilobytes of text: for people, the start and the end of one are enough to tell it from another. */
export const shorten = (text: string): string =>
  text.replace(/did:[a-z0-9]{1,20}:[\w.:%-]{60,}/g, (did) => `${did.slice(0, 40)}…${did.slice(-8)}`)
