/**
 * Goal codes: why somebody wants to talk, more specific to the right. Where a message carries one is for its protocol to say (GOAL-03).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#goal-codes | v2.1, Goal Codes}
 * @module
 */

const domain = /^[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9-]*(?:\..+)?$/i
const maxLength = 255

/** Tells whether a goal code begins with a reversed domain name, as those that the text does not define must, such as `com.example.shop.buy` (GOAL-01). */
export const isDomainGoalCode = (code: string): boolean => code.length <= maxLength && domain.test(code)

/** Tells whether a goal code is of a kind, token by token: `com.example` takes in `com.example.shop`, not `com.examples` (GOAL-02). */
export function matchesGoalCode(code: string, prefix: string): boolean {
  const start = prefix.endsWith('.') ? prefix.slice(0, -1) : prefix
  return code === start || code.startsWith(`${start}.`)
}
