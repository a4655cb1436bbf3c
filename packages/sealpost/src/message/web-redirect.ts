/**
 * The `web_redirect` header: where a person may go on in a browser when a protocol has ended. Nobody is sent anywhere from here.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#redirecting-back-to-sender | v2.1, Redirecting Back to Sender}
 * @module
 */
import { isObject } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import type { Plaintext } from './plaintext.ts'
import { kindOf, quote } from './wording.ts'

/** How the protocol ended, and where to go (OOB-14). */
export type WebRedirect = { readonly status: 'OK' | 'FAIL' | 'PENDING'; readonly redirectUrl: string }

const maxUrlLength = 8192

/**
 * Reads the `web_redirect` header; undefined where there is none. Follow it only with consent, and only where the sender is proved
 * (OOB-15, O09).
 *
 * @param schemes - the schemes of URLs that are taken, with their colons: those of the web by default, app links by choice
 * @throws {DidcommError} `ERR_MALFORMED_MESSAGE` where a member is missing, the status is unknown, or the URL is of another scheme.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#redirecting-back-to-sender | v2.1, Redirecting Back to Sender}
 */
export function webRedirectOf(message: Plaintext, schemes: readonly string[] = ['https:', 'http:']): WebRedirect | undefined {
  const header = message.web_redirect
  if (header === undefined) return undefined
  if (!isObject(header)) throw malformed('OOB-14', `expected \`web_redirect\` to be an object, found ${kindOf(header)}`)
  const { status, redirectUrl } = header
  if (status !== 'OK' && status !== 'FAIL' && status !== 'PENDING') {
    throw malformed('OOB-14', `expected \`status\` of \`web_redirect\` to be OK, FAIL or PENDING, found ${quote(status)}`)
  }
  if (typeof redirectUrl !== 'string' || redirectUrl.length > maxUrlLength || !URL.canParse(redirectUrl)) {
    throw malformed('OOB-14', `expected \`redirectUrl\` of \`web_redirect\` to be a URL, found ${quote(redirectUrl)}`)
  }
  if (!schemes.includes(new URL(redirectUrl).protocol)) {
    throw malformed('OOB-15', `expected \`redirectUrl\` to begin with ${schemes.join(' or ')}, found ${quote(redirectUrl)}`)
  }
  return { status, redirectUrl }
}

const malformed = (rule: string, message: string): DidcommError => new DidcommError('ERR_MALFORMED_MESSAGE', message, { rule })
