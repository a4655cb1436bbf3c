import { afterEach, describe, expect, it } from 'vitest'
import { deliver } from '../../src/delivery.ts'
import { serve, type TestServer } from '../fixtures/raw.ts'

const here = { allowHttp: true, allowLoopback: true, timeoutSeconds: 0.3 } as const
const servers: TestServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
async function answering(status: number | 'never'): Promise<TestServer> {
  const server = await serve((_, response) => void (status === 'never' || response.writeHead(status).end()))
  servers.push(server)
  return server
}
const packed = (...endpoints: readonly (TestServer | string)[]) => ({
  envelope: '{"n":1}',
  mediaType: 'application/didcomm-encrypted+json',
  endpoints: endpoints.map((endpoint) => ({ uri: typeof endpoint === 'string' ? endpoint : endpoint.url })),
})

describe('deliver', () => {
  it('SVC-06, SVC-07: the first endpoint takes it, and no other gets it', async () => {
    const [first, second] = [await answering(202), await answering(202)]
    expect(await deliver(packed(first, second), here)).toEqual({ status: 202, url: `${first.url}/`, uri: first.url, failed: [] })
    expect([first.requests.length, second.requests.length]).toEqual([1, 0])
  })

  it.each([500, 503, 404, 413, 415, 'never'] as const)(
    'FLO-01: where the first answers %s, the second is used, and the first is not asked again',
    async (status) => {
      const [first, second] = [await answering(status), await answering(200)]
      const delivered = await deliver(packed(first, second), here)
      expect(delivered).toMatchObject({ uri: second.url, status: 200, failed: [{ uri: first.url }] })
      expect([first.requests.length, second.requests.length]).toEqual([1, 1])
    },
  )

  it('FLO-01: a dead or blocked endpoint is passed over too', async () => {
    const [dead, alive] = [await answering(202), await answering(202)]
    dead.close()
    const delivered = await deliver(packed('https://10.0.0.1/', dead, alive), here)
    expect(delivered.uri).toBe(alive.url)
    expect(delivered.failed.map(({ error }) => error.code)).toEqual(['ERR_DELIVERY_BLOCKED', 'ERR_DELIVERY_UNREACHABLE'])
  })

  it('FLO-01: where all fail, the error says why for each, and can be retried if any can', async () => {
    const [small, busy] = [await answering(413), await answering(503)]
    const delivering = deliver(packed(small, busy), here)
    await expect(delivering).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNAVAILABLE', retryable: true, rule: 'FLO-01' })
    await expect(delivering).rejects.toThrow(/413.*503/)
    await expect(deliver(packed(small), here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_TOO_LARGE', retryable: false })
  })

  it('SVC-13: endpoints of other transports are passed over, and none at all is an error', async () => {
    const server = await answering(202)
    expect((await deliver(packed('wss://example.com', 'didcomm:transport/queue', server), here)).uri).toBe(server.url)
    await expect(deliver(packed('wss://example.com'), here)).rejects.toMatchObject({ code: 'ERR_DID_NO_ENDPOINT', rule: 'SVC-13' })
    await expect(deliver(packed(), here)).rejects.toMatchObject({ code: 'ERR_DID_NO_ENDPOINT' })
  })

  it('a caller who gives up is not taken to the next endpoint', async () => {
    const [slow, next] = [await answering('never'), await answering(202)]
    await expect(deliver(packed(slow, next), { ...here, timeoutSeconds: 5, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'ERR_DELIVERY_UNREACHABLE',
      message: expect.not.stringContaining('none of 2 endpoints'),
    })
    expect(next.requests).toEqual([])
  })
})
