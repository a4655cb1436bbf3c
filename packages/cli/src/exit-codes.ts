/**
 * The exit codes, in one place: what went wrong, told to scripts.
 *
 * @module
 */
import { DidcommError, type ErrorFamily } from 'sealpost/errors'

/** What each exit code says. The help prints this table. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  refused: { code: 1, meaning: 'a message, invitation or document was refused, or breaks a rule' },
  usage: { code: 2, meaning: 'the command was not used as it is meant to be' },
  delivery: { code: 3, meaning: 'a message could not be delivered' },
  keys: { code: 4, meaning: 'the key file is missing, damaged or does not open, or lacks the key to send with' },
  did: { code: 5, meaning: 'a DID could not be resolved, or has nothing that is needed' },
  store: { code: 6, meaning: 'the profile cannot be read or written, or another process has it open' },
  internal: { code: 70, meaning: 'a fault of Sealpost: please report it' },
  interrupted: { code: 130, meaning: 'stopped by Ctrl-C' },
} as const

const ofFamily: Record<ErrorFamily, keyof typeof exitCodes> = {
  usage: 'usage',
  malformed: 'refused',
  trust: 'refused',
  unsupported: 'refused',
  did: 'did',
  delivery: 'delivery',
  store: 'store',
  peer: 'refused',
  internal: 'internal',
}

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof DidcommError)) return exitCodes.internal.code
  if (['ERR_USAGE_KEY_FILE', 'ERR_USAGE_PASSPHRASE', 'ERR_USAGE_NO_KEY'].includes(error.code)) return exitCodes.keys.code
  // Nothing broke a rule: there is only nobody here who could look it up.
  if (error.code === 'ERR_UNSUPPORTED_METHOD') return exitCodes.did.code
  return exitCodes[ofFamily[error.family]].code
}

/** The table for the help. */
export const exitCodeTable = (): string =>
  Object.values(exitCodes)
    .map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`)
    .join('\n')
