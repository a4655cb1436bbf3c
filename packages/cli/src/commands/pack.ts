/**
 * `sealpost pack`: a plaintext message into an envelope.
 *
 * @module
 */
import type { Command } from 'commander'
import { DidcommError } from 'sealpost/errors'
import { type ComposeOptions, composeAndPack, withMessage } from '../compose.ts'
import { writeOutput } from '../input.ts'
import { withKeys } from '../means.ts'
import { print, printJson } from '../output.ts'

type PackOptions = ComposeOptions & { readonly out?: string }

export function addPack(program: Command): void {
  const command = program.command('pack').description('seal a message: signed, encrypted, or both')
  withKeys(withMessage(command))
    .option('-o, --out <file>', 'write the envelope to a file; else to stdout')
    .addHelpText(
      'after',
      '\nExample:\n  echo \'{"type":"https://example.com/hello/1.0/hello","body":{}}\' | sealpost pack - --keys alice.json --to did:web:example.com',
    )
    .action(run)
}

async function run(name: string | undefined, options: PackOptions): Promise<void> {
  const packed = await composeAndPack(name, options)
  if (options.out !== undefined) {
    const [only, ...others] = packed
    if (only === undefined || others.length > 0) {
      throw new DidcommError(
        'ERR_USAGE_ARGUMENT',
        `a message for ${packed.length} DIDs makes as many envelopes: leave out --out, or pack for one at a time`,
        { rule: 'ENC-02' },
      )
    }
    await writeOutput(options.out, `${only.envelope}\n`, 0o644)
  }
  if (options.json) printJson(packed)
  // One envelope a line: JSON has no line breaks of its own here.
  else if (options.out === undefined) for (const { envelope } of packed) print(envelope)
}
