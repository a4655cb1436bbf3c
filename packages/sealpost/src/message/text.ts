/**
 * Texts of others, made fit to show: nothing in them acts, moves other text, or names a file anywhere but here.
 *
 * @module
 */

// Controls, the marks that turn or hide text (Trojan Source), and what is no character at all.
const acting = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu
const notInNames = /[<>:"|?*]/g
// The names that Windows gives to devices, with whatever extension.
const deviceName = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i
// File systems allow 255 octets for a name, and each unit of UTF-16 takes up to three in UTF-8; one more is for a mark in front.
const maxNameLength = 84
const cut = 4096

/**
 * Makes a text of a peer fit to show: control characters and the marks that reorder or hide text are gone, and it is cut to a length
 * (PRB-10, M18, O01). It is text, never markup: whoever shows it in HTML escapes it as any text.
 *
 * @param maxLength - in characters
 */
export function inertText(text: string, maxLength: number = cut): string {
  const start = text.length > maxLength ? text.slice(0, maxLength) : text
  const clean = start.replace(/[\t\r\n]+/g, ' ').replace(acting, '')
  return text.length > maxLength ? `${clean}…` : clean
}

/**
 * Makes a file name of the hint in an attachment: the last segment alone, without what acts, hides or names a device (ATT-04, M22).
 * Undefined where nothing is left.
 */
export function safeFilename(hint: string | undefined): string | undefined {
  if (hint === undefined) return undefined
  const bounded = hint.slice(-cut)
  const last = bounded.slice(Math.max(bounded.lastIndexOf('/'), bounded.lastIndexOf('\\')) + 1)
  const clean = trimDots(last.replace(acting, '').replace(notInNames, '_'))
  if (clean === '') return undefined
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : ''
  const name =
    clean.length > maxNameLength ? [...clean.slice(0, maxNameLength - extension.length)].filter(isCharacter).join('') + extension : clean
  return deviceName.test(name) ? `_${name}` : name
}

const isCharacter = (text: string): boolean => text.isWellFormed()

/** Without dots and spaces at the ends: they hide files, climb folders, or are dropped by file systems. */
function trimDots(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && ' .'.includes(text.charAt(start))) start++
  while (end > start && ' .'.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
