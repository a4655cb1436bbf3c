/**
 * The combinations of envelopes, in the specification's notation, and what may stand inside of what.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#iana-media-types | v2.1, IANA Media Types}
 * @module
 */

/**
 * The envelope combinations of v2.1 (MED-12): what is encrypted is anoncrypt or authcrypt (ENC-04). Authcrypt can be denied before others,
 * a signature cannot (GEN-04), so that a message that must bind its sender is signed inside (SIG-13). authcrypt(signed) is written only
 * where it is asked for (MED-14); anoncrypt(authcrypt) hides the key id of the sender (PSI-01).
 */
export type Wrapping =
  | 'plaintext'
  | 'signed'
  | 'anoncrypt'
  | 'authcrypt'
  | 'anoncrypt(signed)'
  | 'authcrypt(signed)'
  | 'anoncrypt(authcrypt)'

/** What is read: what is written, and the one combination more that the specification forbids and publishes (MED-16, G-22, decision D-01). */
export type ReceivedWrapping = Wrapping | 'anoncrypt(authcrypt(signed))'

/** One layer of protection. */
export type Layer = 'anoncrypt' | 'authcrypt' | 'signed'

/** The layers of what we write, outermost first. */
export const layersOf: Readonly<Record<Wrapping, readonly Layer[]>> = {
  plaintext: [],
  signed: ['signed'],
  anoncrypt: ['anoncrypt'],
  authcrypt: ['authcrypt'],
  'anoncrypt(signed)': ['anoncrypt', 'signed'],
  'authcrypt(signed)': ['authcrypt', 'signed'],
  'anoncrypt(authcrypt)': ['anoncrypt', 'authcrypt'],
}

/** All that may be written (MED-12). */
export const wrappings: readonly Wrapping[] = Object.keys(layersOf) as Wrapping[]

/** All that can be read: three layers MUST NOT be used (MED-16), and are published and sent (decision D-01). */
export const receivedWrappings: readonly ReceivedWrapping[] = [...wrappings, 'anoncrypt(authcrypt(signed))']

/** What may stand directly inside of a layer, beside the plaintext (MED-17): signed first, then encrypted, never the reverse (MED-19). */
export const allowedInside: Readonly<Record<Layer | 'nothing', readonly Layer[]>> = {
  nothing: ['anoncrypt', 'authcrypt', 'signed'],
  anoncrypt: ['authcrypt', 'signed'],
  authcrypt: ['signed'],
  signed: [],
}

/** The name of a combination that was read; the layers come outermost first, each allowed inside of the one before. */
export function wrappingOf(layers: readonly Layer[]): ReceivedWrapping {
  return layers.length === 0 ? 'plaintext' : ((layers.join('(') + ')'.repeat(layers.length - 1)) as ReceivedWrapping)
}
