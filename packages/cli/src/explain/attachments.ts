/**
 * Explains what is attached to a message, envelopes in it included. Nothing is fetched.
 *
 * @module
 */
import { isObject } from 'sealpost/bytes'
import { DidcommError } from 'sealpost/errors'
import { type Attachment, attachmentContent, attachmentMediaType, safeFilename } from 'sealpost/message'
import type { Context } from './context.ts'
import { type Fact, type Finding, fact, type Part, sizeOf, timeOf } from './explanation.ts'

/** Attachments that are looked at; more than a person reads. */
const maxShown = 20

export async function attachmentParts(attachments: readonly unknown[], context: Context): Promise<readonly Part[]> {
  const parts: Part[] = []
  for (const [index, attachment] of attachments.slice(0, maxShown).entries()) {
    const title = `Attachment ${index + 1} of ${attachments.length}`
    // What is malformed is told by the rule of the message.
    if (isObject(attachment) && isObject(attachment['data'])) parts.push(await attachmentPart(title, attachment as Attachment, context))
  }
  return parts
}

async function attachmentPart(title: string, attachment: Attachment, context: Context): Promise<Part> {
  const { id, description, filename, format, lastmod_time: modified } = attachment
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const common = [
    ...fact('Id', text(id)),
    ...fact('Media type', text(attachmentMediaType(attachment))),
    ...fact('Format', text(format)),
    ...fact('File name', safeFilename(text(filename))),
    ...fact('Description', text(description)),
    ...fact('Modified', timeOf(modified)),
  ]
  const { facts, nested } = contentOf(attachment)
  const findings: readonly Finding[] =
    (attachment.data.jws ?? undefined) === undefined
      ? []
      : [{ level: 'claimed', text: 'it has a signature of its own, which was not verified here', rule: 'ATT-11' }]
  if (nested === undefined || !isMessageLike(nested)) return { title, facts: [...common, ...facts], findings }
  const inner = await context.nested(nested, JSON.stringify(nested).length)
  return { title, facts: [...common, ...facts, ...fact('Inside', inner.summary)], findings, parts: inner.parts }
}

function contentOf(attachment: Attachment): { facts: readonly Fact[]; nested?: unknown } {
  try {
    const content = attachmentContent(attachment)
    if (content.kind === 'links') return { facts: [...fact('Links', content.links), ...fact('Hash', content.hash)] }
    if (content.kind === 'bytes') return { facts: fact('Content', sizeOf(content.bytes.length)) }
    return { facts: fact('Content', `JSON, ${sizeOf(JSON.stringify(content.json).length)}`), nested: content.json }
  } catch (error) {
    if (error instanceof DidcommError) return { facts: [] }
    throw error
  }
}

const isMessageLike = (value: unknown): boolean =>
  isObject(value) && ('ciphertext' in value || 'payload' in value || ('type' in value && 'body' in value))
