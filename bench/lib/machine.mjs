/**
 * What the numbers were taken on.
 *
 * @module
 */
import { cpus, loadavg, release, totalmem, type } from 'node:os'

const [loadAtStart] = loadavg()

/** Processor, memory, system, Node and OpenSSL. */
export function machine() {
  const { node, openssl, v8 } = process.versions
  return {
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release().split('-')[0]}`,
    /** Of the last minute, before anything was measured. */
    load: loadAtStart,
    node,
    openssl: openssl.replace(/\+.*/, ''),
    v8,
  }
}
