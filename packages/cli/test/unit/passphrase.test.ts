import { EventEmitter } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, findPassphrase, type Terminal } from '../../src/passphrase.ts'

function terminal(): Terminal & { type(text: string): void; readonly modes: boolean[] } {
  const events = new EventEmitter()
  const modes: boolean[] = []
  return {
    modes,
    setRawMode: (raw) => modes.push(raw),
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    type: (text) => void events.emit('data', Buffer.from(text)),
  }
}

describe('ask', () => {
  it('reads one line without showing it, and gives the terminal back', async () => {
    const at = terminal()
    let shown = ''
    const asked = ask(at, 'Passphrase: ', (text) => {
      shown += text
    })
    for (const piece of ['secr', 'et', 'ż🦭\u007f\u007fx', '\r']) at.type(piece)
    expect(await asked).toBe('secretx')
    expect(shown).toBe('Passphrase: \n')
    expect(at.modes).toEqual([true, false])
  })

  it('Ctrl-U begins again, and other control characters are passed over', async () => {
    const at = terminal()
    const asked = ask(at, '', () => undefined)
    at.type('wrong\u0015\u001bright\b\bht\n')
    expect(await asked).toBe('right')
  })

  it.each(['\u0003', 'abc\u0003', '\u0004'])('Ctrl-C and Ctrl-D give up, and the terminal is as it was: %j', async (keys) => {
    const at = terminal()
    const asked = ask(at, '', () => undefined)
    at.type(keys)
    await expect(asked).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
    expect(at.modes).toEqual([true, false])
  })
})

describe('findPassphrase', () => {
  it('takes it from a file, without the line break at its end alone', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'sealpost-word-')), 'word')
    await writeFile(file, ' two words \r\n')
    expect(await findPassphrase(file, false)).toBe(' two words ')
    await expect(findPassphrase(`${file}.none`, false)).rejects.toMatchObject({ code: 'ERR_USAGE_PASSPHRASE' })
  })
})
