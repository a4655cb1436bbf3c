/**
 * Keys in order, in leaves of bounded length: a key costs the same to add or to take away wherever it belongs, and least at both ends,
 * where tables of messages grow and shrink. It knows nothing of rows.
 *
 * @module
 */

export type SortedKeys = {
  /** Adds a key that is not there. */
  add(key: string): void
  /** Takes away a key that is there. */
  remove(key: string): void
  /** Keys in order, from the first that is not before `from`, while `visit` answers true. */
  ascend(from: string, visit: (key: string) => boolean): void
  /** Keys in reverse order, from the last that is before `end`, or from the last of all, while `visit` answers true. */
  descend(end: string | undefined, visit: (key: string) => boolean): void
}

// Long enough that the list of leaves stays short for a million keys, short enough that shifting a leaf costs next to nothing.
const mostInLeaf = 512

export function sortedKeys(): SortedKeys {
  // No leaf is empty.
  const leaves: string[][] = []

  /** The leaf where a key is or belongs: the first whose last key is not before it, else the number of leaves. */
  function leafOf(key: string): number {
    let low = 0
    let high = leaves.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (lastOf(leaves[middle] as string[]) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add(key) {
      const found = leafOf(key)
      const index = found === leaves.length ? found - 1 : found
      const leaf = leaves[index]
      if (leaf === undefined) leaves.push([key])
      else if (found === leaves.length) {
        // Ascending keys fill one leaf after another, and split none.
        if (leaf.length < mostInLeaf) leaf.push(key)
        else leaves.push([key])
      } else {
        leaf.splice(placeIn(leaf, key), 0, key)
        if (leaf.length > mostInLeaf) leaves.splice(index + 1, 0, leaf.splice(mostInLeaf >>> 1))
      }
    },
    remove(key) {
      const index = leafOf(key)
      const leaf = leaves[index] as string[]
      leaf.splice(placeIn(leaf, key), 1)
      if (leaf.length === 0) leaves.splice(index, 1)
    },
    ascend(from, visit) {
      const first = leafOf(from)
      for (let index = first; index < leaves.length; index += 1) {
        const leaf = leaves[index] as string[]
        for (let place = index === first ? placeIn(leaf, from) : 0; place < leaf.length; place += 1)
          if (!visit(leaf[place] as string)) return
      }
    },
    descend(end, visit) {
      const first = end === undefined ? leaves.length : leafOf(end)
      for (let index = Math.min(first, leaves.length - 1); index >= 0; index -= 1) {
        const leaf = leaves[index] as string[]
        for (let place = (index === first ? placeIn(leaf, end as string) : leaf.length) - 1; place >= 0; place -= 1)
          if (!visit(leaf[place] as string)) return
      }
    },
  }
}

/** Where a key is in a leaf, or belongs. */
function placeIn(leaf: readonly string[], key: string): number {
  // The oldest row of a queue is the one that is taken away.
  if (key <= (leaf[0] as string)) return 0
  let low = 1
  let high = leaf.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((leaf[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

const lastOf = (leaf: readonly string[]): string => leaf[leaf.length - 1] as string
