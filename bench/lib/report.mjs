/**
 * Writes docs/performance.md from the results: nothing in it is typed by hand, so nothing in it can be older than its numbers.
 *
 * @module
 */
import { elsewhere } from './gates.mjs'
import { formatUs, ratio } from './harness.mjs'

const ours = 'sealpost'
const floor = 'primitive floor'
const peer = 'didcomm-node'
const native = 'didcomm-rust, native'
const table = (head, rows) =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
/** A section of text and tables; nothing where all its tables are empty. */
const section = (title, text, ...tables) =>
  tables.some(Boolean) ? `## ${title}\n\n${[text, ...tables].filter(Boolean).join('\n\n')}\n` : ''
const unique = (values) => [...new Set(values)]
const times = (value, digits = 2) => (value === undefined ? '–' : value.toFixed(value >= 10 ? 1 : digits))

const tokens = { aim: '✓✓', must: '✓', missed: '✗', 'not measured': '' }
const marks = { aim: '✓ aim', must: '✓ must', missed: '✗ missed', 'not measured': 'not measured' }
const limitText = (value, { better, unit }) =>
  value === undefined || !Number.isFinite(value) ? '–' : `${better === 'more' ? '≥' : '≤'} ${Number(value.toFixed(2))}${unit}`
const valueText = ({ value, unit, note }) => (value === undefined ? (note ?? '–') : `${times(value)}${unit}`)

/** One goal, for a terminal. */
export function verdictLine(v) {
  const limits = v.must === undefined ? '' : ` (must ${limitText(v.must, v)}, aim ${limitText(v.aim, v)})`
  return `${marks[v.verdict].padEnd(13)} ${v.context.padEnd(9)} ${v.goal}: ${valueText(v)}${limits}`
}

/** The goals, one row a goal, one column a version of Node. */
function goalsTable(verdicts) {
  const contexts = unique(verdicts.map((v) => v.context))
  const perNode = contexts.filter((c) => c.startsWith('Node'))
  const measured = verdicts.filter((v) => v.must !== undefined && v.context.startsWith('Node'))
  const cell = (v) => (v ? `${valueText(v)} ${tokens[v.verdict]}` : '–')
  const rows = unique(measured.map((v) => v.goal)).map((goal) => {
    const found = measured.filter((v) => v.goal === goal)
    const [first] = found
    return [
      goal,
      limitText(first.must, first),
      limitText(first.aim, first),
      ...perNode.map((c) => cell(found.find((v) => v.context === c))),
    ]
  })
  const others = verdicts.filter((v) => !measured.includes(v))
  const rest = others.map((v) => [v.goal, limitText(v.must, v), limitText(v.aim, v), v.context, valueText(v), marks[v.verdict]])
  return [
    table(['goal', 'must', 'aim', ...perNode], rows),
    rest.length ? table(['goal', 'must', 'aim', 'where', 'reached', ''], rest) : '',
    `Not measured here: ${elsewhere.map(([goal, reason]) => `${goal} (${reason})`).join('; ')}.`,
  ]
}

/** Microseconds of every packer, for the cases of some suites. */
function timesTable(rows, { suites, names, relations = true }) {
  const chosen = rows.filter((r) => suites.includes(r.suite))
  const present = names.filter((n) => chosen.some((r) => r.name === n))
  const head = ['case', '', ...present, ...(relations ? [`× ${peer}`, '× native', '÷ floor'] : [])]
  const body = unique(chosen.map((r) => `${r.title}\n${r.what}`)).map((key) => {
    const [title, what] = key.split('\n')
    const of = (name) => chosen.find((r) => r.title === title && r.what === what && r.name === name)
    const relation = (a, b) => (of(a) && of(b) ? times(ratio(of(a), of(b))) : '–')
    const cells = present.map((n) => (of(n) ? formatUs(of(n).us) : '–'))
    return [title, what, ...cells, ...(relations ? [relation(peer, ours), relation(native, ours), relation(ours, floor)] : [])]
  })
  return body.length ? table(head, body) : ''
}

function throughputTable(rows, names) {
  const chosen = rows.filter((r) => r.suite === 'sizes' && r.bytes >= 65536)
  const present = names.filter((n) => chosen.some((r) => r.name === n))
  const body = unique(chosen.map((r) => `${r.title}\n${r.what}`)).map((key) => {
    const [title, what] = key.split('\n')
    const of = (name) => chosen.find((r) => r.title === title && r.what === what && r.name === name)
    return [title, what, ...present.map((n) => (of(n) ? (of(n).bytes / of(n).us).toFixed(0) : '–'))]
  })
  return body.length ? table(['MB/s of plaintext', '', ...present], body) : ''
}

