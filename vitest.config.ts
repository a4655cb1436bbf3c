/**
 * Where the tests run. The library's own tests run three times: on Node with Node's primitives (`node`), on Node with the
 * primitives of browsers (`web`), and in Chromium (`chromium`). The other packages' tests run on Node alone.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { inTab } from './packages/sealpost/test/tabs.ts'

const source = '@sealpost/source'
const nodeOnly = '**/*.node.test.ts'
const browserOnly = '**/*.browser.test.ts'
const common = { testTimeout: 20_000, hookTimeout: 30_000, sequence: { concurrent: false } } as const

/** Picks the sources of our packages instead of their builds; `node` among the conditions picks `node.ts` for `#primitives` and `#encoding`. */
const resolved = (...conditions: readonly string[]) => ({
  resolve: { conditions: [source, ...conditions, 'module', 'import', 'default'] },
  ssr: { resolve: { conditions: [source, ...conditions, 'module', 'import', 'default'], externalConditions: [source, ...conditions] } },
})

const library = fileURLToPath(new URL('packages/sealpost/src/', import.meta.url))
// Vite adds the condition `node` itself wherever code runs on Node, so that the backends of browsers must be named here.
const webBackends = { '#primitives': `${library}jose/primitives/web.ts`, '#encoding': `${library}bytes/encoding/web.ts` }

// Chromium starts as root in containers and never calls home; it is Debian's own, so nothing is downloaded.
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const asksForChromium =
  process.argv.every((argument) => !argument.startsWith('--project')) ||
  process.argv.some((argument) => /^(--project=)?chromium$/.test(argument))
if (asksForChromium && !existsSync(chromium)) {
  throw new Error(`Chromium is not at ${chromium}: install it (apt-get install chromium), or name it in the environment variable CHROMIUM.`)
}

const config: ViteUserConfig = defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...resolved('node'),
        test: { ...common, name: 'node', environment: 'node', include: ['packages/*/test/**/*.test.ts'], exclude: [browserOnly] },
      },
      {
        ...resolved(),
        test: {
          ...common,
          name: 'web',
          alias: webBackends,
          environment: 'node',
          include: ['packages/sealpost/test/**/*.test.ts'],
          exclude: [nodeOnly, browserOnly],
        },
      },
      {
        ...resolved('browser'),
        // Named, because Vite would find them in the middle of a run, and load the page anew.
        optimizeDeps: {
          include: [
            'fast-check',
            '@noble/ciphers/aes.js',
            '@noble/ciphers/chacha.js',
            '@noble/curves/ed25519.js',
            '@noble/curves/nist.js',
            '@noble/curves/secp256k1.js',
            '@noble/hashes/sha2.js',
            'valibot',
          ],
        },
        test: {
          ...common,
          name: 'chromium',
          include: ['packages/sealpost/test/{unit,agent,mediation,simulation,vectors,property,hostile,requirements}/**/*.test.ts'],
          exclude: [nodeOnly],
          globalSetup: ['packages/sealpost/test/browser-peer.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: chromium, args: quiet } }),
            commands: { inTab },
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})

export default config
