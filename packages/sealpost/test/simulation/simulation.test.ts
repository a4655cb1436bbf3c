import { expect, it } from 'vitest'
import { simulate } from './storm.ts'

/** How many computations are under way on other threads: time stands still meanwhile. */
function watchedCrypto(): () => boolean {
  let underWay = 0
  const subtle = Object.getPrototypeOf(globalThis.crypto.subtle) as Record<string, (...given: unknown[]) => Promise<unknown>>
  for (const name of [
    'encrypt',
    'decrypt',
    'sign',
    'verify',
    'digest',
    'generateKey',
    'deriveBits',
    'deriveKey',
    'importKey',
    'exportKey',
    'wrapKey',
    'unwrapKey',
  ]) {
    const compute = subtle[name]
    if (compute === undefined) continue
    subtle[name] = function (this: unknown, ...given) {
      underWay++
      return Promise.resolve(compute.apply(this, given)).finally(() => underWay--)
    }
  }
  return () => underWay > 0
}

const busy = watchedCrypto()

for (const seed of [1, 2, 3, 5, 8])
  it(`REL-01, REL-02, REL-04, REL-05: in the world of seed ${seed}, each message takes effect once or is told to have failed`, {
    timeout: 120_000,
  }, async () => {
    const { problems } = await simulate(seed, { busy })
    expect(problems).toEqual([])
  })