function acrossNodes(nodes) {
  const majors = Object.keys(nodes).filter((m) => nodes[m].suites)
  if (majors.length < 2) return ''
  const wanted = ['core', 'nested', 'curves']
  const first = nodes[majors[0]].suites.rows.filter((r) => wanted.includes(r.suite) && r.name === ours)
  const rows = first.map(({ title, what }) => {
    const cell = (major) => {
      const of = (name) => nodes[major].suites.rows.find((r) => r.title === title && r.what === what && r.name === name)
      return [peer, ours, floor].map((name) => (of(name) ? formatUs(of(name).us) : '–')).join(' / ')
    }
    return [title, what, ...majors.map(cell)]
  })
  return section(
    'Across versions of Node',
    `µs: ${peer} / ${ours} / floor.`,
    table(['case', '', ...majors.map((m) => `Node ${nodes[m].suites.node}`)], rows),
  )
}

function memorySection(memory) {
  const names = unique(memory.rows.map((r) => r.name))
  const of = (title, name) => memory.rows.find((r) => r.title === title && r.name === name)
  const rows = unique(memory.rows.map((r) => r.title)).map((title) => [
    title,
    ...names.map((n) => of(title, n)?.growthMib.toFixed(0) ?? '–'),
  ])
  return section(
    'Memory',
    'Growth of peak resident memory during the case, in MiB; a process for each. WebAssembly never gives memory back.',
    table(['case', ...names], rows),
  )
}

function importsSection(imports) {
  const rows = imports.rows.map((r) => [`\`${r.name}\``, r.ms.toFixed(1), r.overEmptyMs.toFixed(1), r.rssMib.toFixed(0)])
  return section(
    'Import',
    `Whole programs, ${imports.rounds} in turn, medians.`,
    table(['program imports', 'ms', 'ms over an empty program', 'MiB resident'], rows),
  )
}

function scalingSection({ lines, limit }) {
  const rows = lines.map((l) => [
    `${l.title} ${l.what} over ${l.over}`,
    l.exponent.toFixed(2),
    l.points.map(({ n, us }) => `${n}: ${formatUs(us)}`).join(', '),
  ])
  const text = `The slope of the logarithms over the four longest inputs: 1 is linear, 2 is quadratic, and above ${limit} the bench fails.`
  return section('Growth', text, table(['', 'exponent', 'µs'], rows))
}

function agentSection({ rows }) {
  const body = rows.map((r) => [
    r.name,
    formatUs(r.us),
    Math.round(r.perSecond).toLocaleString('en-US'),
    r.ratio.toFixed(2),
    r.cpuRatio.toFixed(2),
  ])
  const text =
    'A question and its answer of 1 KiB each between two agents in memory, against the two packings and two unpackings that they need; and messages of 1 KiB that an agent takes, steps a role by, and stores on SQLite (WAL, FULL) before it says so, 64 under way, against unpacking and one committed row each. In turn, in one process; the ratios are of wall clock and of CPU time.'
  return section('The agent', text, table(['', 'µs', 'a second', '÷ by hand', '÷ by hand, CPU'], body))
}

function browserSection({ browser, rows }) {
  const body = unique(rows.map((r) => `${r.title}\n${r.what}`)).map((key) => {
    const [title, what] = key.split('\n')
    const of = (name) => rows.find((r) => r.title === title && r.what === what && r.name === name)
    return [title, what, formatUs(of('didcomm').us), formatUs(of(ours).us), times(ratio(of('didcomm'), of(ours)))]
  })
  const text = `${browser}, headless; one page, sampled in turn. The peer is the WebAssembly of didcomm 0.4.1; each had read what the other packed.`
  return section('In a browser', text, table(['case', '', 'didcomm', ours, '× didcomm'], body))
}

function soakSection(soak) {
  const rows = Object.values(soak).map((r) => [
    `Node ${r.node}`,
    r.flags.join(' ') || 'default',
    r.rounds.toLocaleString('en-US'),
    r.ok ? '✓' : '✗',
    r.note,
  ])
  const text = 'Pack and unpack, all wrappings and two curves in turn, under a watchdog that ends a process without progress.'
  return section('The long run', text, table(['', 'flags', 'rounds', '', ''], rows))
}

