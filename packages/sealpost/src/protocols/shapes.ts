/**
 * Words for the shapes of message bodies that all protocols use. Every shape is loose: members that nobody knows are kept as they are
 * (HDR-22), so that a peer with a later minor version is understood (SEM-01).
 *
 * @module
 */
import * as v from 'valibot'

/** What a shape makes of a member that may be missing. Many peers write `null` for what they leave out. */
export type Maybe<Output> = v.ExactOptionalSchema<v.NullableSchema<v.GenericSchema<Output>, undefined>, undefined>

/** A member that may be missing, or `null`. */
export const maybe = <Output>(shape: v.GenericSchema<Output>): Maybe<Output> => v.exactOptional(v.nullable(shape))

/** A text of so many characters at most. */
export const text = (maxLength: number): v.GenericSchema<string> => v.pipe(v.string(), v.maxLength(maxLength))

/** A list of so many items at most. Longer ones are refused before any item is looked at. */
export const list = <Item>(item: v.GenericSchema<Item>, maxItems: number): v.GenericSchema<Item[]> =>
  v.pipe(v.array(v.unknown()), v.maxLength(maxItems), v.array(item), v.maxLength(maxItems)) as v.GenericSchema<Item[]>

/** A whole number from 0 on that JSON can say without loss: a count, or a time. */
export const count: v.GenericSchema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A DID, or a key where older peers name one. Whether it is one is for those who know DIDs to say. */
export const party: v.GenericSchema<string> = v.pipe(v.string(), v.nonEmpty(), v.maxLength(8192))

/** The body of a message that says all by its type. */
export const empty: v.GenericSchema<object> = v.looseObject({})
