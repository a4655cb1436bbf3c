import { afterAll, beforeAll, vi } from 'vitest'
import type { Primitives } from '../../src/jose/primitives/primitives.ts'
import { bareCrypto } from '../unit/jose/primitives/bare-crypto.ts'
import { describeAgreement } from './wycheproof-agreement.ts'
import { describeContent } from './wycheproof-content.ts'
import { describeSignatures } from './wycheproof-signature.ts'

// The curves and XChaCha20-Poly1305 in JavaScript, which a runtime gets that lacks them.
let web: Primitives
beforeAll(async () => {
  vi.stubGlobal('crypto', bareCrypto())
  vi.resetModules()
  web = (await import('../../src/jose/primitives/web.ts')).primitives
})
afterAll(() => {
  vi.unstubAllGlobals()
})

describeAgreement('curves in JavaScript', () => web, 8)
describeSignatures('curves in JavaScript', () => web)
describeContent('XChaCha20-Poly1305 in JavaScript', () => web)
