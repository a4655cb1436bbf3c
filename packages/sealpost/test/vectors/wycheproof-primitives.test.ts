import { primitives } from '#primitives'
import { describeAgreement } from './wycheproof-agreement.ts'
import { describeContent } from './wycheproof-content.ts'
import { describeKeyWrap } from './wycheproof-key-wrap.ts'
import { describeSignatures } from './wycheproof-signature.ts'

// Whatever the import condition picks: the projects of vitest pick both backends, and run the second in Node and in Chromium.
const backend = (): typeof primitives => primitives

describeAgreement(primitives.name, backend)
describeSignatures(primitives.name, backend)
describeKeyWrap(primitives.name, backend)
describeContent(primitives.name, backend)
