import { describe, it } from 'vitest'
import { memoryKeyStore } from '../../../src/keys/memory.ts'
import { keyStoreConformance } from '../../../src/testing/index.ts'

describe('memoryKeyStore', () => {
  const curves = ['X25519', 'Ed25519', 'P-256', 'P-384', 'P-521', 'secp256k1'] as const
  for (const [name, run] of keyStoreConformance({ open: async () => memoryKeyStore(), curves })) it(name, run)
})
