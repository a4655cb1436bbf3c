/**
 * The message of Basic Message 2.0.
 *
 * @see {@link https://didcomm.org/basicmessage/2.0 | Basic Message 2.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'

export const piuri = 'https://didcomm.org/basicmessage/2.0'

/** Words for a person to read. Their language is in the header `lang` (I18-05, I18-06). */
export type BasicMessage = { readonly content: string }

export const messages: Messages<{ message: BasicMessage }> = {
  message: { body: v.looseObject({ content: v.string() }), protection: 'authenticated' },
}
