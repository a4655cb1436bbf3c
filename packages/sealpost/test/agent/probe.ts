/**
 * A protocol for tests: notes that are counted, questions that are answered, and roles that fail, wait, call and ask when they are told to.
 *
 * @module
 */
import * as v from 'valibot'
import {
  type At,
  type Command,
  command,
  emit,
  type Given,
  type Protocol,
  type Role,
  report,
  roleOf,
  type Step,
  startTimer,
  stopTimer,
} from '../../src/machine/index.ts'

export const piuri = 'https://example.com/probe/1.0'

type Note = { readonly text: string }
type Question = { readonly text: string }

/** Reads notes for as long as the relationship lives. What it is asked for may fail: by the host. */
export type Reader = {
  states: { readonly at: 'reading'; readonly count: number }
  commands: { nudge: { readonly afterSeconds: number } }
  receives: { note: Note }
  sends: { note: Note }
  context: { readonly fail?: string } | undefined
  tasks: { file: { readonly text: string } }
}

const reader: Reader['states'] = { at: 'reading', count: 0 }
const read = roleOf<Reader>()

function take({ count }: Reader['states'], { text }: Note, { context }: Given<Reader['context']>): Step<Reader['states']> {
  if (context?.fail !== undefined) throw new Error(context.fail)
  const next = { at: 'reading', count: count + 1 } as const
  const noted = emit('noted', { text, count: next.count })
  if (text === 'file') return [next, noted, read.task('file', { text })]
  if (text === 'reply') return [next, noted, read.send('note', { text: 'replied' })]
  if (text === 'refuse') return [next, noted, report('e.m.refused', text)]
  return [next, noted]
}

export const readerRole: Role<Reader> = {
  name: 'reader',
  instance: 'peer',
  initial: reader,
  asks: (_, input) => (input.kind === 'message' ? { text: (input.with as Note).text } : undefined),
  transitions: [
    read.onMessage('reading', 'note', 'reading', take),
    read.onCommand('reading', 'nudge', 'reading', (state, { afterSeconds }) => [state, startTimer('nudge', afterSeconds)]),
    read.onTimer('reading', 'nudge', 'reading', (state) => [state, emit('nudged'), read.send('note', { text: 'nudge' })]),
  ],
}

/** Asks, and waits for the answer. */
export type Asker = {
  states: { readonly at: 'idle' } | { readonly at: 'asking' } | { readonly at: 'told'; readonly text: string } | { readonly at: 'untold' }
  commands: { ask: { readonly text: string; readonly timeoutSeconds?: number; readonly returnRoute?: 'all' | 'thread' } }
  receives: { answer: Note }
  sends: { question: Question }
  context: undefined
  tasks: object
}

const ask = roleOf<Asker>()

export const askerRole: Role<Asker> = {
  name: 'asker',
  initial: { at: 'idle' },
  transitions: [
    ask.onCommand('idle', 'ask', 'asking', (_, { text, timeoutSeconds = 60, returnRoute }) => [
      { at: 'asking' },
      ask.send('question', { text }, returnRoute === undefined ? {} : { returnRoute }),
      startTimer('timeout', timeoutSeconds),
    ]),
    ask.onMessage('asking', 'answer', 'told', (_, { text }) => [{ at: 'told', text }, stopTimer('timeout'), emit('told', { text })]),
    ask.onTimer('asking', 'timeout', 'untold', () => [{ at: 'untold' }, emit('untold')]),
    ask.onTimer('asking', 'burst', 'untold', () => {
      throw new Error('burst')
    }),
  ],
}

/** Answers: at once, later by a task, or by a refusal. */
export type Answerer = {
  states: { readonly at: 'waiting' } | { readonly at: 'working' } | { readonly at: 'done' }
  commands: { answer: { readonly text: string } }
  receives: { question: Question }
  sends: { answer: Note }
  context: undefined
  tasks: { work: { readonly text: string } }
}

const answer = roleOf<Answerer>()
const answered = (text: string): Step<At<Answerer['states'], 'done'>> => [{ at: 'done' }, answer.send('answer', { text })]

export const answererRole: Role<Answerer> = {
  name: 'answerer',
  initial: { at: 'waiting' },
  transitions: [
    answer.onMessage(
      'waiting',
      'question',
      'working',
      (_, { text }) => [{ at: 'working' }, answer.task('work', { text })],
      (_, { text }) => text.startsWith('work'),
    ),
    answer.onMessage(
      'waiting',
      'question',
      'working',
      () => [{ at: 'working' }, report('e.p.refused', 'no')],
      (_, { text }) => text === 'refuse',
    ),
    answer.onMessage(
      'waiting',
      'question',
      'working',
      () => [{ at: 'working' }],
      (_, { text }) => text === 'wait',
    ),
    answer.onMessage('waiting', 'question', 'done', (_, { text }) => answered(`re: ${text}`)),
    answer.onCommand('working', 'answer', 'done', (_, { text }) => answered(text)),
  ],
}

export const probe: Protocol = {
  piuri,
  instance: 'thread',
  messages: {
    note: v.looseObject({ text: v.string() }),
    question: v.looseObject({ text: v.string() }),
    answer: v.looseObject({ text: v.string() }),
  },
  roles: { reader: readerRole, asker: askerRole, answerer: answererRole },
  problems: { 'e.m.refused': 'Refused: {1}.', 'e.p.refused': 'Refused for good: {1}.' },
}

export const askFor: Command<Asker, 'ask', At<Asker['states'], 'told' | 'untold'>> = command(probe, askerRole, 'ask', ['told', 'untold'])
export const nudge: Command<Reader, 'nudge', Reader['states']> = command(probe, readerRole, 'nudge', ['reading'])
