/**
 * The one error class, and the one table of its codes.
 *
 * The family of a code says who must act: our caller (`usage`), the peer whose bytes break the specification (`malformed`),
 * a peer or an attacker whose claim was not proved (`trust`), nobody (`unsupported`: no common ground), the owner of a DID
 * (`did`), whoever runs the path between us (`delivery`), whoever runs the store (`store`), the peer by its own decision (`peer`), or we
 * ourselves (`internal`).
 *
 * @module
 */

/** Who must act. */
export type ErrorFamily = 'usage' | 'malformed' | 'trust' | 'unsupported' | 'did' | 'delivery' | 'store' | 'peer' | 'internal'

type Row = {
  readonly family: ErrorFamily
  /** What it means, in one line for the table of the documentation. */
  readonly meaning: string
  /** The DIDComm problem code that may tell the peer. Absent where the peer must not learn of it. */
  readonly problem?: string
  /** The same call may succeed later. */
  readonly retryable?: true
}

/** Everything that is known about each code, in one place. */
export const errorCodes = {
  ERR_USAGE_ARGUMENT: { family: 'usage', meaning: 'An argument is not what the function takes.' },
  ERR_USAGE_NO_RECIPIENT: { family: 'usage', meaning: 'Nobody to encrypt to: neither `to` in the options nor in the message.' },
  ERR_USAGE_NO_SENDER: { family: 'usage', meaning: 'The wrapping needs a sender, and the message has no `from`.' },
  ERR_USAGE_NO_KEY: { family: 'usage', meaning: 'The keys port holds no private key that fits what was asked.' },
  ERR_USAGE_PASSPHRASE: { family: 'usage', meaning: 'The passphrase or PIN does not open the keys, or the key file was changed.' },
  ERR_USAGE_KEY_FILE: { family: 'usage', meaning: 'The key file is damaged, missing, locked, or not to be read or written.' },
  ERR_USAGE_KEY_STORE: {
    family: 'usage',
    meaning: 'A store of keys cannot be opened, read or written, or does not do what its port asks.',
  },
  ERR_USAGE_OUT_OF_ORDER: { family: 'usage', meaning: 'The role takes no such command in the state it is in.' },
  ERR_USAGE_ABORTED: { family: 'usage', meaning: 'The caller gave up. What was begun goes on.' },
  ERR_USAGE_CLOSED: { family: 'usage', meaning: 'The agent is closed, or not started.' },
  ERR_USAGE_WRAPPING: { family: 'usage', meaning: 'The combination of envelopes or algorithms is not allowed.' },

  ERR_MALFORMED_JSON: {
    family: 'malformed',
    meaning: 'Not strict JSON: syntax, duplicate members, lone surrogates, numbers out of range.',
    problem: 'e.m.msg',
  },
  ERR_MALFORMED_ENCODING: {
    family: 'malformed',
    meaning: 'Not canonical base64url, base58btc, multibase, or not UTF-8.',
    problem: 'e.m.msg',
  },
  ERR_MALFORMED_ENVELOPE: { family: 'malformed', meaning: 'A JWE or JWS that breaks its specification.', problem: 'e.m.msg' },
  ERR_MALFORMED_MESSAGE: {
    family: 'malformed',
    meaning: 'A plaintext message whose headers or body break the specification.',
    problem: 'e.m.msg',
  },
  ERR_MALFORMED_ATTACHMENT: { family: 'malformed', meaning: 'An attachment that breaks the specification.', problem: 'e.m.msg' },
  ERR_MALFORMED_TYPE_URI: { family: 'malformed', meaning: 'Not a message type URI or protocol identifier URI.', problem: 'e.m.msg' },
  ERR_MALFORMED_PROBLEM: { family: 'malformed', meaning: 'A problem report or problem code that breaks the specification.' },
  ERR_MALFORMED_INVITATION: { family: 'malformed', meaning: 'An out-of-band invitation or its URL breaks the specification.' },
  ERR_MALFORMED_KEY: {
    family: 'malformed',
    meaning: 'A key that is not a valid JWK: wrong length, off the curve, private where public is due.',
  },
  ERR_MALFORMED_DID: { family: 'malformed', meaning: 'Not a DID or DID URL, or one that its method does not allow.', problem: 'e.p.did' },
  ERR_MALFORMED_DID_DOCUMENT: {
    family: 'malformed',
    meaning: 'A DID document that breaks DID Core or belongs to another DID.',
    problem: 'e.p.did',
  },
  ERR_MALFORMED_LIMIT: { family: 'malformed', meaning: 'Larger, deeper or more than the limits allow.', problem: 'e.m.me.res' },

  ERR_TRUST_DECRYPT: {
    family: 'trust',
    meaning: 'The envelope could not be decrypted. One answer for every cause, so that there is no oracle.',
    problem: 'e.m.trust.crypto',
  },
  ERR_TRUST_NOT_FOR_US: { family: 'trust', meaning: 'None of the recipients is a key that is held.' },
  ERR_TRUST_SIGNATURE: { family: 'trust', meaning: 'A signature does not verify.', problem: 'e.m.trust.crypto' },
  ERR_TRUST_KEY: { family: 'trust', meaning: 'A key is not authorized by the DID for what it was used for.', problem: 'e.m.trust' },
  ERR_TRUST_ADDRESSING: {
    family: 'trust',
    meaning: '`from`, `to`, the envelope and the signature do not agree on who speaks to whom.',
    problem: 'e.m.trust',
  },
  ERR_TRUST_ROTATION: { family: 'trust', meaning: 'A `from_prior` that does not prove the rotation it claims.', problem: 'e.m.trust' },
  ERR_TRUST_POLICY: { family: 'trust', meaning: 'Sound, but refused by the policy of the receiver.', problem: 'e.m.trust' },
  ERR_TRUST_HASH: { family: 'trust', meaning: 'Content does not match the hash that was given for it.', problem: 'e.m.trust' },

  ERR_UNSUPPORTED_ALGORITHM: { family: 'unsupported', meaning: 'An algorithm outside of the profile.', problem: 'e.m.trust.crypto' },
  ERR_UNSUPPORTED_CURVE: {
    family: 'unsupported',
    meaning: 'No curve that both sides support, or one that the store of keys lacks.',
    problem: 'e.p.did',
  },
  ERR_UNSUPPORTED_METHOD: { family: 'unsupported', meaning: 'A DID method that no resolver answers for.', problem: 'e.p.did' },
  ERR_UNSUPPORTED_MEDIA_TYPE: { family: 'unsupported', meaning: 'Not a DIDComm media type, or not of this format.', problem: 'e.m.msg' },
  ERR_UNSUPPORTED_PROFILE: { family: 'unsupported', meaning: 'No profile that both sides speak.', problem: 'e.p.msg' },
  ERR_UNSUPPORTED_HASH: { family: 'unsupported', meaning: 'A multihash code that cannot be checked here.', problem: 'e.m.msg' },
  ERR_UNSUPPORTED_RUNTIME: {
    family: 'unsupported',
    meaning: 'The runtime lacks what is needed: WebCrypto, as on a page that is not served over HTTPS, IndexedDB, a native module.',
  },

  ERR_DID_NOT_FOUND: { family: 'did', meaning: 'The DID does not resolve: there is no such document.', problem: 'e.p.did' },
  ERR_DID_UNAVAILABLE: {
    family: 'did',
    meaning: 'The DID could not be resolved now: network, time or rate.',
    problem: 'e.p.did',
    retryable: true,
  },
  ERR_DID_DEACTIVATED: { family: 'did', meaning: 'The DID was deactivated by its owner.', problem: 'e.p.did' },
  ERR_DID_NO_KEY_AGREEMENT: { family: 'did', meaning: 'The DID document has no usable key for encryption.', problem: 'e.p.did' },
  ERR_DID_NO_AUTHENTICATION: { family: 'did', meaning: 'The DID document has no usable key for signatures.', problem: 'e.p.did' },
  ERR_DID_NO_ENDPOINT: { family: 'did', meaning: 'The DID document has no usable DIDCommMessaging endpoint.', problem: 'e.p.did' },

  ERR_DELIVERY_REFUSED: { family: 'delivery', meaning: 'The other side answered, and did not take the message.', problem: 'e.p.xfer' },
  ERR_DELIVERY_UNREACHABLE: { family: 'delivery', meaning: 'No connection to the endpoint.', problem: 'e.p.xfer', retryable: true },
  ERR_DELIVERY_UNAVAILABLE: {
    family: 'delivery',
    meaning: 'The other side answered that it cannot take the message now.',
    problem: 'e.p.xfer',
    retryable: true,
  },
  ERR_DELIVERY_TIMEOUT: { family: 'delivery', meaning: 'No answer within the time.', problem: 'e.p.xfer', retryable: true },
  ERR_DELIVERY_TOO_LARGE: { family: 'delivery', meaning: 'Larger than the other side takes.', problem: 'e.p.xfer' },
  ERR_DELIVERY_BLOCKED: { family: 'delivery', meaning: 'An address that remote data must not make us call.' },

  ERR_STORE_LOCKED: { family: 'store', meaning: 'Another process has the store open.' },
  ERR_STORE_FULL: {
    family: 'store',
    meaning: 'No room for what is to be stored. Nothing of it was.',
    retryable: true,
    problem: 'e.m.me.res.storage',
  },
  ERR_STORE_DAMAGED: {
    family: 'store',
    meaning: 'The store is not what it was: truncated, changed, of another program or of a newer version.',
  },
  ERR_STORE_FAILED: { family: 'store', meaning: 'The store could not be read or written.', retryable: true, problem: 'e.m.me.res.storage' },

  ERR_PEER_PROBLEM: { family: 'peer', meaning: 'The peer reported a problem, and abandoned the protocol.' },
  ERR_PEER_ENDED: { family: 'peer', meaning: 'The relationship has ended.' },

  ERR_INTERNAL: { family: 'internal', meaning: 'A fault of ours. Please report it.', problem: 'e.p.me' },
} as const satisfies Record<string, Row>

