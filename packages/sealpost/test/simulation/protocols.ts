/**
 * What the agents of the simulation talk about. Each message has a number, and what it did is kept in the state of a role: so that in the end
 * everybody can be asked which numbers took effect, how often, and in which order.
 *
 * @module
 */
import * as v from 'valibot'
import { emit, type Given, type Protocol, type Role, roleOf, type Step, startTimer, stopTimer } from '../../src/machine/index.ts'

const numbered = { body: v.object({ n: v.number() }), protection: 'authenticated' } as const
type Numbered = { readonly n: number }
type Writing = Numbered & { readonly ack?: boolean; readonly back?: boolean }

const optionsOf = ({ ack, back }: Writing) => ({
  ...(ack === true && { headers: { please_ack: [''] } }),
  ...(back === true && { returnRoute: 'all' as const }),
})

type Writer = {
  states: { readonly at: 'writing' }
  commands: { write: Writing }
  receives: object
  sends: { note: Numbered }
  context: undefined
  tasks: object
}
const writer = roleOf<Writer>()

type Reader = {
  states: { readonly at: 'reading'; readonly got: readonly number[] }
  commands: object
  receives: { note: Numbered }
  sends: object
  context: unknown
  tasks: object
}
const reader = roleOf<Reader>()

/** Notes, in any order: one after the other for as long as two know each other. */
export const notes: Protocol = {
  piuri: 'https://simulation.example/notes/1.0',
  messages: { note: numbered },
  instance: 'peer',
  roles: {
    writer: {
      name: 'writer',
      initial: { at: 'writing' },
      transitions: [
        writer.onCommand('writing', 'write', 'writing', (state, given) => [state, writer.send('note', { n: given.n }, optionsOf(given))]),
      ],
    } satisfies Role<Writer>,
    reader: {
      name: 'reader',
      initial: { at: 'reading', got: [] },
      // The host may throw: such a note is quarantined, and tried again.
      asks: (_, input) => input.with,
      transitions: [
        reader.onMessage('reading', 'note', 'reading', ({ got }, { n }) => [{ at: 'reading', got: [...got, n] }, emit('note', { n })]),
      ],
    } satisfies Role<Reader>,
  },
}

type Teller = {
  states: { readonly at: 'telling' }
  commands: { tell: Writing }
  receives: object
  sends: { chapter: Numbered }
  context: undefined
  tasks: object
}
const teller = roleOf<Teller>()

type Listener = {
  states: { readonly at: 'listening'; readonly got: readonly number[]; readonly times: readonly number[] }
  commands: object
  receives: { chapter: Numbered }
  sends: object
  context: undefined
  tasks: object
}
const listener = roleOf<Listener>()

const hear = ({ got, times }: Listener['states'], { n }: Numbered, { now }: Given): Step<Listener['states']> => [
  { at: 'listening', got: [...got, n], times: [...times, now] },
  emit('chapter', { n }),
]

/** Chapters of a story, a thread each: in order. */
export const stories: Protocol = {
  piuri: 'https://simulation.example/stories/1.0',
  messages: { chapter: numbered },
  instance: 'thread',
  sequenced: true,
  roles: {
    teller: {
      name: 'teller',
      initial: { at: 'telling' },
      transitions: [
        teller.onCommand('telling', 'tell', 'telling', (state, given) => [state, teller.send('chapter', { n: given.n }, optionsOf(given))]),
      ],
    } satisfies Role<Teller>,
    listener: {
      name: 'listener',
      initial: { at: 'listening', got: [], times: [] },
      transitions: [listener.onMessage('listening', 'chapter', 'listening', hear)],
    } satisfies Role<Listener>,
  },
}

type Asker = {
  states:
    | { readonly at: 'idle' }
    | ({ readonly at: 'waiting' } & Numbered)
    | ({ readonly at: 'answered' } & Numbered)
    | ({ readonly at: 'gave-up' } & Numbered)
  commands: { ask: Writing & { readonly patienceSeconds: number } }
  receives: { answer: Numbered }
  sends: { question: Numbered }
  context: undefined
  tasks: object
}
const asker = roleOf<Asker>()

type Answerer = {
  states: { readonly at: 'idle' } | ({ readonly at: 'thinking' } & Numbered) | ({ readonly at: 'answered' } & Numbered)
  commands: { say: Numbered }
  receives: { question: Numbered }
  sends: { answer: Numbered }
  context: undefined
  tasks: { think: Numbered }
}
const answerer = roleOf<Answerer>()

const answer = (_: Answerer['states'], { n }: Numbered): Step<{ readonly at: 'answered' } & Numbered> => [
  { at: 'answered', n },
  answerer.send('answer', { n }),
]

/** Questions, a thread each. Those with an even number are answered by a task of the host, the others by a timer. */
export const questions: Protocol = {
  piuri: 'https://simulation.example/questions/1.0',
  messages: { question: numbered, answer: numbered },
  instance: 'thread',
  roles: {
    asker: {
      name: 'asker',
      initial: { at: 'idle' },
      transitions: [
        asker.onCommand('idle', 'ask', 'waiting', (_, given) => [
          { at: 'waiting', n: given.n },
          asker.send('question', { n: given.n }, optionsOf(given)),
          startTimer('patience', given.patienceSeconds),
        ]),
        asker.onMessage('waiting', 'answer', 'answered', (_, { n }) => [
          { at: 'answered', n },
          stopTimer('patience'),
          emit('answered', { n }),
        ]),
        asker.onTimer('waiting', 'patience', 'gave-up', ({ n }) => [{ at: 'gave-up', n }, emit('gave-up', { n })]),
      ],
    } satisfies Role<Asker>,
    answerer: {
      name: 'answerer',
      initial: { at: 'idle' },
      transitions: [
        answerer.onMessage('idle', 'question', 'thinking', (_, { n }) => [
          { at: 'thinking', n },
          n % 2 === 0 ? answerer.task('think', { n }) : startTimer('ripe', 7),
        ]),
        answerer.onCommand('thinking', 'say', 'answered', answer),
        answerer.onTimer('thinking', 'ripe', 'answered', ({ n }) => answer({ at: 'idle' }, { n })),
      ],
    } satisfies Role<Answerer>,
  },
}
