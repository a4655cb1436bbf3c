import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newFolder, passphrase, sealpost } from '../../fixtures/run.ts'

describe('sealpost init', () => {
  it('makes a profile for its owner alone, and goes on with one that was cut short; a second one is refused', async () => {
    const home = await newFolder()
    const env = { SEALPOST_HOME: home }
    const made = await sealpost(['init', '--name', 'Alice', '--endpoint', 'https://alice.example/didcomm', '--port', '8099'], { env })
    expect([made.code, made.stderr]).toEqual([0, ''])
    expect(made.stdout).toMatch(
      /^The profile default is made in .*\nDID {2}did:peer:2\S+…\S+\nReached at https:\/\/alice\.example\/didcomm while/,
    )
    const folder = join(home, 'default')
    expect((await readdir(folder)).sort()).toEqual(['keys.json', 'profile.json', 'store.db'])
    for (const name of ['', 'keys.json', 'profile.json', 'store.db']) expect((await stat(join(folder, name))).mode & 0o077).toBe(0)
    expect(await readFile(join(folder, 'profile.json'), 'utf8')).not.toContain(passphrase)
    const again = await sealpost(['init'], { env })
    expect([again.code, again.stdout]).toEqual([2, ''])
    expect(again.stderr).toMatch(/^sealpost: there is a profile in [^\n]+--profile\n$/)
  })

  it('tells programs what it made, and takes a path for a profile', async () => {
    const cwd = await newFolder()
    const { code, stdout } = await sealpost(['init', '--profile', './mine', '--local', '--port', '8123', '--json'], { cwd })
    const made = JSON.parse(stdout)
    expect([code, made]).toMatchObject([
      0,
      { profile: 'mine', folder: join(cwd, 'mine'), endpoints: ['http://127.0.0.1:8123/'], listen: { host: '127.0.0.1', port: 8123 } },
    ])
    const document = JSON.parse((await sealpost(['did', 'resolve', made.did, '--json'])).stdout)
    expect(JSON.stringify(document.service)).toContain('http://127.0.0.1:8123/')
  })

  it.each([
    [['--endpoint', 'alice.example'], 'SVC-08'],
    [['--endpoint', 'ftp://alice.example/'], 'SVC-08'],
    [['--local', '--endpoint', 'https://alice.example/'], 'either'],
    [['--port', '80'], '--endpoint'],
    [['--profile', 'a*b'], 'the name of a profile'],
  ])('init %j is refused, and makes nothing', async (args, expected) => {
    const home = await newFolder()
    const { code, stdout, stderr } = await sealpost(['init', ...args], { env: { SEALPOST_HOME: home } })
    expect([code, stdout, await readdir(home)]).toEqual([2, '', []])
    expect(stderr).toMatch(/^sealpost: [^\n]+\n$/)
    expect(stderr).toContain(expected)
  })
})
