/** A protocol of our own: tic-tac-toe as a table, tried without an agent, and played by two agents to the end. */
import { strictEqual } from 'node:assert'
import { toJsonSchema } from '@valibot/to-json-schema'
import { createResolver, memoryKeyStore, newId, peer } from 'sealpost'
import { createAgent } from 'sealpost/agent'
import { advance, command, diagram, emit, type Protocol, type Role, report, roleOf, type Step, startTimer } from 'sealpost/machine'
import { memoryStore } from 'sealpost/store/memory'
import { memoryNetwork } from 'sealpost/transport/memory'
import * as v from 'valibot'

// One message, which names a cell from 0 to 8.
type Move = { readonly cell: number }
const move = v.looseObject({ cell: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8)) })

// A board is nine of X, O and '.'. X begins, so that the board tells whose turn it is.
type Turn = { readonly board: string }
const lines = ['012', '345', '678', '036', '147', '258', '048', '246']
const after = ({ board }: Turn, { cell }: Move): string =>
  `${board.slice(0, cell)}${board.replaceAll('.', '').length % 2 === 0 ? 'X' : 'O'}${board.slice(cell + 1)}`
const isWon = (board: string): boolean => lines.some((line) => /XXX|OOO/.test(Array.from(line, (cell) => board[Number(cell)]).join('')))

type In<Place extends string> = Turn & { readonly at: Place }
type Over = In<'over'> & { readonly why: 'won' | 'lost' | 'drawn' | 'foul' | 'late' }
type Player = {
  states: In<'ready'> | In<'ours'> | In<'theirs'> | Over
  commands: { move: Move }
  receives: { move: Move }
  sends: { move: Move }
  context: undefined
  tasks: object
}
const { onCommand, onMessage, onTimer, send } = roleOf<Player>()

const isFree = ({ board }: Turn, { cell }: Move): boolean => board[cell] === '.'
const isLast = (turn: Turn, move: Move): boolean => isFree(turn, move) && (isWon(after(turn, move)) || !after(turn, move).includes('.'))

const player: Role<Player> = {
  name: 'player',
  initial: { at: 'ready', board: '.........' },
  transitions: [
    onCommand('ready', 'move', 'theirs', play, isFree),
    onCommand('ours', 'move', 'over', (turn, move) => [end(turn, move, 'won'), send('move', move)], isLast),
    onCommand('ours', 'move', 'theirs', play, isFree),
    onMessage('ready', 'move', 'ours', hear),
    onMessage('theirs', 'move', 'over', (turn, move) => [end(turn, move, 'lost')], isLast),
    onMessage('theirs', 'move', 'ours', hear, isFree),
    onMessage('theirs', 'move', 'over', ({ board }, { cell }) => [{ at: 'over', board, why: 'foul' }, report('e.p.msg.foul', `${cell}`)]),
    onTimer('theirs', 'patience', 'over', ({ board }) => [{ at: 'over', board, why: 'late' }, report('e.p.req.late')]),
  ],
}

function play(turn: Turn, move: Move): Step<In<'theirs'>> {
  return [{ at: 'theirs', board: after(turn, move) }, send('move', move), startTimer('patience', 86_400)]
}
function hear(turn: Turn, move: Move): Step<In<'ours'>> {
  return [{ at: 'ours', board: after(turn, move) }, emit('your-turn', { board: after(turn, move) })]
}
function end(turn: Turn, move: Move, why: 'won' | 'lost'): Over {
  return { at: 'over', board: after(turn, move), why: isWon(after(turn, move)) ? why : 'drawn' }
}

const ticTacToe: Protocol = {
  piuri: 'https://example.com/tic-tac-toe/1.0',
  messages: { move },
  instance: 'thread',
  roles: { player },
  problems: { 'e.p.msg.foul': 'Cell {1} is taken.', 'e.p.req.late': 'You thought for too long.' },
}
const makeMove = command(ticTacToe, player, 'move', ['ours', 'over'])

console.log(`${diagram(player)}\n${JSON.stringify(toJsonSchema(move))}`)

for (const [kind, at, board, cell, next] of [
  ['command', 'ours', 'X.O......', 0, 'ours'],
  ['message', 'theirs', 'XX.OO....', 2, 'over'],
  ['message', 'theirs', 'X........', 0, 'over'],
] as const) {
  const [state] = advance(player, { at, board }, { kind, on: 'move', with: { cell } }, { peer: undefined, now: 0, context: undefined })
  strictEqual(state.at, next)
}

const network = memoryNetwork()
const agentOf = (uri: string) =>
  createAgent({
    store: memoryStore(),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    transports: [network.transport(uri)],
    endpoints: [uri],
    protocols: [ticTacToe],
  })
const [alice, bob] = await Promise.all([agentOf('memory:alice'), agentOf('memory:bob')])
// Alice takes the first cell that is free.
alice.on('your-turn', ({ relationship = '', thid = '', detail }) => {
  void makeMove(alice, relationship, { cell: String(detail['board']).indexOf('.') }, { thid })
})
const [{ id }, thid] = [await bob.accept((await alice.invite()).invitation), newId()]
for (const cell of [4, 2, 6]) console.log((await makeMove(bob, id, { cell }, { thid })).board.replaceAll(/.../g, '$&\n'))
strictEqual((await bob.stateOf(id, ticTacToe, player, thid))?.at, 'over')
await Promise.all([alice.close(), bob.close()])
