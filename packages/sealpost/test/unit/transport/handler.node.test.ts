/** What depends on headers that a page cannot set. */
import { describe, expect, it } from 'vitest'
import { createHandler, type PostRules } from '../../../src/transport/handler.ts'
import { mediaType } from './parcels.ts'

async function handler(rules: PostRules = {}) {
  const { transport, handle } = createHandler(rules)
  let taken = 0
  await transport.start?.(async () => {
    taken++
    return { taken: true }
  })
  return { handle, taken: () => taken }
}
const request = (method: string, headers: Record<string, string>, body: BodyInit | null = null): Request =>
  new Request('https://example.com/', { method, headers, body, duplex: 'half' } as RequestInit)

describe('createHandler', () => {
  it('TRN-03: a body that is announced as too large is refused before it is read', async () => {
    const { handle, taken } = await handler({ maxBytes: 10 })
    const never = new ReadableStream({ pull: () => new Promise(() => undefined) })
    expect((await handle(request('POST', { 'content-type': mediaType, 'content-length': '11' }, never))).status).toBe(413)
    expect(taken()).toBe(0)
  })

  it('a body that is not as long as announced is no message (T02)', async () => {
    const { handle, taken } = await handler()
    expect((await handle(request('POST', { 'content-type': mediaType, 'content-length': '7' }, '{}'))).status).toBe(400)
    expect(taken()).toBe(0)
  })

  it('pages may post where their origin is allowed, and read the answer', async () => {
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    const posted = { origin: 'https://app.example', 'content-type': mediaType }
    const allowed = (response: Response): unknown => [response.status, response.headers.get('access-control-allow-origin')]
    for (const [allowOrigins, before, after] of [
      ['any', [204, '*'], [202, '*']],
      [['https://app.example'], [204, 'https://app.example'], [202, 'https://app.example']],
      [['https://other.example'], [405, null], [202, null]],
      [undefined, [405, null], [202, null]],
    ] as const) {
      const { handle } = await handler(allowOrigins === undefined ? {} : { allowOrigins })
      expect(allowed(await handle(request('OPTIONS', preflight)))).toEqual(before)
      expect(allowed(await handle(request('POST', posted, '{}')))).toEqual(after)
    }
    const { handle } = await handler({ allowOrigins: 'any' })
    expect((await handle(request('OPTIONS', preflight))).headers.get('access-control-allow-headers')).toBe('content-type')
    expect((await handle(request('OPTIONS', { origin: 'https://app.example' }))).status).toBe(405)
  })
})