/** The codes of {@link DidcommError}, so that `switch (error.code)` narrows. */
export type ErrorCode = keyof typeof errorCodes

/**
 * The only error that this library throws on purpose.
 *
 * Exported from `sealpost` and `sealpost/errors`.
 *
 * @example
 * ```ts
 * import { DidcommError } from 'sealpost'
 *
 * try {
 *   throw new DidcommError('ERR_MALFORMED_MESSAGE', 'expected `to` to be an array of DIDs, found a string', { rule: 'HDR-04' })
 * } catch (error) {
 *   if (error instanceof DidcommError) console.log(error.code, error.family, error.rule)
 * }
 * ```
 */
export class DidcommError extends Error {
  override readonly name = 'DidcommError'
  /** What went wrong: one of {@link errorCodes}. */
  readonly code: ErrorCode
  /** The rule that was broken, by its id in `docs/requirements.md`, such as `HDR-04`. */
  readonly rule: string | undefined
  /** After how many seconds the other side wants to be asked again, where it said so. */
  readonly retryAfterSeconds: number | undefined

  /**
   * @param code - one of {@link errorCodes}
   * @param message - what was expected and what came, in the words of the specification, without secrets
   */
  constructor(
    code: ErrorCode,
    message: string,
    { rule, cause, retryAfterSeconds }: { rule?: string | undefined; cause?: unknown; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.rule = rule
    this.retryAfterSeconds = retryAfterSeconds
  }

  /** Who must act. */
  get family(): ErrorFamily {
    return errorCodes[this.code].family
  }

  /** The DIDComm problem code that may tell the peer, if it may be told. */
  get problem(): string | undefined {
    return (errorCodes[this.code] as Row).problem
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return (errorCodes[this.code] as Row).retryable === true
  }
}

/** Tells whether a value is a {@link DidcommError}, of one of these codes where codes are given; it holds across copies of the library. */
export function isDidcommError(value: unknown, ...codes: readonly ErrorCode[]): value is DidcommError {
  if (!(value instanceof Error) || value.name !== 'DidcommError' || !('code' in value)) return false
  return codes.length === 0 || codes.includes(value.code as ErrorCode)
}
