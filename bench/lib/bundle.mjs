/**
 * Bundles the built library as a browser gets it: the import conditions choose the web backend.
 *
 * @module
 */
import { fileURLToPath } from 'node:url'

/** Where the bundle lies. */
export const webBundle = fileURLToPath(new URL('../.cache/sealpost-web.mjs', import.meta.url))

/** Writes the bundle of `sealpost`, `sealpost/did` and `sealpost/envelope` without any condition of Node. */
export async function bundleWeb() {
  const { build } = await import('esbuild')
  await build({
    stdin: {
      contents: "export * from 'sealpost/did'\nexport * from 'sealpost/envelope'\nexport * from 'sealpost'\n",
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    outfile: webBundle,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  })
}
