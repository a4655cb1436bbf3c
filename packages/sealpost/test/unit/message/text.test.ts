import { expect, it } from 'vitest'
import { inertText, safeFilename } from '../../../src/message/text.ts'

it('M18, O01, PRB-10: what acts in a text is gone, what is said stays', () => {
  expect(inertText('a\u202Eb\u0000c\u2066d\u200Be\ufefff\ngh\ud800')).toBe('abcdef gh')
  expect(inertText('👩‍👩‍👧 שלום é')).toContain('שלום')
  expect(inertText('<b>x</b>')).toBe('<b>x</b>')
  expect(inertText('x'.repeat(10), 4)).toBe('xxxx…')
})

it('ATT-04, M22: a file name is a name, never a path, and never a device', () => {
  expect(safeFilename('photo.png')).toBe('photo.png')
  expect(safeFilename('../../etc/passwd')).toBe('passwd')
  expect(safeFilename('/etc/passwd')).toBe('passwd')
  expect(safeFilename('C:\\Windows\\evil.exe')).toBe('evil.exe')
  expect(safeFilename('a\u0000b.txt')).toBe('ab.txt')
  expect(safeFilename('..')).toBeUndefined()
  expect(safeFilename('a/')).toBeUndefined()
  expect(safeFilename('')).toBeUndefined()
  expect(safeFilename(undefined)).toBeUndefined()
  expect(safeFilename('.bashrc')).toBe('bashrc')
  expect(safeFilename('name. . ')).toBe('name')
  for (const device of ['CON', 'nul.txt', 'Lpt1.dat', 'aux.']) expect(safeFilename(device)).toMatch(/^_/)
  expect(safeFilename('a:b|c?.txt')).toBe('a_b_c_.txt')
  expect(safeFilename('invoice\u202Efdp.exe')).toBe('invoicefdp.exe')
})

it('M22: a long name is cut, and keeps its extension', () => {
  const name = safeFilename(`${'😀'.repeat(500)}.png`) ?? ''
  expect(name.endsWith('.png')).toBe(true)
  expect(name.isWellFormed()).toBe(true)
  expect(new TextEncoder().encode(name).length).toBeLessThan(256)
  expect(new TextEncoder().encode(safeFilename('漢'.repeat(500))).length).toBeLessThan(256)
})
