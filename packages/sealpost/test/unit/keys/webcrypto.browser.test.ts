import { describe, it } from 'vitest'
import { openWebCryptoKeys } from '../../../src/keys/webcrypto.ts'
import { keyStoreConformance } from '../../../src/testing/index.ts'

describe('openWebCryptoKeys', () => {
  const curves = ['X25519', 'Ed25519', 'P-256', 'P-384', 'P-521'] as const
  for (const [name, run] of keyStoreConformance({ open: () => openWebCryptoKeys('conformance'), curves })) it(name, run)
})