function circumstances(results, main) {
  const taken = unique(Object.values(results.nodes).flatMap((n) => (n.suites ? [n.suites.takenAt.slice(0, 10)] : [])))
  const versions = main.versions
    .filter((v) => !v.isFloor && (v.name === ours || !v.name.startsWith(ours)))
    .map((v) => `${v.name} ${v.version}`)
  const nodes = Object.values(results.nodes).flatMap((n) => (n.suites ? [`${n.suites.node} (OpenSSL ${n.suites.openssl})`] : []))
  const quietness = main.missing.length ? `Not measured: ${main.missing.map((m) => `${m.file} (${m.reason})`).join('; ')}.` : ''
  const broken = main.failures.length
    ? `Failed on the way: ${main.failures.map((f) => `${f.name}, ${f.title}: ${f.reason}`).join('; ')}.`
    : ''
  return [
    `Measured ${taken.join(' and ')} on ${main.cores} × ${main.cpu}, ${main.memoryGib} GiB, ${main.system}, with a load of ${main.load.toFixed(1)} before; Node ${nodes.join(', ')}. ${versions.join(', ')}.`,
    `Each case is one run in one process: the packers are sampled in turn, in rotating order, ${main.samples} samples of ${main.windowMs} ms each with garbage collected before, and the median is shown. A ratio is the median of the ratios round by round. **Trust the ratios, not the microseconds**: they move with the machine, the ratios hardly.`,
    `*${ours}* is the built package, by its public \`pack\` and \`unpack\`, with every check on and an asynchronous resolver in memory behind our cache. *${floor}* does only the primitive operations that the case needs, by the fastest way that node:crypto has, and nothing of DIDComm: nothing on Node can be faster without other primitives. *didcomm-rust, native* is the same library as didcomm-node without WebAssembly: it has other primitives, written in Rust and assembly.`,
    [quietness, broken].filter(Boolean).join(' '),
  ].filter(Boolean)
}

/** The whole document. */
export function report(results, verdicts) {
  const [major] = Object.keys(results.nodes ?? {}).filter((m) => results.nodes[m].suites)
  if (major === undefined) throw new Error('there are no results yet: run `npm run bench` first')
  const measured = results.nodes[major]
  const main = measured.suites
  const peers = [peer, native, 'Veramo', 'Identus SDK', 'jose (general JWE)', ours, floor]
  const variants = unique(main.rows.map((r) => r.name)).filter((n) => n.startsWith(ours))
  const unit = 'µs for one operation, unless a unit is given. A gap is a case that the packer does not have.'
  return [
    '# Performance\n',
    '<!-- Written by `npm run bench`: change the bench, not this page. -->\n',
    ...circumstances(results, main).map((paragraph) => `${paragraph}\n`),
    section(
      'The goals',
      'A release must reach the first column and aims at the second; ✓ is reached, ✓✓ is the aim, ✗ is missed. The goals against didcomm-node are for Node 20 and 22: Node 24 runs WebAssembly faster, so that 0.85 of each counts there.',
      ...goalsTable(verdicts),
    ),
    section(
      `Envelopes, Node ${main.node}`,
      unit,
      timesTable(main.rows, { suites: ['core', 'nested', 'curves', 'forward'], names: peers }),
      'Of a forward, unpacking is what the first mediator does. `anoncrypt(authcrypt(signed))` is opened as the peer packed it: v2.1 lets nobody emit it.',
    ),
    section(
      'What each part is worth',
      'The same library, with one thing changed: a resolver without our cache; the secret between two static keys computed for each message; all keys and documents new objects on every call; the backend of browsers, on Node.',
      timesTable(main.rows, { suites: ['core', 'nested', 'curves'], names: variants, relations: false }),
    ),
    section(
      'Sizes',
      '1 recipient.',
      timesTable(main.rows, { suites: ['sizes'], names: peers }),
      throughputTable(main.rows, [peer, native, 'Veramo', 'jose (general JWE)', ours, floor]),
    ),
    section(
      'Recipients',
      'One DID with so many keys, of which the opener holds the middle one; a payload of 100 B.',
      timesTable(main.rows, { suites: ['recipients'], names: [...peers, 'sealpost, no kept secrets'] }),
    ),
    acrossNodes(results.nodes),
    results.browser ? browserSection(results.browser) : '',
    measured.memory ? memorySection(measured.memory) : '',
    measured.imports ? importsSection(measured.imports) : '',
    measured.scaling ? scalingSection(measured.scaling) : '',
    measured.agent ? agentSection(measured.agent) : '',
    results.soak ? soakSection(results.soak) : '',
    section(
      'Run it',
      '',
      '```sh\nnpm ci\nnpm run bench                    # this version of Node and Chromium\nnpm run bench -- --node all      # and the others, into the same page\nnpm run bench -- --gate          # fails where a goal that a release must reach is missed\nnpm run bench -- --quick         # a few minutes, to see that everything runs\nnpm run soak                     # the long run\n```',
    ),
  ]
    .filter(Boolean)
    .join('\n')
}
