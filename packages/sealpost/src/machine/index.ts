/**
 * Protocols as tables: roles, their transitions and effects, commands, diagrams. It knows no envelope, no store and no network.
 *
 * @module
 */
export { diagram } from './diagram.ts'
export type { Effect, RuntimeHeader, SendOptions } from './effect.ts'
export { awaited, emit, report, startTimer, stopTimer } from './effect.ts'
export type { Command, CommandOptions, Host, MessageShape, Messages, Protection, Protocol, Scope } from './protocol.ts'
export { command, inputsOf, instanceOf, messageOf, play } from './protocol.ts'
export type { AnyCommand, AnyRole, At, ChildEnd, Given, Input, Kind, Role, RoleSpec, RoleWords, State, Step, Transition } from './role.ts'
export { advance, ended, roleOf, transitionFor } from './role.ts'
export type { CheckedBody, Shape } from './shape.ts'
export { checkBody } from './shape.ts'
