/**
 * Other tabs of the browser that tests run in: a command of the test runner, which opens a page of the same origin, has it run code with
 * a module of the library, and loads it anew where the test asks for that.
 *
 * @module
 */
import type { BrowserCommand } from 'vitest/node'

/** What a tab is told: a module to import, the body of a function of it (`module`) and of what was answered before (`answer`), step by step. */
export type TabSteps = {
  readonly module: string
  readonly steps: readonly string[]
  /** Of the address, such as `a.localhost`, for an origin whose storage is its own; that of the tests where nothing is said. */
  readonly host?: string
}

/** Runs each step in one page, which is loaded anew before each. Answers with what the last step did. */
export const inTab: BrowserCommand<[TabSteps]> = async ({ context, page }, { module, steps, host }) => {
  const tab = await context.newPage()
  // The runner turns imports of modules that are loaded when needed into calls of its own, which only its pages have.
  await tab.addInitScript(() => {
    Object.assign(globalThis, { __vitest_browser_runner__: { wrapDynamicImport: (load: () => unknown) => load() } })
  })
  try {
    const address = new URL('/packages/sealpost/package.json', page.url())
    if (host !== undefined) address.hostname = host
    await tab.goto(address.href)
    let answer: unknown
    for (const step of steps) {
      await tab.reload()
      answer = await tab.evaluate(
        async ([url, body, before]) => {
          const loaded: unknown = await import(url)
          return (new Function('module', 'answer', `return (async () => { ${body} })()`) as (...values: unknown[]) => unknown)(
            loaded,
            before,
          )
        },
        [module, step, answer] as const,
      )
    }
    return answer
  } finally {
    await tab.close()
  }
}
