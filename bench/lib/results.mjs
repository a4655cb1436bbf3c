/**
 * The one file of results: each part of each run is merged into it, so that several versions of Node and the browser make one document.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../results/', import.meta.url))

/** The path of a file among the results. */
export function resultsFile(name) {
  mkdirSync(directory, { recursive: true })
  return `${directory}${name}.json`
}

/** What was measured so far; nothing where nothing was. */
export function readResults(name) {
  try {
    return JSON.parse(readFileSync(resultsFile(name), 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return {}
    throw error
  }
}

/** Changes what was measured so far. */
export function mergeResults(name, change) {
  const results = readResults(name)
  change(results)
  writeFileSync(resultsFile(name), JSON.stringify(results))
  return results
}
