/**
 * An explanation as text for people. It looks nothing up and knows no DIDComm.
 *
 * @module
 */
import { type Style, safe } from '../output.ts'
import type { Explanation, Fact, Finding, Part } from './explanation.ts'

/** Writes an explanation: the sentence on the whole, then each part with its facts and findings. */
export const render = ({ summary, verdict, parts }: Explanation, style: Style): string =>
  `${['broken', 'foreign'].includes(verdict) ? style.bad(oneLine(summary)) : style.bold(oneLine(summary))}\n\n${renderParts(parts, style)}`

/** Writes parts alone. */
export const renderParts = (parts: readonly Part[], style: Style): string =>
  parts.map((part) => renderPart(part, style, '').join('\n')).join('\n\n')

function renderPart({ title, facts, findings, content, parts = [] }: Part, style: Style, indent: string): readonly string[] {
  const inner = `${indent}  `
  return [
    indent + style.bold(title),
    ...facts.flatMap((fact) => renderFact(fact, style, inner)),
    ...findings.flatMap((finding) => renderFinding(finding, style, inner)),
    ...(content === undefined ? [] : [`${inner}${style.dim('Body')}`, ...lines(JSON.stringify(content, null, 2), `${inner}  `)]),
    ...parts.flatMap((part) => renderPart(part, style, inner)),
  ]
}

const labelWidth = 18

function renderFact({ label, value }: Fact, style: Style, indent: string): readonly string[] {
  const [first = '', ...rest] = typeof value === 'string' ? [value] : value
  const gap = `${indent}${' '.repeat(labelWidth)}`
  return [`${indent}${style.dim(label.padEnd(labelWidth))}${oneLine(first)}`, ...rest.map((item) => gap + oneLine(item))]
}

function renderFinding({ level, text, rule, advice }: Finding, style: Style, indent: string): readonly string[] {
  const marks = {
    proved: style.good('proved'),
    claimed: style.warn('claimed'),
    note: style.dim('note'),
    warning: style.warn('warning'),
    unchecked: style.warn('unchecked'),
    broken: style.bad('BROKEN'),
  }
  const head = `${indent}${marks[level]}${' '.repeat(labelWidth - level.length)}${oneLine(text)}${rule === undefined ? '' : style.dim(` [${rule}]`)}`
  return advice === undefined ? [head] : [head, `${indent}${' '.repeat(labelWidth)}${style.dim('→')} ${oneLine(advice)}`]
}

const lines = (text: string, indent: string): readonly string[] => text.split('\n').map((line) => indent + safe(line))

/** What others wrote stays on its line. */
const oneLine = (text: string): string => safe(text).replace(/\s*\n\s*/g, ' ')
