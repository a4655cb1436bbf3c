/**
 * Human languages, for the texts of a body that have one; all else is of none (I18-01): which one a peer prefers, which one a
 * message is in, and translations that came along.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#internationalization-i18n | v2.1, Internationalization}
 * @see {@link https://github.com/decentralized-identity/didcomm-messaging/blob/main/extensions/l10n/main.md | Extension l10n}
 * @module
 */
import { isObject } from '../bytes/json.ts'
import type { Plaintext } from './plaintext.ts'

/** A translation of one field of a body. */
export type Translation = {
  readonly lang: string
  /** Where the field is, from `body` on, in dotted notation, such as `items.0.title`. */
  readonly field: string
  readonly text: string
}

/** The problem codes for a language that the receiver cannot use (I18-07). Both lack a scope, as the text has them (G-32). */
export const badLanguageCodes = { warning: 'w.msg.bad-lang', error: 'e.msg.bad-lang' } as const

const maxTranslations = 1_000
const maxSegments = 32

/**
 * The languages that hold in a thread after a message: those of its `accept-lang`, or those that held before (I18-03). Keep one list a
 * thread: a message changes no thread but its own (I18-04).
 *
 * @param current - what held in this thread so far; for its first message, the peer's default
 */
export const acceptedLanguages = (message: Plaintext, current: readonly string[] = []): readonly string[] =>
  message['accept-lang'] ?? current

/**
 * Chooses the language to speak: the first accepted one that is available, exactly or by its wider tag. `fr-CA` takes `fr`, and `en`
 * takes `en-GB`. Undefined where there is none.
 *
 * @param accepted - most preferred first, as in `accept-lang` (I18-02)
 * @example
 * ```ts
 * import { chooseLanguage } from 'sealpost/message'
 *
 * chooseLanguage(['fr-CA', 'en'], ['en', 'fr']) // 'fr'
 * ```
 */
export function chooseLanguage(accepted: readonly string[], available: readonly string[]): string | undefined {
  for (const wish of accepted) {
    for (let range = wish.toLowerCase(); range !== ''; range = range.slice(0, Math.max(range.lastIndexOf('-'), 0))) {
      const exact = available.find((tag) => tag.toLowerCase() === range)
      if (exact !== undefined) return exact
    }
    const narrower = available.find((tag) => tag.toLowerCase().startsWith(`${wish.toLowerCase()}-`))
    if (narrower !== undefined) return narrower
  }
  return undefined
}

/** The translations that the `l10n` header carries inline; whatever else the header holds is reserved, and passed over (L10-01). */
export function inlineTranslations(message: Plaintext): readonly Translation[] {
  const { l10n } = message
  if (!isObject(l10n) || !Array.isArray(l10n.inline)) return []
  return l10n.inline.slice(0, maxTranslations).flatMap((triple: unknown) => {
    if (!Array.isArray(triple) || triple.length !== 3) return []
    const [lang, field, text]: readonly unknown[] = triple
    return typeof lang === 'string' && typeof field === 'string' && typeof text === 'string' ? [{ lang, field, text }] : []
  })
}

/**
 * The body in the language that the reader prefers, as far as translations came along; the body itself where none fit (I18-06, L10-01).
 * Only texts that are there are replaced: a translation adds nothing.
 *
 * @param accepted - the reader's languages, most preferred first
 */
export function localizedBody(
  message: Plaintext,
  accepted: readonly string[],
): { readonly lang?: string; readonly body: Readonly<Record<string, unknown>> } {
  const body = message.body ?? {}
  const translations = inlineTranslations(message)
  const available = [...(message.lang === undefined ? [] : [message.lang]), ...new Set(translations.map(({ lang }) => lang))]
  const lang = chooseLanguage(accepted, available) ?? message.lang
  if (lang === undefined) return { body }
  if (lang === message.lang) return { lang, body }
  const root: Branch = { children: new Map() }
  for (const { lang: other, field, text } of translations) if (other === lang) plant(root, field, text)
  const localized = replaced(body, root)
  return { lang, body: isObject(localized) ? localized : body }
}

/** The translations by the path to their fields, so that each container on the way is copied once, however many texts are in it. */
type Branch = { readonly children: Map<string, Branch>; text?: string }

function plant(root: Branch, field: string, text: string): void {
  const path = field.split('.', maxSegments + 1)
  if (path.length > maxSegments) return
  let branch = root
  for (const name of path) {
    const next = branch.children.get(name) ?? { children: new Map() }
    branch.children.set(name, next)
    branch = next
  }
  branch.text = text
}

/** A copy with the texts replaced, or the value itself where no path leads to a text of its own. */
function replaced(value: unknown, { children, text }: Branch): unknown {
  if (typeof value === 'string') return text ?? value
  if (typeof value !== 'object' || value === null) return value
  let copy: Record<string, unknown> | undefined
  for (const [name, branch] of children) {
    // An array has a `length` of its own besides its items.
    if (!Object.hasOwn(value, name) || name === '__proto__' || (Array.isArray(value) && name === 'length')) continue
    const member = (value as Record<string, unknown>)[name]
    const translated = replaced(member, branch)
    if (translated === member) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    copy[name] = translated
  }
  return copy ?? value
}
