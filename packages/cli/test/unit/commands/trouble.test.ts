import { spawn } from 'node:child_process'
import { chmod, cp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { introduce, type People, people } from '../../fixtures/profiles.ts'
import { commandLine, ended, newFolder, passphrase } from '../../fixtures/run.ts'

describe('a profile in trouble', () => {
  let all: People
  beforeAll(async () => {
    all = await people()
    await all.make('alice')
    await all.make('bob')
    await introduce(all, 'alice', 'bob')
  }, 60_000)
  afterEach(() => all.killAll())
  afterAll(() => all.killAll())
  const oneSentence = expect.stringMatching(/^sealpost: [^\n]+\n$/)
  /** A copy of a profile that a test may break. */
  const copyOf = async (who: string): Promise<string> => {
    const folder = join(await newFolder(), who)
    await cp(join(all.home, who), folder, { recursive: true })
    return folder
  }

  it('a second process is refused with exit code 6, and says what to do', async () => {
    const listener = all.listen('alice')
    await listener.next('listening')
    for (const args of [['contacts'], ['listen'], ['send', 'bob', 'x']]) {
      const { code, stdout, stderr } = await all.run('alice', args)
      expect([code, stdout]).toEqual([6, ''])
      expect(stderr).toMatch(
        /^sealpost: the profile alice is in use by another process, such as `sealpost listen`: end that one first; `sealpost chat` listens and sends in one\n$/,
      )
    }
  })

  it('REL-02: after kill -9 of listen nothing is lost, and nothing is printed twice but what was being printed', async () => {
    const listener = all.listen('alice')
    await listener.next('listening')
    expect((await all.run('bob', ['send', 'Alice', 'before', '--wait', '15'])).stdout).toMatch(/^Delivered/)
    expect((await listener.next('message'))['detail']).toMatchObject({ content: 'before' })
    listener.child.kill('SIGKILL')
    await listener.end
    expect((await all.run('bob', ['send', 'Alice', 'while away', '--wait', '0'])).stdout).toMatch(/^Kept/)
    const again = all.listen('alice')
    await again.next('listening')
    await all.run('bob', ['send', 'Alice', 'after', '--wait', '15'])
    const heard: unknown[] = []
    while (!heard.includes('while away') || !heard.includes('after'))
      heard.push(((await again.next('message'))['detail'] as { content: string }).content)
    expect(heard.filter((content) => content !== 'before').sort()).toEqual(['after', 'while away'])
  })

  it('Ctrl-C while a command waits ends it with 130, and what was sent is kept', async () => {
    const sending = all.listen('bob', ['send', 'Alice', 'interrupted', '--wait', '600'])
    const id = new Promise<string>((resolve) => sending.child.stdout?.on('data', (data) => resolve(JSON.parse(String(data)).id)))
    // It is in the middle of waiting once its port answers.
    const { listen } = JSON.parse(await readFile(join(all.home, 'bob', 'profile.json'), 'utf8'))
    const isUp = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${listen.port}/`).then(
        () => true,
        () => false,
      )
    while (!(await isUp())) await new Promise((resolve) => setTimeout(resolve, 50))
    await new Promise((resolve) => setTimeout(resolve, 500))
    sending.child.kill('SIGINT')
    expect((await sending.end).code).toBe(130)
    expect(await all.json('bob', ['where', await id])).toMatchObject({ state: 'queued' })
  })

  it.each([
    ['contacts', { SEALPOST_PASSPHRASE: 'wrong' }, 4, 'passphrase'],
    ['listen', { SEALPOST_PASSPHRASE: '' }, 4, 'SEALPOST_PASSPHRASE'],
  ])('%s with %j ends with %i', async (command, env, expected, words) => {
    const { code, stdout, stderr } = await all.run('alice', [command], { env })
    expect([code, stdout, stderr]).toEqual([expected, '', oneSentence])
    expect(stderr).toContain(words)
  })

  it('a contact or a profile that is not there is told with those that are', async () => {
    const nobody = await all.run('alice', ['send', 'Zoe', 'x'])
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringMatching(/found "Zoe": known are Bob\n$/)])
    const nothing = await all.run('zoe', ['inbox', '--json'])
    expect([nothing.code, JSON.parse(nothing.stderr).error.message]).toEqual([2, expect.stringContaining('sealpost init --profile zoe')])
  })

  it('D13: a store that is damaged, cut or gone is told with exit code 6, and nothing new is made in its place', async () => {
    const folder = await copyOf('alice')
    const store = join(folder, 'store.db')
    const file = await open(store, 'r+')
    await file.write(Buffer.alloc(512, 7), 0, 512, 4096)
    await file.close()
    const damaged = await all.run(folder, ['contacts'])
    expect([damaged.code, damaged.stdout, damaged.stderr]).toEqual([6, '', oneSentence])
    await rm(store)
    const gone = await all.run(folder, ['listen', '--json'])
    expect([gone.code, JSON.parse(gone.stderr).error.code]).toEqual([6, 'ERR_STORE_DAMAGED'])
    await expect(stat(store)).rejects.toThrow()
    await writeFile(join(folder, 'profile.json'), '{"version":')
    expect((await all.run(folder, ['contacts'])).code).toBe(6)
  })

  it('D13: on a disk that is full a message is refused with exit code 6, and the ones before it stay', async () => {
    const folder = await copyOf('bob')
    const { size } = await stat(join(folder, 'store.db'))
    const blocks = Math.ceil(size / 512) + 64
    const limited = [
      '-c',
      `ulimit -f ${blocks}; exec "$@"`,
      'sh',
      process.execPath,
      ...commandLine(['send', 'Alice', '-', '--wait', '0', '-p', folder]),
    ]
    const child = spawn('sh', limited, { env: { PATH: process.env['PATH'], SEALPOST_PASSPHRASE: passphrase }, stdio: 'pipe' })
    child.stdin.end('x'.repeat(blocks * 1024))
    const { code, stdout, stderr } = await ended(child)
    expect([code, stdout, stderr]).toEqual([6, '', oneSentence])
    expect(await all.json(folder, ['contacts'])).toMatchObject([{ label: 'Alice' }])
  })

  it('a port that another program has ends listen with 2; other commands do without', async () => {
    const { listen } = JSON.parse(await readFile(join(all.home, 'bob', 'profile.json'), 'utf8'))
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(listen.port, '127.0.0.1', resolve))
    const refused = await all.run('bob', ['listen'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/cannot listen on/)])
    expect((await all.run('bob', ['send', 'Alice', 'all the same', '--wait', '0'])).code).toBe(0)
    other.close()
  })

  it('what cannot be called is told where the message is: http: without leave', async () => {
    await all.make('strict', ['--endpoint', 'https://strict.example/', '--port', '8199'])
    const { url } = (await all.json('alice', ['invite'])) as { url: string }
    await all.run('strict', ['accept', url, '--label', 'Alice', '--wait', '0'])
    const sent = (await all.json('strict', ['send', 'Alice', 'x', '--wait', '2'])) as Record<string, string>
    expect(sent).toMatchObject({ state: expect.stringMatching(/^queued|failed$/), lastError: { code: expect.stringMatching(/^ERR_/) } })
  })

  describe('doctor', () => {
    const levels = (findings: readonly { name: string; level: string }[]) =>
      findings.filter(({ level }) => level !== 'ok').map(({ name, level }) => `${name} ${level}`)

    it('finds nothing where all is well, in a line for each thing', async () => {
      const { code, stdout } = await all.run('alice', ['doctor'])
      expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('ok'))).toEqual([])
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^ok {4}version +sealpost [\s\S]+ok {4}endpoint +http:\/\/127\.0\.0\.1:\d+\/ answers from here\n$/),
      ])
    })

    it('finds what is wrong, says what to do, and ends with the code of the first', async () => {
      const folder = await copyOf('bob')
      await chmod(folder, 0o755)
      const wrong = await all.run(folder, ['doctor', '--json'], { env: { SEALPOST_PASSPHRASE: 'wrong' } })
      expect([wrong.code, levels(JSON.parse(wrong.stdout))]).toEqual([4, ['folder warn', 'keys fail']])
      await rm(join(folder, 'store.db'))
      const gone = await all.run(folder, ['doctor', '--json'])
      expect([gone.code, levels(JSON.parse(gone.stdout))]).toEqual([6, ['folder warn', 'store fail']])
      const listener = all.listen('alice')
      await listener.next('listening')
      const busy = await all.run('alice', ['doctor', '--json'])
      expect([busy.code, levels(JSON.parse(busy.stdout))]).toEqual([0, ['store warn']])
    })
  })
})
