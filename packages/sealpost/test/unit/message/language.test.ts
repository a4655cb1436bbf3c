import { expect, it } from 'vitest'
import examples from '../../../../../vectors/didcomm-v2.1/examples.json' with { type: 'json' }
import { acceptedLanguages, badLanguageCodes, chooseLanguage, inlineTranslations, localizedBody } from '../../../src/message/language.ts'
import type { Plaintext } from '../../../src/message/plaintext.ts'
import { problemReport } from '../../../src/message/problem.ts'

const mate = examples.examples.find(({ section }) => section === 'extension: l10n')?.json as Plaintext

it('I18-02: the most preferred language that is available is chosen, by its wider or narrower tag if need be', () => {
  expect(chooseLanguage(['fr', 'en'], ['en', 'fr'])).toBe('fr')
  expect(chooseLanguage(['fr-CA', 'en'], ['en', 'fr'])).toBe('fr')
  expect(chooseLanguage(['EN'], ['en-GB'])).toBe('en-GB')
  expect(chooseLanguage(['zh-Hant-TW', 'de'], ['zh', 'de'])).toBe('zh')
  expect(chooseLanguage(['fr'], ['en'])).toBeUndefined()
  expect(chooseLanguage(['', '-', '--'], ['en'])).toBeUndefined()
  expect(chooseLanguage([], ['en'])).toBeUndefined()
})

it('I18-03, I18-04: a preference holds in its thread until it changes', () => {
  const base = { id: 'a', type: mate.type }
  const first = acceptedLanguages({ ...base, 'accept-lang': ['fr'] })
  expect(acceptedLanguages(base, first)).toEqual(['fr'])
  expect(acceptedLanguages({ ...base, 'accept-lang': ['de'] }, first)).toEqual(['de'])
  expect(first).toEqual(['fr'])
  expect(acceptedLanguages(base)).toEqual([])
})

it('I18-01, I18-05, I18-06, L10-01: a body comes in the preferred language, as far as translations came along', () => {
  expect(inlineTranslations(mate)).toHaveLength(2)
  expect(localizedBody(mate, ['fr', 'en'])).toEqual({ lang: 'fr', body: { move: 'BC4+', comment: "C'est échec et mat, mon pote." } })
  expect(localizedBody(mate, ['en'])).toEqual({ lang: 'en', body: mate.body })
  expect(localizedBody(mate, ['it'])).toEqual({ lang: 'en', body: mate.body })
  expect(localizedBody({ id: 'a', type: mate.type }, ['it'])).toEqual({ body: {} })
  expect(mate.body?.comment).toBe("That's checkmate, buddy.")
})

it('L10-01: a translation replaces a text that is there, and nothing else', () => {
  const message = (...triples: readonly unknown[]): Plaintext => ({
    id: 'a',
    type: mate.type,
    lang: 'en',
    l10n: { inline: triples },
    body: { items: [{ title: 'one' }], count: 1 },
  })
  expect(localizedBody(message(['fr', 'items.0.title', 'un']), ['fr']).body).toEqual({ items: [{ title: 'un' }], count: 1 })
  const paths = [
    'items.1.title',
    'items.length',
    'count',
    'new',
    '__proto__.x',
    'constructor.name',
    'items',
    '',
    'items.0.title.x',
    '.'.repeat(50),
  ]
  for (const path of paths) expect(localizedBody(message(['fr', path, 'x']), ['fr']).body).toEqual({ items: [{ title: 'one' }], count: 1 })
  expect(({} as Record<string, unknown>).x).toBeUndefined()
})

it('I18-06, L10-01: many translations of a large body take no longer than one', () => {
  const body: Record<string, unknown> = { title: 'x', items: new Array<unknown>(200_000).fill('') }
  for (let i = 0; i < 20_000; i++) body[`member-${i}`] = ''
  const inline = Array.from({ length: 1000 }, (_, i) => ['fr', i % 2 === 0 ? 'title' : `items.${i}`, `${i}`])
  const started = performance.now()
  const { body: localized } = localizedBody({ id: 'a', type: mate.type, lang: 'en', l10n: { inline }, body }, ['fr'])
  expect(performance.now() - started).toBeLessThan(2000)
  // The last translation of a field counts.
  expect(localized['title']).toBe('998')
  expect((localized['items'] as readonly unknown[]).slice(0, 4)).toEqual(['', '1', '', '3'])
  expect([body['title'], Object.keys(localized).length]).toEqual(['x', 20_002])
})

it('I18-06, L10-01: of more than 1,000 translations the rest is not looked at', () => {
  const inline = Array.from({ length: 1001 }, (_, i) => ['fr', 'title', `${i}`])
  const message = { id: 'a', type: mate.type, lang: 'en', l10n: { inline }, body: { title: 'x' } }
  expect(localizedBody(message, ['fr']).body).toEqual({ title: '999' })
})

it('L10-01: reserved strategies and other shapes are passed over', () => {
  for (const l10n of [
    { service: 'https://e.com' },
    { table: 'x' },
    'x',
    null,
    { inline: 'x' },
    { inline: [['fr', 'comment'], [1, 2, 3], 'x'] },
  ]) {
    expect(inlineTranslations({ id: 'a', type: mate.type, l10n })).toEqual([])
  }
})

it('I18-07: a bad language is reported with the codes of the text, and what would be better', () => {
  for (const code of Object.values(badLanguageCodes)) {
    const report = problemReport({ id: 'r', thread: 't', code, headers: { 'accept-lang': ['fr'] } })
    expect(report).toMatchObject({ 'accept-lang': ['fr'], body: { code, comment: 'Bad message.' } })
  }
  expect(badLanguageCodes).toEqual({ warning: 'w.msg.bad-lang', error: 'e.msg.bad-lang' })
})
