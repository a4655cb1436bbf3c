/**
 * PKCS#11 as the native module `pkcs11js` gives it: the part of it that is used here, its numbers, and what its errors mean. The module
 * is compiled when it is installed, and may be missing; so it is loaded when it is needed, and its types are here.
 *
 * @see {@link https://docs.oasis-open.org/pkcs11/pkcs11-spec/v3.1/pkcs11-spec-v3.1.html | PKCS #11 Specification 3.1}
 * @module
 */
import { createRequire } from 'node:module'
import { DidcommError, isDidcommError } from 'sealpost/errors'

/** A session, a slot or an object. */
export type Handle = Buffer
export type Attribute = { readonly type: number; readonly value?: boolean | number | string | Buffer }
export type Mechanism = { readonly mechanism: number; readonly parameter?: Readonly<Record<string, unknown>> }

export type Cryptoki = {
  load(path: string): void
  C_Initialize(options: { readonly flags: number }): void
  C_GetSlotList(withToken: boolean): readonly Handle[]
  C_GetTokenInfo(slot: Handle): { readonly label: string; readonly serialNumber: string }
  C_GetMechanismList(slot: Handle): readonly number[]
  C_OpenSession(slot: Handle, flags: number): Handle
  C_CloseSession(session: Handle): void
  C_GetSessionInfo(session: Handle): { readonly state: number }
  C_Login(session: Handle, user: number, pin?: string): void
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void
  C_FindObjects(session: Handle, most: number): readonly Handle[]
  C_FindObjectsFinal(session: Handle): void
  C_GetAttributeValue(session: Handle, object: Handle, template: readonly Attribute[]): readonly { readonly value: Buffer }[]
  C_SetAttributeValue(session: Handle, object: Handle, template: readonly Attribute[]): void
  C_DestroyObject(session: Handle, object: Handle): void
  C_GenerateKeyPairAsync(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: readonly Attribute[],
    privateTemplate: readonly Attribute[],
  ): Promise<{ readonly publicKey: Handle; readonly privateKey: Handle }>
  C_DeriveKeyAsync(session: Handle, mechanism: Mechanism, key: Handle, template: readonly Attribute[]): Promise<Handle>
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_SignAsync(session: Handle, data: Buffer, signature: Buffer): Promise<Buffer>
}

/** The numbers of the specification, by its own names. */
export const ck = {
  CKA_CLASS: 0x00,
  CKA_TOKEN: 0x01,
  CKA_PRIVATE: 0x02,
  CKA_LABEL: 0x03,
  CKA_VALUE: 0x11,
  CKA_KEY_TYPE: 0x100,
  CKA_ID: 0x102,
  CKA_SENSITIVE: 0x103,
  CKA_SIGN: 0x108,
  CKA_VERIFY: 0x10a,
  CKA_DERIVE: 0x10c,
  CKA_VALUE_LEN: 0x161,
  CKA_EXTRACTABLE: 0x162,
  CKA_EC_PARAMS: 0x180,
  CKA_EC_POINT: 0x181,
  CKO_PUBLIC_KEY: 2,
  CKO_PRIVATE_KEY: 3,
  CKO_SECRET_KEY: 4,
  CKK_GENERIC_SECRET: 0x10,
  CKM_EC_KEY_PAIR_GEN: 0x1040,
  CKM_ECDSA: 0x1041,
  CKM_ECDH1_DERIVE: 0x1050,
  CKM_EC_EDWARDS_KEY_PAIR_GEN: 0x1055,
  CKM_EC_MONTGOMERY_KEY_PAIR_GEN: 0x1056,
  CKM_EDDSA: 0x1057,
  CKD_NULL: 1,
  CKF_OS_LOCKING_OK: 2,
  CKF_RW_SESSION: 2,
  CKF_SERIAL_SESSION: 4,
  CKU_USER: 1,
  CKS_RW_USER_FUNCTIONS: 3,
} as const

type Pkcs11js = { readonly PKCS11: new () => Cryptoki; readonly CK_PARAMS_EC_DH: number }

/**
 * Loads `pkcs11js`.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where it is not installed.
 */
export function loadPkcs11js(): Pkcs11js {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Pkcs11js
  } catch (cause) {
    throw new DidcommError(
      'ERR_UNSUPPORTED_RUNTIME',
      'expected the native module pkcs11js, found none: it is compiled when it is installed, which needs a C++ compiler, make and Python; then run `npm install pkcs11js`',
      { cause },
    )
  }
}

/** What a module answered: `CKR_PIN_INCORRECT` and the like, or undefined for an error that is none of its answers. */
export function answerOf(error: unknown): string | undefined {
  return error instanceof Error ? /\bCKR_\w+/.exec(error.message)?.[0] : undefined
}

const pinAnswers: ReadonlySet<string> = new Set([
  'CKR_PIN_INCORRECT',
  'CKR_PIN_INVALID',
  'CKR_PIN_LEN_RANGE',
  'CKR_PIN_EXPIRED',
  'CKR_PIN_LOCKED',
])

const lostAnswers: ReadonlySet<string> = new Set([
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_SESSION_CLOSED',
  'CKR_USER_NOT_LOGGED_IN',
  'CKR_DEVICE_REMOVED',
  'CKR_CRYPTOKI_NOT_INITIALIZED',
  'CKR_DEVICE_ERROR',
  'CKR_TOKEN_NOT_PRESENT',
])

/** Whether the sessions are gone, so that new ones may do: the token was pulled out, or the line to it broke. */
export const isLost = (error: unknown): boolean => lostAnswers.has(answerOf(error) ?? '')

/** The error for what a module answered. */
export function errorOf(error: unknown): DidcommError {
  if (isDidcommError(error)) return error
  const answer = answerOf(error)
  if (answer !== undefined && pinAnswers.has(answer))
    return new DidcommError('ERR_USAGE_PASSPHRASE', `expected the PIN of the token, found another, or one that is locked: ${answer}`, {
      cause: error,
    })
  // What is lost can come back, and a message must not count as unreadable for it.
  if (isLost(error)) return new DidcommError('ERR_STORE_FAILED', `the token is not there now: ${answer}`, { cause: error })
  return new DidcommError('ERR_USAGE_KEY_STORE', `the token did not do what was asked: ${answer ?? 'its module failed'}`, { cause: error })
}
