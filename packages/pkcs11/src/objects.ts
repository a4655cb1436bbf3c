/**
 * The objects of a token: how keys are found, and what may be known of them.
 *
 * @module
 */
import type { Curve, KeyUse, PublicJwk } from 'sealpost/jose'
import { type Attribute, answerOf, ck, type Handle } from './cryptoki.ts'
import { curveOfParameters, jwkOfPoint } from './ec.ts'
import type { Token } from './token.ts'

/** A private key: `crv` is undefined where its curve is none of the profile, `id` is empty where it has none. */
export type Found = { readonly handle: Handle; readonly crv: Curve | undefined; readonly uses: readonly KeyUse[]; readonly id: Buffer }

// Objects come in portions.
const portion = 64

/** The objects that have what the template says. */
export function findAll({ cryptoki }: Token, session: Handle, template: readonly Attribute[]): readonly Handle[] {
  cryptoki.C_FindObjectsInit(session, template)
  const found: Handle[] = []
  for (;;) {
    const more = cryptoki.C_FindObjects(session, portion)
    found.push(...more)
    if (more.length < portion) break
  }
  cryptoki.C_FindObjectsFinal(session)
  return found
}

export const findPrivate = (token: Token, session: Handle, template: readonly Attribute[]): readonly Handle[] =>
  findAll(token, session, [{ type: ck.CKA_CLASS, value: ck.CKO_PRIVATE_KEY }, ...template])

/** Attributes of an object, or undefined where it lacks one of them: a key of RSA has no curve. */
export function attributes(
  { cryptoki }: Token,
  session: Handle,
  object: Handle,
  ...types: readonly number[]
): readonly Buffer[] | undefined {
  try {
    return cryptoki
      .C_GetAttributeValue(
        session,
        object,
        types.map((type) => ({ type })),
      )
      .map(({ value }) => value)
  } catch (error) {
    if (answerOf(error) === 'CKR_ATTRIBUTE_TYPE_INVALID') return undefined
    throw error
  }
}

export const textOf = (token: Token, session: Handle, object: Handle): string =>
  attributes(token, session, object, ck.CKA_LABEL)?.[0]?.toString('utf8') ?? ''

export function describe(token: Token, session: Handle, handle: Handle): Found {
  const [parameters] = attributes(token, session, handle, ck.CKA_EC_PARAMS) ?? []
  const [derives, signs, id = Buffer.alloc(0)] = attributes(token, session, handle, ck.CKA_DERIVE, ck.CKA_SIGN, ck.CKA_ID) ?? []
  const crv = parameters === undefined ? undefined : curveOfParameters(parameters)
  const uses: KeyUse[] = [...(derives?.[0] === 1 ? (['agree'] as const) : []), ...(signs?.[0] === 1 ? (['sign'] as const) : [])]
  return { handle, crv, uses, id }
}

/** The public half lies beside the private one, under one id. */
export function publicKeyOf(token: Token, session: Handle, id: Buffer, crv: Curve): PublicJwk | undefined {
  const [object] = findAll(token, session, [
    { type: ck.CKA_CLASS, value: ck.CKO_PUBLIC_KEY },
    { type: ck.CKA_ID, value: id },
  ])
  const [point] = (object === undefined ? undefined : attributes(token, session, object, ck.CKA_EC_POINT)) ?? []
  return point === undefined ? undefined : jwkOfPoint(crv, point)
}

/** Destroys both halves. A key that others made may have no id, and then goes alone. */
export function destroy(token: Token, session: Handle, id: Buffer, handle?: Handle): void {
  const halves = id.length === 0 ? [] : findAll(token, session, [{ type: ck.CKA_ID, value: id }])
  for (const object of halves.length > 0 ? halves : handle === undefined ? [] : [handle]) token.cryptoki.C_DestroyObject(session, object)
}
