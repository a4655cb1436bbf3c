import { expect, it } from 'vitest'
import { guardedFetch } from '../../src/egress.ts'
import { isDidcommError } from '../../src/errors.ts'

it('CSC-02, SEC-40: what waits for strangers has an end', async () => {
  const never: typeof fetch = (_url, options) =>
    new Promise((_resolve, reject) => options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)))
  const began = performance.now()
  const error = await guardedFetch('https://example.com/', { fetch: never, maxBytes: 1, timeoutSeconds: 0.05 }).catch((e: unknown) => e)
  expect(isDidcommError(error, 'ERR_DELIVERY_TIMEOUT')).toBe(true)
  expect(performance.now() - began).toBeLessThan(5000)
})
