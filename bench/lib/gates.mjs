/**
 * The goals: what a release must reach and what it aims for, each computed from the results. It measures nothing.
 *
 * @module
 */
import { ratio } from './harness.mjs'

const ours = 'sealpost'
const peer = 'didcomm-node'
const floor = 'primitive floor'
const jose = 'jose (general JWE)'
const auth = 'authcrypt X25519 1 KiB'
const anon = (enc) => `anoncrypt ${enc} X25519 1 KiB`
const both = ['pack', 'unpack']

const rowOf = (results, title, what, name) => results.suites?.rows.find((r) => r.title === title && r.what === what && r.name === name)
const compareRows = (results, title, what, a, b) => {
  const [first, second] = [rowOf(results, title, what, a), rowOf(results, title, what, b)]
  return first && second && ratio(first, second)
}
/** How many times faster than the peer. */
const faster =
  (title, what, name = ours, than = peer) =>
  (results) =>
    compareRows(results, title, what, than, name)
/** How many times the floor's time. */
const aboveFloor = (title, what) => (results) => compareRows(results, title, what, ours, floor)
const worst = (values) => (values.some((v) => v === undefined) ? undefined : Math.max(...values))

/** The cost of one recipient more: between 100 and 1000. */
function marginal(results, name) {
  const at = (n) => rowOf(results, `authcrypt X25519 100 B, ${n} recipients`, 'pack', name)?.us
  return at(1000) && at(100) ? (at(1000) - at(100)) / 900 : undefined
}

const atLeast = (goal, value, must, aim, scaled = true) => ({ goal, value, must, aim, better: 'more', unit: '×', scaled })
const atMost = (goal, value, must, aim, unit = '×') => ({ goal, value, must, aim, better: 'less', unit, scaled: false })
const pairs = (make, limits) => both.map((what, i) => make(what, ...limits[i]))

/** The goals for one version of Node. `scaled` goals are against WebAssembly, which V8 of Node 24 and later runs faster. */
export const nodeGates = [
  ...pairs(
    (what, must, aim) => atMost(`authcrypt ${what} ÷ floor`, aboveFloor(auth, what), must, aim),
    [
      [1.25, 1.1],
      [1.3, 1.15],
    ],
  ),
  ...pairs(
    (what, must, aim) => atLeast(`authcrypt ${what} vs didcomm-node`, faster(auth, what), must, aim),
    [
      [6, 7.5],
      [6.5, 8],
    ],
  ),
  ...pairs(
    (what, must, aim) =>
      atLeast(`authcrypt ${what}, secrets not kept, vs didcomm-node`, faster(auth, what, 'sealpost, no kept secrets'), must, aim),
    [
      [4.5, 5.5],
      [5, 6],
    ],
  ),
  ...pairs(
    (what, must, aim) =>
      atLeast(`authcrypt ${what}, fresh JWK objects every call, vs didcomm-node`, faster(auth, what, 'sealpost, fresh JWKs'), must, aim),
    [
      [3.3, 4.2],
      [3.3, 4.2],
    ],
  ),
  ...[
    ['XC20P', 4.3, 5.2],
    ['A256GCM', 5, 6],
    ['A256CBC-HS512', 4.5, 5.2],
  ].flatMap(([enc, must, aim]) => [
    atLeast(`anoncrypt ${enc} pack vs didcomm-node`, faster(anon(enc), 'pack'), 3.5, 4.2),
    atLeast(`anoncrypt ${enc} unpack vs didcomm-node`, faster(anon(enc), 'unpack'), must, aim),
  ]),
  ...pairs(
    (what, must, aim) => atLeast(`anoncrypt A256GCM ${what} vs jose`, faster(anon('A256GCM'), what, ours, jose), must, aim, false),
    [
      [5, 8],
      [4, 6],
    ],
  ),
  ...pairs(
    (what, must, aim) => atLeast(`signed ${what} vs didcomm-node`, faster('signed EdDSA 1 KiB', what), must, aim),
    [
      [4.5, 5.2],
      [3, 3.4],
    ],
  ),
  atLeast('anoncrypt(authcrypt) pack vs didcomm-node', faster('anoncrypt(authcrypt) 1 KiB', 'pack'), 4.5, 5.5),
  atLeast('anoncrypt(authcrypt(signed)) unpack vs didcomm-node', faster('anoncrypt(authcrypt(signed)) 1 KiB', 'unpack'), 4.3, 5.3),
  ...pairs(
    (what, must, aim) => atLeast(`authcrypt P-256 ${what} vs didcomm-node`, faster('authcrypt P-256 1 KiB', what), must, aim),
    [
      [16, 22],
      [15, 20],
    ],
  ),
  ...['P-384', 'P-521'].map((curve) =>
    atMost(
      `${curve} ÷ floor, the worst of authcrypt and anoncrypt`,
      (results) =>
        worst(
          [`authcrypt ${curve} 1 KiB`, `anoncrypt A256GCM ${curve} 1 KiB`].flatMap((t) => both.map((what) => aboveFloor(t, what)(results))),
        ),
      1.05,
      1.03,
    ),
  ),
  atLeast('authcrypt to 1000 recipients, pack vs didcomm-node', faster('authcrypt X25519 100 B, 1000 recipients', 'pack'), 9, 11),
  atMost(
    'one recipient more, pack ÷ floor',
    (results) => {
      const [mine, least] = [marginal(results, ours), marginal(results, floor)]
      return mine && least && mine / least
    },
    1.15,
    1.05,
  ),
  atMost('authcrypt to 1000 recipients, unpack ÷ floor', aboveFloor('authcrypt X25519 100 B, 1000 recipients', 'unpack'), 1.4, 1.2),
  atLeast('authcrypt to 1000 recipients, unpack vs didcomm-node', faster('authcrypt X25519 100 B, 1000 recipients', 'unpack'), 3.5, 4.5),
  ...pairs(
    (what, must, aim) => atLeast(`authcrypt 1 MiB ${what} vs didcomm-node`, faster('authcrypt X25519, 1 MiB', what), must, aim),
    [
      [6.5, 8],
      [5, 6.3],
    ],
  ),
  ...both.map((what) => atMost(`authcrypt 1 MiB ${what} ÷ floor`, aboveFloor('authcrypt X25519, 1 MiB', what), 1.15, 1.05)),
  ...pairs(
    (what, must, aim) =>
      atLeast(`anoncrypt A256GCM 1 MiB ${what} vs didcomm-node`, faster('anoncrypt A256GCM X25519, 1 MiB', what), must, aim),
    [
      [9, 11.5],
      [9, 11],
    ],
  ),
  ...pairs(
    (what, must, aim) =>
      atLeast(`authcrypt ${what} on the web backend vs didcomm-node`, faster(auth, what, 'sealpost, web backend'), must, aim),
    [
      [0.9, 1],
      [0.9, 1.1],
    ],
  ),
  atMost('peak memory, authcrypt 16 MiB, vs didcomm-node', (r) => r.memory && growth(r, ours) / growth(r, peer), 1, undefined),
  atMost('peak memory growth, authcrypt 16 MiB', (r) => growth(r, ours), Number.POSITIVE_INFINITY, 250, ' MiB'),
  atMost('import of the core, over an empty program', (r) => r.imports?.overEmptyMs, 15, 6, ' ms'),
  atMost('memory after the import of the core', (r) => r.imports?.rssMib, 50, undefined, ' MiB'),
  atMost('unpack over recipients, exponent of growth', (r) => exponent(r, 'recipients'), 1.25, undefined, ''),
  atMost('unpack over bytes, exponent of growth', (r) => exponent(r, 'bytes'), 1.25, undefined, ''),
  atMost(
    'agent: a round trip of 1 KiB in memory ÷ its packing and unpacking',
    (r) => agentRow(r, 'agent, 16 at once')?.ratio,
    1.5,
    undefined,
  ),
  {
    ...atLeast(
      'agent: messages of 1 KiB taken and stored on SQLite, a second',
      (r) => agentRow(r, 'agent on SQLite')?.perSecond,
      4000,
      undefined,
      false,
    ),
    unit: '',
  },
]

