/**
 * `sealpost doctor`: looks whether a profile is well, one line for each thing, and says what to do where it is not. It sends nothing to
 * anybody, and changes nothing.
 *
 * @module
 */
import type { Command } from 'commander'
import { checkProfile } from '../doctor.ts'
import { print, printJson, safe, shorten, style } from '../output.ts'
import { type ProfileOptions, withProfile } from '../profile.ts'

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('look whether the profile is well, and say what to do where it is not')
    .addHelpText(
      'after',
      '\nIt exits with 0 where nothing fails, warnings or not; else with the code of the first that does.\n\nExample:\n  sealpost doctor --profile alice',
    )
  withProfile(command).action(run)
}

async function run(options: ProfileOptions): Promise<void> {
  const findings = await checkProfile(options)
  const failed = findings.find(({ level }) => level === 'fail')
  if (failed !== undefined) process.exitCode = failed.exitCode ?? 1
  if (options.json) return printJson(findings.map(({ exitCode: _, ...finding }) => finding))
  const { good, bad, warn, dim } = style()
  const marks = { ok: good('ok  '), warn: warn('warn'), fail: bad('fail') }
  for (const { level, name, text, advice } of findings) {
    const what = advice === undefined ? '' : dim(` → ${safe(advice)}`)
    print(`${marks[level]}  ${name.padEnd(12)}${shorten(safe(text))}${what}`)
  }
}
