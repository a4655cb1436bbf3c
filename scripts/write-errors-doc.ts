/**
 * Writes docs/errors.md from the table of codes. It exists so that the page cannot drift from the table; `--check` writes nothing and
 * fails where the page is another than it would be.
 *
 * @module
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '../packages/sealpost/src/errors.ts'
import { conclude, read, root } from './repository.ts'

const families = {
  usage: 'Your program: the call is not what the function takes. No foreign data causes these.',
  malformed: 'The peer: what came breaks the specification.',
  trust: 'The peer, or an attacker: what came is well-formed, and not proved or not taken.',
  unsupported: 'Nobody: there is no common ground.',
  did: 'The owner of a DID, or whoever serves its document.',
  delivery: 'The way to the other side.',
  store: 'Whoever runs the store: a disk that is full, a file that was changed, two processes with one store.',
  peer: 'The peer, by its own decision.',
  internal: 'Sealpost.',
} as const

type Row = { readonly family: string; readonly meaning: string; readonly problem?: string; readonly retryable?: true }

const rowsOf = (family: string): string =>
  (Object.entries(errorCodes) as readonly (readonly [string, Row])[])
    .filter(([, row]) => row.family === family)
    .map(
      ([code, { meaning, problem, retryable }]) =>
        `| \`${code}\` | ${meaning} | ${problem === undefined ? '' : `\`${problem}\``} | ${retryable ? 'yes' : ''} |`,
    )
    .join('\n')

const page = `# Errors

Everything that goes wrong is a \`DidcommError\`. Its \`code\` is one of this page, its \`family\` says who must act, and its \`rule\`, where a
rule was broken, is an id of [requirements.md](requirements.md). The message says what was expected and what came, without secrets; the
cause is kept in \`cause\`. \`problem\` is the DIDComm problem code that may tell the peer; where there is none, the peer must not learn
of it. \`retryable\` means that the same call may succeed later.

This page is written by \`npx tsx scripts/write-errors-doc.ts\`.
${Object.entries(families)
  .map(
    ([family, whose]) => `
## ${family}

${whose}

| code | meaning | problem code for the peer | retryable |
| --- | --- | --- | --- |
${rowsOf(family)}
`,
  )
  .join('')}`

const path = 'docs/errors.md'
if (process.argv.includes('--check')) {
  const same = existsSync(join(root, path)) && read(path) === page
  conclude(
    same ? [] : [`${path} is not what the table of codes says: run \`npx tsx scripts/write-errors-doc.ts\``],
    `${path} is what the table says`,
  )
} else {
  writeFileSync(join(root, path), page)
  console.log(`${path} is written`)
}