const agentRow = (results, name) => results.agent?.rows.find((r) => r.name === name)

const growth = (results, name) => results.memory?.rows.find((r) => r.name === name && r.title.includes('16 MiB'))?.growthMib
const exponent = (results, over) =>
  results.scaling && Math.max(...results.scaling.lines.filter((l) => l.over === over && l.what === 'unpack').map((l) => l.exponent))

const inPage = (title, what) => (browser) => {
  const rows = browser?.rows.filter((r) => r.title === title && r.what === what) ?? []
  const [mine, theirs] = ['sealpost', 'didcomm'].map((name) => rows.find((r) => r.name === name))
  return mine && theirs && ratio(theirs, mine)
}

/** The goals in Chromium. */
export const browserGates = [
  ...pairs(
    (what, must, aim) => atLeast(`Chromium: X25519 authcrypt 1 KiB ${what} vs didcomm`, inPage('authcrypt X25519, 1 KiB', what), must, aim),
    [
      [3, 3.8],
      [4, 5],
    ],
  ),
  ...pairs(
    (what, must, aim) => atLeast(`Chromium: P-256 authcrypt 1 KiB ${what} vs didcomm`, inPage('authcrypt P-256, 1 KiB', what), must, aim),
    [
      [13, 17],
      [13, 16],
    ],
  ),
]

/** Goals that this bench cannot measure, each with its reason. */
export const elsewhere = [
  ['anoncrypt(authcrypt(signed)) pack', 'not one of the combinations that v2.1 lets a packer emit (MED-16): it is opened, never made'],
  ['a mediator, durable, vs the same pipeline on didcomm-node', 'belongs to the mediator, which brings its own bench'],
  ['vs didcomm-ts', 'not installable from the registry'],
]

function judge(gate, measured, context, factor = 1) {
  const value = gate.value(measured)
  const scale = gate.scaled ? factor : 1
  const [must, aim] = [gate.must * scale, gate.aim === undefined ? undefined : gate.aim * scale]
  const meets = (limit) => (gate.better === 'more' ? value >= limit : value <= limit)
  const { goal, unit, better } = gate
  if (value === undefined || Number.isNaN(value)) return { context, goal, unit, better, must, aim, verdict: 'not measured' }
  const verdict = !meets(must) ? 'missed' : aim === undefined || meets(aim) ? 'aim' : 'must'
  return { context, goal, unit, better, must, aim, value, verdict }
}

/** Every goal with its verdict: `aim`, `must`, `missed` or `not measured`. */
export function evaluate(results) {
  const nodes = Object.entries(results.nodes ?? {}).flatMap(([major, measured]) =>
    nodeGates.map((gate) => judge(gate, measured, `Node ${major}`, Number(major) >= 24 ? 0.85 : 1)),
  )
  const browser = browserGates.map((gate) => judge(gate, results.browser, 'Chromium'))
  const soaks = Object.values(results.soak ?? {}).map((run) => ({
    context: `Node ${run.node}`,
    goal: `${run.rounds.toLocaleString('en-US')} pack and unpack, ${run.flags.join(' ') || 'default flags'}: no hang, memory steady`,
    unit: '',
    verdict: run.ok ? 'aim' : 'missed',
    note: run.note,
  }))
  return [...nodes, ...browser, ...soaks]
}
