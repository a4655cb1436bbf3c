/**
 * A QR code in letters, two modules to a letter.
 *
 * @module
 */
import { encode } from 'uqr'
import { whiteOnBlack } from './output.ts'

/** The white space that a reader needs around a code, in modules. */
const quiet = 2

/**
 * Draws a text. The letters are the light modules, as a dark terminal shows them; on a terminal with colours they are white on black.
 */
export function qrCode(text: string): { readonly text: string; readonly columns: number } {
  const { data, size } = encode(text, { ecc: 'L', border: quiet })
  const isLight = (row: number, column: number): boolean => data[row]?.[column] !== true
  const lines: string[] = []
  for (let row = 0; row < size; row += 2) {
    let line = ''
    for (let column = 0; column < size; column++) {
      const upper = isLight(row, column)
      const lower = row + 1 >= size || isLight(row + 1, column)
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' '
    }
    lines.push(whiteOnBlack(line))
  }
  return { text: lines.join('\n'), columns: size }
}
