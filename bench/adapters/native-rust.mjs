/**
 * didcomm-rust compiled natively. It runs in a process of its own and times itself, so that no pipe is measured; it is sampled in turn
 * with the others. Its plaintext is a Rust value from the start: it pays for no object of JavaScript.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nativeBinary } from '../lib/native.mjs'
import { anonymous } from './didcomm-node.mjs'

if (!existsSync(nativeBinary)) throw new Error(`${fileURLToPath(new URL('../native-rust', import.meta.url))} is not built`)

const child = spawn(nativeBinary, { stdio: ['pipe', 'pipe', 'inherit'] })
child.unref()
child.stdin.unref()
child.stdout.unref()
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

async function ask(request) {
  child.stdin.write(`${JSON.stringify(request)}\n`)
  const ref = setInterval(() => {}, 60_000) // the child is unreferenced, so that it ends with us; an answer is waited for
  const { value, done } = await lines.next()
  clearInterval(ref)
  if (done) throw new Error('the native process has ended')
  const answer = JSON.parse(value)
  if (answer.error) throw new Error(answer.error)
  return answer
}

function prepare(c, env, message) {
  if (!['X25519', 'P-256'].includes(env.curve)) return undefined
  const forward = c.mode === 'forward'
  const prepared = {
    mode: c.mode,
    auth: c.auth,
    sign: !!c.sign,
    protectSender: !!c.outer,
    enc: anonymous[c.outer ?? c.enc],
    from: env.alice.did,
    to: env.bob.did,
    routingKeys: env.mediators.map((m) => m.keyAgreement[0].kid),
    documents: [...env.documents.values()],
    senderSecrets: env.alice.secrets,
    openerSecrets: (forward ? env.mediators[0] : env.bob).secrets,
    ...(forward ? { envelope: message } : { message }),
  }
  // One case is prepared at a time, and asked anew where another has taken its place: a message of 16 MiB is not held twice.
  let answer
  const run = (operation) => ({
    run: async (times) => {
      const { ns, cpuNs } = await ask({ do: 'run', operation, times })
      return { wallUs: ns / 1000, cpuUs: cpuNs / 1000 }
    },
  })
  return {
    pack: async () => {
      answer = await ask({ do: 'prepare', case: prepared })
      return answer.packed
    },
    unpack: async () => (forward ? answer.attached : answer.message),
    sampled: { pack: run('pack'), unpack: run('unpack') },
  }
}

export const adapters = [{ name: 'didcomm-rust, native', version: '0.4.1', prepare }]
