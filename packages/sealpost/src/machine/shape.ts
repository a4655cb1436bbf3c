/**
 * The shape of a message body: any schema of the Standard Schema interface, so that types, checks and JSON Schema come from one place.
 *
 * @see {@link https://standardschema.dev | Standard Schema}
 * @module
 */
import { DidcommError } from '../errors.ts'

/** A schema by the Standard Schema interface, such as valibot, zod and arktype make. */
export type Shape<Output = unknown> = {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type Checked<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] }

/** What came of a body: the value as the schema gives it, or what is wrong, in one line for a problem report. */
export type CheckedBody = { readonly body: object; readonly wrong?: never } | { readonly wrong: string; readonly body?: never }

/**
 * Checks a body by its shape. A missing body is an empty one (G-05).
 *
 * Exported from `sealpost/machine`.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where the schema answers later: a role cannot wait for it.
 */
export function checkBody(shape: Shape, body: unknown = {}): CheckedBody {
  const checked = shape['~standard'].validate(body)
  if (checked instanceof Promise)
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected the schema of a message body to answer at once, found one that answers later')
  const [issue] = checked.issues ?? []
  if (issue === undefined) return { body: (checked as { value: object }).value }
  const path = (issue.path ?? []).map((segment) =>
    String(typeof segment === 'object' && segment !== null ? (segment as { key: unknown }).key : segment),
  )
  return { wrong: `${['body', ...path].join('.').slice(0, 200)}: ${issue.message.slice(0, 200)}` }
}
