/**
 * The loop of a driver: one JSON request a line on standard input, one JSON answer a line on standard output.
 *
 * @module
 */
import { createInterface } from 'node:readline'

const print = process.stdout.write.bind(process.stdout)
// Whatever a peer's library prints goes to the error stream: standard output carries answers alone.
console.log = console.info = console.debug = console.warn = console.error

/** Answers requests with the operations until the input ends. What an operation throws becomes `{ error }`. */
export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin, terminal: false })) {
    const request = JSON.parse(line)
    let answer
    try {
      answer = await operations[request.op](request)
    } catch (error) {
      answer = { error: String(error?.message ?? error) }
    }
    print(`${JSON.stringify(answer)}\n`)
  }
}
