/**
 * Runs `page.mjs` in headless Chromium: Sealpost with the backend of browsers, beside didcomm's WebAssembly.
 *
 *     CHROMIUM=/usr/bin/chromium node browser/run.mjs [--quick] [--json FILE]
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { formatUs } from '../lib/harness.mjs'

const { values: args } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })
const program = process.env.CHROMIUM ?? '/usr/bin/chromium'
if (!existsSync(program)) throw new Error(`Chromium is not at ${program}: install it (apt-get install chromium), or name it in CHROMIUM`)

const wasm = readFileSync(createRequire(import.meta.url).resolve('didcomm/index_bg.wasm'))
const bundled = await build({
  entryPoints: [fileURLToPath(new URL('./page.mjs', import.meta.url))],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'browser',
  target: 'esnext',
})
const files = {
  '/': ['text/html', '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'],
  '/page.js': ['text/javascript', bundled.outputFiles[0].text],
  '/didcomm.wasm': ['application/wasm', wasm],
}
const server = http.createServer((request, response) => {
  const [type, content] = files[request.url] ?? []
  if (type === undefined) return response.writeHead(404).end()
  // Isolated, so that the clock of the page has its finer resolution.
  const headers = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'content-type': type }
  return response.writeHead(200, headers).end(content)
})
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--js-flags=--expose-gc',
]
const browser = await chromium.launch({ executablePath: program, args: flags, headless: true })
try {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error.message))
  page.on('console', (line) => console.error(line.text()))
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.waitForFunction(() => typeof globalThis.runBench === 'function')
  page.setDefaultTimeout(0)
  const rows = await page.evaluate((quick) => globalThis.runBench(quick), args.quick)
  for (const r of rows) console.error(`${r.title}, ${r.what}: ${r.name} ${formatUs(r.us)}`)
  if (args.json)
    writeFileSync(
      args.json,
      JSON.stringify({ browser: `Chromium ${browser.version()}`, takenAt: new Date().toISOString(), quick: args.quick, rows }),
    )
} finally {
  await browser.close()
  server.close()
}
