import { mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeFileAtomically } from '../../src/files.ts'

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sealpost-files-'))

describe('writeFileAtomically', () => {
  it('writes a file for its owner alone, and leaves nothing beside it', async () => {
    const home = await folder()
    await writeFileAtomically(join(home, 'a'), 'text')
    await writeFileAtomically(join(home, 'a'), new Uint8Array([1, 2]))
    expect([...(await readFile(join(home, 'a')))]).toEqual([1, 2])
    expect((await stat(join(home, 'a'))).mode & 0o777).toBe(0o600)
    expect(await readdir(home)).toEqual(['a'])
  })

  it('a write that fails leaves the old file and nothing half-written', async () => {
    const home = await folder()
    await writeFile(join(home, 'a'), 'old')
    const broken = { toString: () => 'x' } as unknown as string
    await expect(writeFileAtomically(join(home, 'a'), broken)).rejects.toThrow()
    expect(await readFile(join(home, 'a'), 'utf8')).toBe('old')
    expect(await readdir(home)).toEqual(['a'])
    await expect(writeFileAtomically(join(home, 'missing', 'a'), 'x')).rejects.toThrow()
  })

  it('a link at the name is replaced, not followed', async () => {
    const home = await folder()
    await writeFile(join(home, 'target'), 'old')
    await symlink(join(home, 'target'), join(home, 'link'))
    await writeFileAtomically(join(home, 'link'), 'new')
    expect(await readFile(join(home, 'target'), 'utf8')).toBe('old')
    expect(await readFile(join(home, 'link'), 'utf8')).toBe('new')
  })
})
