/**
 * The packers that are measured. An adapter module exports `adapters`: a list of `{ name, version, prepare, suites?, isFloor? }`.
 *
 * `prepare(case, environment, message)` answers with `{ pack, unpack }`, or undefined where the packer cannot do the case. `pack` takes a
 * plaintext and answers with the packed text (mode forward: takes a packed envelope and wraps it); `unpack` takes that text and answers
 * with the plaintext (mode forward: does the first mediator's hop and answers with the attached message). Where only `unpack` is there,
 * it is given what the first peer has packed.
 *
 * @module
 */
const files = ['sealpost', 'didcomm-node', 'native-rust', 'veramo', 'identus', 'jose', 'floor']

/** Loads the adapters of the files named, and tells which could not be loaded and why: none is dropped in silence. */
export async function loadAdapters(only = files) {
  const adapters = []
  const missing = []
  for (const file of only) {
    try {
      const module = await import(`./${file}.mjs`)
      adapters.push(...module.adapters)
    } catch (error) {
      missing.push({ file, reason: String(error?.message ?? error).split('\n')[0] })
    }
  }
  return { adapters, missing }
}
