import { expect, it } from 'vitest'
import { openWebCryptoKeys } from '../../../src/keys/webcrypto.ts'
import { outcomeOf } from '../../hostile/outcome.ts'

it('openWebCryptoKeys is for browsers: where there is no IndexedDB, it says so', async () => {
  expect(await outcomeOf(() => openWebCryptoKeys('keys'))).toBe('ERR_UNSUPPORTED_RUNTIME')
})
