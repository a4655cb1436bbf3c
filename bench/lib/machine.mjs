/**
 * What the numbers were taken on.
 *
 * @module
 */
import { cpus, release, totalmem, type } from 'node:os'

/** Processor, memory, system, Node and OpenSSL. */
export function machine() {
  const { node, openssl, v8 } = process.versions
  return {
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release().split('-')[0]}`,
    node,
    openssl: openssl.replace(/\+.*/, ''),
    v8,
  }
}
