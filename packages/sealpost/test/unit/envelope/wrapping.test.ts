import { expect, it } from 'vitest'
import { layersOf, wrappingOf } from '../../../src/envelope/index.ts'
import { allowedInside, type Layer } from '../../../src/envelope/wrapping.ts'

it('MED-12, MED-14, MED-16, MED-17: seven combinations are written, one more is read, and no other can be', () => {
  const layers: readonly Layer[] = ['anoncrypt', 'authcrypt', 'signed']
  const reachable = new Set<string>()
  const walk = (onion: readonly Layer[]): void => {
    reachable.add(wrappingOf(onion))
    // MED-18: no way leads deeper than three.
    expect(onion.length).toBeLessThanOrEqual(3)
    for (const layer of layers) if (allowedInside[onion.at(-1) ?? 'nothing'].includes(layer)) walk([...onion, layer])
  }
  walk([])
  expect(reachable).toEqual(new Set([...Object.keys(layersOf), 'anoncrypt(authcrypt(signed))']))
  for (const [wrapping, onion] of Object.entries(layersOf)) expect(wrappingOf(onion)).toBe(wrapping)
})

it('MED-19: nothing stands inside of a signature', () => {
  expect(allowedInside.signed).toEqual([])
})
