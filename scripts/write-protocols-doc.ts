/**
 * Writes docs/protocols/ from the tables. It exists so that no page can drift from the roles and shapes that it describes; `--check` writes
 * nothing and fails where a page is another than it would be.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { type AnyRole, diagram, instanceOf, messageOf, type Protocol } from '../packages/sealpost/src/machine/index.ts'
import { conclude, filesIn, read, root } from './repository.ts'

const protocolsRoot = 'packages/sealpost/src/protocols'
const pagesRoot = 'docs/protocols'

/** The JSON Schema of the body of each message, by the name of the message. */
export function jsonSchemaOf(protocol: Protocol): Readonly<Record<string, object>> {
  const schemaOf = (name: string): object => {
    // Ours are made by valibot; those of other libraries have makers of their own.
    const { $schema: _, ...schema } = toJsonSchema(messageOf(protocol, name)?.body as unknown as GenericSchema, { typeMode: 'output' })
    return withoutEmpty(schema) as object
  }
  return Object.fromEntries(Object.keys(protocol.messages).map((name) => [name, schemaOf(name)]))
}

/** Without `required: []` and `properties: {}`, which say nothing. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const isEmpty = (name: string, inner: unknown): boolean =>
    ['required', 'properties'].includes(name) && Object.keys(inner as object).length === 0
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => !isEmpty(name, inner))
      .map(([name, inner]) => [name, withoutEmpty(inner)]),
  )
}

/** What the folder says of itself, in its first comment. */
function introduction(folder: string): string {
  const [, comment = ''] = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(read(`${protocolsRoot}/${folder}/index.ts`)) ?? []
  return comment
    .replace(/^ \* ?/gm, '')
    .replace(/^@see \{@link (\S+) \| ([^}]+)\}$/gm, 'It implements [$2]($1).')
    .replace(/\{@link (\S+)\}/g, '`$1`')
    .replace(/^@module$/gm, '')
    .trim()
}

const protections = {
  any: 'nothing: whoever sends need not be known',
  authenticated: 'the sender',
  signed: 'the sender, by a signature that can be shown to others',
} as const

function sendersOf(protocol: Protocol, folder: string, name: string): string {
  const hearers = Object.values(protocol.roles).filter(({ transitions }) =>
    transitions.some(({ kind, on }) => kind === 'message' && on === name),
  )
  if (hearers.length === 0) throw new Error(`no role of ${folder} hears ${name}`)
  return hearers.map((role: AnyRole) => role.name).join(', ')
}

const roleSection = (protocol: Protocol, role: AnyRole): string => `### Role ${role.name}

One instance for each ${instanceOf(protocol, role)}.${role.asks === undefined ? '' : ' It asks its host before a step.'}

\`\`\`mermaid
${diagram(role)}
\`\`\`
`

/** JSON in which whatever fits on a line is on one. */
function written(value: unknown, indent: string): string {
  const short = JSON.stringify(value)
    .replace(/"(?:[^"\\]|\\.)*"|[:,{}]/g, (token) => ({ ':': ': ', ',': ', ', '{': '{ ', '}': ' }' })[token] ?? token)
    .replace('{  }', '{}')
  if (typeof value !== 'object' || value === null || short.length + indent.length <= 110) return short
  const deeper = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const members = Array.isArray(value)
    ? value.map((item) => written(item, deeper))
    : Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${written(inner, deeper)}`)
  return `${open}\n${members.map((member) => deeper + member).join(',\n')}\n${indent}${close}`
}

const messageSection = (name: string, schema: object): string => `#### \`${name}\`

\`\`\`json
${written(schema, '')}
\`\`\`
`

function protocolSection(folder: string, protocol: Protocol): string {
  const names = Object.keys(protocol.messages)
  const rows = names.map((name) => {
    const protection = protections[messageOf(protocol, name)?.protection ?? 'authenticated']
    return `| \`${name}\` | ${sendersOf(protocol, folder, name)} | ${protection} |`
  })
  const problems = Object.entries(protocol.problems ?? {}).map(([code, comment]) => `| \`${code}\` | ${comment} |`)
  const schemas = jsonSchemaOf(protocol)
  return `## ${protocol.piuri}

${Object.values(protocol.roles)
  .map((role) => roleSection(protocol, role))
  .join('\n')}
### Messages

| message | heard by | what the envelope must prove |
| --- | --- | --- |
${rows.join('\n')}

The JSON Schema (draft 07) of each body. Members that are not named may be there too.

${names.map((name) => messageSection(name, schemas[name] as object)).join('\n')}
### Problem codes

${problems.length === 0 ? 'None of its own.' : `| code | comment |\n| --- | --- |\n${problems.join('\n')}`}
`
}

async function pageOf(folder: string): Promise<string> {
  const exported = (await import(`../${protocolsRoot}/${folder}/index.ts`)) as Readonly<Record<string, unknown>>
  const protocols = Object.values(exported).filter((value) => typeof value === 'object' && value !== null && 'piuri' in value) as Protocol[]
  return `# ${folder}

${introduction(folder)}

It is the subpath \`sealpost/protocols/${folder}\`. This page is written by
\`npx tsx --conditions=@sealpost/source scripts/write-protocols-doc.ts\`.

${protocols.map((protocol) => protocolSection(folder, protocol)).join('\n')}`
}

const folders = filesIn(protocolsRoot, 'index.ts').flatMap((path) => /protocols\/([^/]+)\/index\.ts$/.exec(path)?.[1] ?? [])
const problems: string[] = []
mkdirSync(join(root, pagesRoot), { recursive: true })
for (const folder of folders) {
  const path = `${pagesRoot}/${folder}.md`
  const page = await pageOf(folder)
  if (!process.argv.includes('--check')) writeFileSync(join(root, path), page)
  else if (!existsSync(join(root, path)) || read(path) !== page)
    problems.push(`${path} is not what the tables say: run \`npx tsx --conditions=@sealpost/source scripts/write-protocols-doc.ts\``)
}
for (const path of filesIn(pagesRoot, '.md'))
  if (!folders.some((folder) => path === `${pagesRoot}/${folder}.md`)) problems.push(`${path} is the page of no protocol`)
conclude(problems, `${folders.length} pages are what the tables say`)
