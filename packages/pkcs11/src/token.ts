/**
 * A token that is logged in to, and its sessions: a few of them, since a session does one thing at a time. Where they are lost, new ones
 * are opened, once for each thing to do. It knows nothing of keys.
 *
 * @module
 */
import { DidcommError } from 'sealpost/errors'
import { answerOf, type Cryptoki, ck, errorOf, type Handle, isLost, loadPkcs11js } from './cryptoki.ts'

export type Token = {
  readonly cryptoki: Cryptoki
  /** Of the mechanism parameters, those for ECDH. */
  readonly ecdhParameters: number
  readonly mechanisms: ReadonlySet<number>
  /**
   * Runs something in a session of its own.
   *
   * @throws {DidcommError} `ERR_STORE_FAILED` where the token is not there, `ERR_USAGE_KEY_STORE`, `ERR_USAGE_PASSPHRASE`, or what it
   * throws.
   */
  inSession<T>(run: (session: Handle) => T | Promise<T>): Promise<T>
  close(): void
}

// A process initializes a module once, whoever in it uses the module.
const loaded = new Map<string, { readonly cryptoki: Cryptoki; uses: number }>()

/** Opens a token by its label or its serial number. Throws as {@link Token.inSession} does. */
export function openToken(library: string, name: string, pin: string | undefined, mostSessions: number): Token {
  const { CK_PARAMS_EC_DH } = loadPkcs11js()
  const cryptoki = acquire(library)
  try {
    const slot = slotOf(cryptoki, name)
    const sessions = sessionsOf(cryptoki, slot, pin, mostSessions)
    return {
      cryptoki,
      ecdhParameters: CK_PARAMS_EC_DH,
      mechanisms: new Set(cryptoki.C_GetMechanismList(slot)),
      inSession: sessions.inSession,
      close() {
        sessions.close()
        release(library)
      },
    }
  } catch (error) {
    release(library)
    throw errorOf(error)
  }
}

function acquire(library: string): Cryptoki {
  const known = loaded.get(library)
  if (known !== undefined) {
    known.uses += 1
    return known.cryptoki
  }
  const cryptoki = new (loadPkcs11js().PKCS11)()
  try {
    cryptoki.load(library)
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_KEY_STORE', `expected a PKCS#11 module at ${library}, found none that loads`, { cause })
  }
  try {
    cryptoki.C_Initialize({ flags: ck.CKF_OS_LOCKING_OK })
  } catch (error) {
    // Other code of this process did it before.
    if (answerOf(error) !== 'CKR_CRYPTOKI_ALREADY_INITIALIZED') throw errorOf(error)
  }
  loaded.set(library, { cryptoki, uses: 1 })
  return cryptoki
}

/** The last one leaves the module as it was found: no session of ours. It is not finalized, since other code may use it. */
function release(library: string): void {
  const known = loaded.get(library)
  if (known === undefined) return
  known.uses -= 1
  if (known.uses === 0) loaded.delete(library)
}

function slotOf(cryptoki: Cryptoki, name: string): Handle {
  const found = cryptoki.C_GetSlotList(true).flatMap((slot) => {
    const { label, serialNumber } = cryptoki.C_GetTokenInfo(slot)
    return [label, serialNumber].some((one) => one.trimEnd() === name) ? [slot] : []
  })
  const [slot] = found
  if (slot === undefined || found.length > 1) {
    const what = slot === undefined ? 'none' : `${found.length}: name it by its serial number`
    throw new DidcommError('ERR_USAGE_KEY_STORE', `expected one token called ${JSON.stringify(name)}, found ${what}`)
  }
  return slot
}

function sessionsOf(cryptoki: Cryptoki, slot: Handle, pin: string | undefined, most: number): Pick<Token, 'inSession' | 'close'> {
  const free: Handle[] = []
  const waiting: (() => void)[] = []
  let busy = 0
  let isClosed = false
  const open = (): Handle => cryptoki.C_OpenSession(slot, ck.CKF_SERIAL_SESSION | ck.CKF_RW_SESSION)
  // Who is logged in is the process, for as long as it has a session: this one does nothing else.
  let keeper = logIn()

  function logIn(): Handle {
    const session = open()
    try {
      if (pin === undefined) cryptoki.C_Login(session, ck.CKU_USER)
      else cryptoki.C_Login(session, ck.CKU_USER, pin)
    } catch (error) {
      if (answerOf(error) === 'CKR_USER_ALREADY_LOGGED_IN') return session
      drop(session)
      throw error
    }
    return session
  }

  /** After an error a session may be in the middle of something; so nobody goes on with it. */
  function drop(session: Handle): void {
    try {
      cryptoki.C_CloseSession(session)
    } catch {
      // It is gone already, which is what was wanted.
    }
  }

  async function once<T>(run: (session: Handle) => T | Promise<T>): Promise<T> {
    const session = free.pop() ?? open()
    try {
      // Who is not logged in finds no private keys, and is told of no error.
      if (cryptoki.C_GetSessionInfo(session).state !== ck.CKS_RW_USER_FUNCTIONS) throw new Error('CKR_USER_NOT_LOGGED_IN')
      const result = await run(session)
      if (isClosed) drop(session)
      else free.push(session)
      return result
    } catch (error) {
      drop(session)
      throw error
    }
  }

  async function inSession<T>(work: (session: Handle) => T | Promise<T>): Promise<T> {
    if (isClosed) throw new DidcommError('ERR_USAGE_KEY_STORE', 'the store of keys was closed')
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy += 1
    try {
      return await once(work).catch((error: unknown) => {
        if (!isLost(error) || isClosed) throw error
        for (const session of [...free.splice(0), keeper]) drop(session)
        keeper = logIn()
        return once(work)
      })
    } catch (error) {
      throw errorOf(error)
    } finally {
      // Whose turn is over gives it to the next.
      const next = waiting.shift()
      if (next === undefined) busy -= 1
      else next()
    }
  }

  return {
    inSession,
    close() {
      isClosed = true
      for (const session of [...free.splice(0), keeper]) drop(session)
    },
  }
}
