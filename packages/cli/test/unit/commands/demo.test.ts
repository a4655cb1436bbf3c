import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { askForText } from '../../../src/commands/demo.ts'
import { ended, newFolder, sealpost, start } from '../../fixtures/run.ts'

describe('sealpost demo', () => {
  it('shows what travelled, what each layer proves, and the text at the other end; it leaves nothing behind', async () => {
    const folder = await newFolder()
    const { code, stdout, stderr } = await sealpost(['demo', 'Meet', 'me at noon'], { env: { TMPDIR: folder } })
    expect([code, stderr]).toEqual([0, ''])
    for (const part of [
      'POST http://127.0.0.1:',
      'Content-Type: application/didcomm-encrypted+json',
      '← 202',
      'Sealed by         Alice#key-2',
      'proved',
    ]) {
      expect(stdout).toContain(part)
    }
    expect(stdout.trimEnd().endsWith('Meet me at noon')).toBe(true)
    expect((await readdir(folder)).filter((name) => name.startsWith('sealpost'))).toEqual([])
  })

  it('takes the message from stdin, and tells all in JSON', async () => {
    const { code, stdout } = await sealpost(['demo', '--json', '--as', 'anoncrypt(signed)'], { stdin: 'from a pipe\n' })
    expect(code).toBe(0)
    const told = JSON.parse(stdout)
    expect(told.received).toMatchObject({
      message: { body: { content: 'from a pipe' } },
      proof: { layers: ['anoncrypt', 'signed'], sender: { did: told.alice } },
    })
    expect(told.request).toMatchObject({ method: 'POST', status: 202 })
    expect([told.outside.verdict, told.inside.verdict]).toEqual(['sound', 'sound'])
  })

  it('Ctrl-C ends it with 130, and leaves nothing behind', async () => {
    const folder = join(await newFolder(), 'temporary')
    await mkdir(folder)
    const child = start(['demo', 'x'], { env: { TMPDIR: folder } })
    const result = ended(child)
    while (!(await readdir(folder)).some((name) => name.startsWith('sealpost-demo-'))) await new Promise((next) => setTimeout(next, 20))
    child.kill('SIGINT')
    expect((await result).code).toBe(130)
    expect((await readdir(folder)).filter((name) => name.startsWith('sealpost'))).toEqual([])
  })

  it.each([
    ['Meet me at noon\r', 'Meet me at noon'],
    ['\r', 'Hello Bob, only you can read this.'],
    ['\u0004', 'Hello Bob, only you can read this.'],
    ['half a lin\u0003', undefined],
  ])('at a terminal, %j gives %s', async (typed, text) => {
    const input = new PassThrough()
    const asked = askForText(input, Object.assign(new PassThrough(), { isTTY: true }))
    input.write(typed)
    expect(await asked).toBe(text)
  })
})
