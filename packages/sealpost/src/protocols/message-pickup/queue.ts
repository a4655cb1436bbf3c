/**
 * What waits at a mediator, in our own words: its status, its messages, and how both are written in each version.
 *
 * @module
 */
import { decodeUtf8, encodeBase64url, encodeUtf8 } from '../../bytes/index.ts'
import { attachmentContent } from '../../message/attachment.ts'
import type { Attachment, Plaintext } from '../../message/plaintext.ts'
import type { StatusBody } from './messages.ts'

/** What waits, for one recipient DID or for all. */
export type QueueStatus = {
  readonly recipientDid?: string
  readonly messageCount: number
  readonly longestWaitedSeconds?: number
  /** Epoch seconds. */
  readonly newestReceivedTime?: number
  /** Epoch seconds. */
  readonly oldestReceivedTime?: number
  readonly totalBytes?: number
  readonly liveDelivery?: boolean
}

/** A message that waits: an envelope as it came, and the id by which it is acknowledged. */
export type WaitingMessage = { readonly id: string; readonly envelope: string }

/** What a delivery held: what can be opened, and the ids of what is no message, so that it need not come again. */
export type Delivered = { readonly messages: readonly WaitingMessage[]; readonly unreadable: readonly string[] }

// As seconds, this is the year 5138; as milliseconds, 1973.
const leastMilliseconds = 1e11
const seconds = (time: number): number => (time >= leastMilliseconds ? Math.floor(time / 1000) : time)

/** A status as it came. Peers of both versions write times in seconds and in milliseconds. */
export function statusOf(body: StatusBody): QueueStatus {
  const { recipient_did, message_count, longest_waited_seconds, newest_received_time, oldest_received_time, total_bytes, live_delivery } =
    body
  return {
    messageCount: message_count,
    ...(typeof recipient_did === 'string' && { recipientDid: recipient_did }),
    ...(typeof longest_waited_seconds === 'number' && { longestWaitedSeconds: longest_waited_seconds }),
    ...(typeof newest_received_time === 'number' && { newestReceivedTime: seconds(newest_received_time) }),
    ...(typeof oldest_received_time === 'number' && { oldestReceivedTime: seconds(oldest_received_time) }),
    ...(typeof total_bytes === 'number' && { totalBytes: total_bytes }),
    ...(typeof live_delivery === 'boolean' && { liveDelivery: live_delivery }),
  }
}

/** A status as it is sent: with times in milliseconds and without the longest wait in 4.0. */
export function statusBody(status: QueueStatus, version: 3 | 4): StatusBody {
  const { recipientDid, messageCount, longestWaitedSeconds, newestReceivedTime, oldestReceivedTime, totalBytes, liveDelivery } = status
  const unit = version === 3 ? 1 : 1000
  return {
    ...(recipientDid !== undefined && { recipient_did: recipientDid }),
    message_count: messageCount,
    ...(version === 3 && longestWaitedSeconds !== undefined && { longest_waited_seconds: longestWaitedSeconds }),
    ...(newestReceivedTime !== undefined && { newest_received_time: newestReceivedTime * unit }),
    ...(oldestReceivedTime !== undefined && { oldest_received_time: oldestReceivedTime * unit }),
    ...(totalBytes !== undefined && { total_bytes: totalBytes }),
    ...(liveDelivery !== undefined && { live_delivery: liveDelivery }),
  }
}

/** The messages of a delivery, inline as `json`, as base64url or as base64. What has no id cannot be acknowledged, and is read all the same. */
export function deliveredIn(message: Plaintext | undefined): Delivered {
  const messages: WaitingMessage[] = []
  const unreadable: string[] = []
  for (const attachment of message?.attachments ?? []) {
    const envelope = envelopeOf(attachment)
    if (envelope !== undefined) messages.push({ id: attachment.id ?? '', envelope })
    else if (attachment.id !== undefined) unreadable.push(attachment.id)
  }
  return { messages, unreadable }
}

function envelopeOf(attachment: Attachment): string | undefined {
  try {
    const content = attachmentContent(attachment)
    if (content.kind === 'bytes') return decodeUtf8(content.bytes)
    if (content.kind === 'links') return undefined
    return typeof content.json === 'string' ? content.json : JSON.stringify(content.json)
  } catch {
    // What a mediator delivers is of strangers: what cannot be read is theirs.
    return undefined
  }
}

/** A message as an attachment: as JSON, the one form that all recipients read, or as base64url where it is none. */
export function waitingAttachment({ id, envelope }: WaitingMessage): Attachment {
  try {
    return { id, media_type: 'application/didcomm-encrypted+json', data: { json: JSON.parse(envelope) as unknown } }
  } catch {
    return { id, media_type: 'application/didcomm-encrypted+json', data: { base64: encodeBase64url(encodeUtf8(envelope)) } }
  }
}
