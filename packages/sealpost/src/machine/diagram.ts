/**
 * Draws the table of a role, so that the documentation cannot drift from the code.
 *
 * @module
 */
import type { Role, RoleSpec } from './role.ts'

/**
 * The table of a role as a Mermaid state diagram.
 *
 * Exported from `sealpost/machine`.
 */
export function diagram<V extends RoleSpec>(role: Role<V>): string {
  const transitions = role.transitions.map(
    ({ kind, from, on, to, when }) => `  ${from} --> ${to}: ${kind} ${on}${when ? ` [${when.name}]` : ''}`,
  )
  return ['stateDiagram-v2', `  [*] --> ${role.initial.at}`, ...transitions].join('\n')
}
