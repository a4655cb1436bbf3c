/**
 * The bounds of an agent, each with its unit and its default.
 *
 * @module
 */

/** All numbers that bound the agent, with their units. */
export type Limits = {
  /** Of a whole message that is taken, in octets (TRN-03). */
  readonly maxReceiveBytes: number
  /** Envelopes that are worked on at once; more are told to come again. */
  readonly maxInFlight: number
  /** Errors in a thread, after which nothing of it is answered any more (CSC-03). */
  readonly maxErrors: number
  /** How long ids, threads and messages are remembered after their end. A message older than this is not taken (M05). */
  readonly retentionSeconds: number
  /** How long a message without `expires_time` is tried. */
  readonly horizonSeconds: number
  /** The longest wait between two tries. */
  readonly maxBackoffSeconds: number
  /** How long an acknowledgment waits for a message to go with. */
  readonly ackDelaySeconds: number
  /** After which a message whose acknowledgment was asked for is sent again. */
  readonly ackTimeoutSeconds: number
  /** One try to deliver. */
  readonly deliverySeconds: number
  /** Messages of one relationship that are on their way at once. */
  readonly maxParallel: number
  /** Tries to handle a message or to do a task, before it waits for a person. */
  readonly maxAttempts: number
}

export const defaultLimits: Limits = {
  maxReceiveBytes: 10 * 2 ** 20,
  maxInFlight: 1024,
  maxErrors: 8,
  retentionSeconds: 30 * 86_400,
  horizonSeconds: 14 * 86_400,
  maxBackoffSeconds: 300,
  ackDelaySeconds: 2,
  ackTimeoutSeconds: 60,
  deliverySeconds: 30,
  maxParallel: 8,
  maxAttempts: 5,
}
