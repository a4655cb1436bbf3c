/**
 * What must hold when all is mended and quiet: read from the disks, since only what is there counts.
 *
 * @module
 */

import type { Row } from '../../src/agent/ports.ts'
import { type Outgoing, peerThread, type StoredEvent, type Thread } from '../../src/agent/records.ts'
import { notes, questions, stories } from './protocols.ts'
import type { Deed, Party, World } from './world.ts'

type Got = { readonly got: readonly number[]; readonly times?: readonly number[] }
type Asked = { readonly at: string; readonly n: number }

const holdSeconds = 30

/** What does not hold, in sentences. */
export async function problemsOf(world: World): Promise<readonly string[]> {
  const books = new Map<Party, Book>()
  for (const party of world.parties) books.set(party, await bookOf(party))
  return [
    ...world.deeds.flatMap((deed) => problemsOfDeed(deed, books.get(deed.from) as Book, books.get(deed.to) as Book)),
    ...[...books].flatMap(([party, book]) => problemsOfParty(party, book)),
    ...world.parties.flatMap((party) => problemsOfOrder(world, party, books.get(party) as Book)),
    ...(world.clock.waiting() > 8 * world.parties.length ? [`${world.clock.waiting()} timers wait where nothing is left to do`] : []),
  ]
}

type Book = {
  readonly threads: readonly Thread[]
  /** Messages of ours with a number. */
  readonly sent: readonly (Outgoing & { readonly n: unknown })[]
  readonly events: readonly string[]
  /** The numbers of the questions whose task was given up, which the application was told. */
  readonly givenUp: readonly unknown[]
  readonly left: Readonly<Record<string, readonly Row[]>>
}

async function bookOf({ disk }: Party): Promise<Book> {
  const values = async (table: string): Promise<readonly never[]> => (await disk.rows(table)).map(({ value }) => value as never)
  const numbered = (record: Outgoing) => ({ ...record, n: (record.message.body as { n?: unknown } | undefined)?.n })
  return {
    threads: await values('threads'),
    sent: [...(await values('sent')), ...(await values('outbox'))].map(numbered),
    events: (await disk.rows('events')).map(({ key }) => key),
    givenUp: ((await values('events')) as readonly StoredEvent[]).flatMap(({ name, detail }) =>
      name === 'task-failed' ? [(detail['detail'] as Asked).n] : [],
    ),
    left: Object.fromEntries(
      await Promise.all(['outbox', 'tasks', 'held', 'timers', 'quarantine'].map(async (table) => [table, await disk.rows(table)] as const)),
    ),
  }
}

const statesOf = (book: Book, piuri: string, role: string): readonly unknown[] =>
  book.threads.flatMap(({ instances }) => {
    const state = instances[`${piuri} ${role}`]?.state
    return state === undefined ? [] : [state]
  })

/** How often a deed took effect at the one it was for. */
function effectsOf({ kind, n }: Deed, book: Book): number {
  if (kind === 'question') return (statesOf(book, questions.piuri, 'answerer') as readonly Asked[]).filter((state) => state.n === n).length
  const states = kind === 'note' ? statesOf(book, notes.piuri, 'reader') : statesOf(book, stories.piuri, 'listener')
  return (states as readonly Got[]).flatMap(({ got }) => got).filter((number) => number === n).length
}

function problemsOfDeed(deed: Deed, ours: Book, theirs: Book): readonly string[] {
  const { n, kind, kept, from, to } = deed
  const name = `${kind} ${n} of ${from.name} for ${to.name}`
  const records = ours.sent.filter((record) => record.n === n && record.message.type.endsWith(`/${kind}`))
  const [record] = records
  const effects = effectsOf(deed, theirs)
  const hasFailed = record !== undefined && (record.state === 'failed' || record.state === 'expired')
  return [
    effects > 1 ? `${name} took effect ${effects} times` : '',
    effects > 0 && record === undefined ? `${name} took effect, and its sender knows nothing of it` : '',
    records.length > 1 ? `${name} is kept ${records.length} times by its sender` : '',
    kept && record === undefined ? `${name} was promised, and its sender knows nothing of it` : '',
    effects === 0 && record !== undefined && !hasFailed
      ? `${name} is ${record.state} for its sender, and took no effect: ${JSON.stringify(record).slice(0, 1200)}`
      : '',
    deed.asksAck && effects === 1 && record?.state === 'handed-over'
      ? `${name} asked for an acknowledgment, and ended without: ${JSON.stringify(record).slice(0, 1200)}`
      : '',
    record?.state === 'failed' ? `${name} failed: ${record.lastError?.code} ${record.lastError?.message}` : '',
  ].filter((problem) => problem !== '')
}

function problemsOfParty({ name, heard, agent }: Party, book: Book): readonly string[] {
  const waiting = (statesOf(book, questions.piuri, 'asker') as readonly Asked[]).filter(({ at }) => at === 'waiting')
  const thinking = (statesOf(book, questions.piuri, 'answerer') as readonly Asked[]).filter(
    ({ at, n }) => at === 'thinking' && !book.givenUp.includes(n),
  )
  const unheard = book.events.filter((key) => !heard.has(key))
  return [
    ...(agent === undefined ? [`${name} is not up`] : []),
    ...waiting.map(({ n }) => `question ${n} of ${name} waits for ever`),
    ...thinking.map(({ n }) => `${name} thinks about question ${n} for ever`),
    ...(unheard.length > 0 ? [`${name} did not hear of ${unheard.length} events`] : []),
    ...Object.entries(book.left).flatMap(([table, rows]) =>
      rows.length === 0 ? [] : [`${name} has ${rows.length} rows left in ${table}: ${JSON.stringify(rows[0]).slice(0, 300)}`],
    ),
  ]
}

/**
 * A chapter that took effect before one that was kept before it was told: it has waited for that as long as anybody waits, or another one
 * between them has.
 */
function problemsOfOrder({ deeds }: World, { name }: Party, book: Book): readonly string[] {
  const deed = (n: number): Deed => deeds[n - 1] as Deed
  return (statesOf(book, stories.piuri, 'listener') as readonly Got[]).flatMap(({ got, times = [] }) => {
    const waitedSeconds = (index: number): number => (times[index] ?? 0) - deed(got[index] as number).at / 1000
    const follows = (n: number, other: number): boolean => (deed(other).keptAt ?? Number.POSITIVE_INFINITY) < deed(n).at
    return got.flatMap((n, index) => {
      const missing = got.slice(index + 1).find((other) => follows(n, other))
      if (missing === undefined) return []
      const waived = got.slice(0, index + 1).some((_, place) => waitedSeconds(place) >= holdSeconds - 1)
      return waived ? [] : [`${name} heard chapter ${n} before ${missing}, ${waitedSeconds(index).toFixed(0)} s after it was told`]
    })
  })
}

/** REL-08: what is there after the retention. The last event is kept, for the next is numbered after it; what lives for a peer lives on. */
export async function rememberedOf({ parties }: World): Promise<readonly string[]> {
  const problems: string[] = []
  for (const { name, disk } of parties) {
    for (const table of ['seen', 'sent', 'outbox', 'tasks', 'held', 'timers', 'quarantine', 'events', 'threads'] as const) {
      const rows = (await disk.rows(table)).filter(({ key }) => table !== 'threads' || !key.endsWith(` ${peerThread}`))
      const most = table === 'events' ? 1 : 0
      if (rows.length > most)
        problems.push(`${name} remembers ${rows.length} rows of ${table} for ever: ${JSON.stringify(rows[0]).slice(0, 300)}`)
    }
  }
  return problems
}
