import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandLine, newFolder, sealpost } from '../fixtures/run.ts'

describe('sealpost', () => {
  it('--help shows every command, the exit codes and an example', async () => {
    const { code, stdout, stderr } = await sealpost(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    for (const word of [
      'did',
      'keys',
      'pack',
      'unpack',
      'inspect',
      'invitation',
      'post',
      'receive',
      'init',
      'doctor',
      'demo',
      'Exit codes:',
      'Example:',
    ]) {
      expect(stdout).toContain(word)
    }
  })

  it.each([
    ['send', 'post', ['--to', 'did:example:nobody']],
    ['send', 'post', ['-k', 'none.json', '--to', 'did:example:nobody']],
    ['listen', 'receive', ['--keys', 'none.json', '--help']],
    ['invite', 'invitation', ['--keys=none.json', '--base', 'nothing']],
  ])('%s with a key file or a DID is %s, on envelopes', async (agents, envelopes, options) => {
    const cwd = await newFolder()
    const [one, other] = [await sealpost([agents, ...options], { cwd }), await sealpost([envelopes, ...options], { cwd })]
    expect(one).toEqual(other)
  })

  it.each([
    'did new',
    'did resolve',
    'keys list',
    'keys import',
    'keys export-public',
    'keys remove',
    'pack',
    'unpack',
    'inspect',
    'invitation',
    'post',
    'receive',
    'init',
    'invite',
    'accept',
    'contacts',
    'send',
    'inbox',
    'listen',
    'chat',
    'ping',
    'features',
    'rotate',
    'where',
    'doctor',
    'demo',
  ])('%s --help shows an example', async (command) => {
    const { code, stdout } = await sealpost([...command.split(' '), '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Example:\n {2}.*sealpost /)
  })

  it('--version is the version of the package', async () => {
    expect((await sealpost(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['pakc'], /unknown command 'pakc'\n\(Did you mean pack\?\)/],
    [['pack', '--tex', 'x'], /unknown option '--tex'\n\(Did you mean --text\?\)/],
    [['did', 'new', '--method', 'btc'], /Allowed choices are key, jwk, peer:2, peer:4/],
    [['receive', '--port', '70000'], /Expected a port/],
    [['post', '--timeout', 'soon', '--text', 'x'], /Expected seconds/],
    [['invite', '--expires', 'soon'], /Expected a time such as/],
    [['send', 'Bob', 'x', '--wait', 'long'], /Expected seconds/],
    [['did', 'resolve'], /missing required argument 'did'/],
  ])('a slip in usage, %j, is told in one sentence with exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await sealpost(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('with --json a slip in usage is JSON on stderr', async () => {
    const { code, stdout, stderr } = await sealpost(['pack', '--tex', 'x', '--json'])
    expect([code, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'ERR_USAGE_ARGUMENT', message: "unknown option '--tex' (Did you mean --text?)" } })
  })

  it('without a command it shows its help on stderr, and that is a slip', async () => {
    const { code, stdout, stderr } = await sealpost([])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Usage: sealpost')
  })

  it('the stack is shown to those who ask with SEALPOST_DEBUG', async () => {
    const { stderr } = await sealpost(['did', 'resolve', 'did:key:nonsense'], { env: { SEALPOST_DEBUG: '1' } })
    expect(stderr).toMatch(/\n\s+at /)
  })

  it('no colours where stdout is no terminal', async () => {
    expect((await sealpost(['inspect', '{}'])).stdout.includes('\u001b')).toBe(false)
  })

  it('a reader that stops reading is no fault', async () => {
    const child = spawn(process.execPath, commandLine(['--help']), { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += String(data)
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, stderr]).toEqual([0, ''])
  })

  it('an output that cannot be written, as on a full disk, is told, and is no fault of ours', async () => {
    const file = join(await newFolder(), 'read-only')
    await writeFile(file, '')
    const readOnly = openSync(file, 'r')
    const child = spawn(process.execPath, commandLine(['inspect', '{}']), { stdio: ['ignore', readOnly, 'pipe'] })
    let stderr = ''
    child.stderr?.on('data', (data) => {
      stderr += String(data)
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    closeSync(readOnly)
    expect([code, stderr]).toEqual([2, 'sealpost: cannot write the output: EBADF\n'])
  })
})
