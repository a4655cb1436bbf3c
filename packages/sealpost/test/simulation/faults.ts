/**
 * Mistakes that an agent could be written with, each made in a copy of its source: what the simulation is there to find. A mistake that no
 * seed finds would say that the simulation looks away.
 *
 * @module
 */

/** A mistake: in a file of `src/agent`, this text becomes that. */
export type Fault = { readonly name: string; readonly file: string; readonly find: string; readonly become: string }

export const faults: readonly Fault[] = [
  {
    name: 'a message is answered for before its commit is stored',
    file: 'work.ts',
    find: '  return core.journal.commit(unit)\n',
    become: '  core.journal.commit(unit).catch(() => undefined)\n  return Promise.resolve()\n',
  },
  {
    name: 'a message is sent before the commit that queued it is stored',
    file: 'work.ts',
    find: 'unit.after(() => core.queued(relationship.id, rows))',
    become: 'unit.before(() => core.queued(relationship.id, rows))',
  },
  {
    name: 'a message that came before takes effect again',
    file: 'inbox.ts',
    find: 'if (seen !== undefined) return repeat',
    become: 'if (seen === undefined && Number.isNaN(0)) return repeat',
  },
  {
    name: 'that a message came is stored in another commit than what it did',
    file: 'inbox.ts',
    find: '    remember(work, message)\n',
    become: `    const other = { ...work, unit: core.journal.begin() }
    remember(other, message)
    core.clock.later(50, () => void core.journal.commit(other.unit).catch(() => undefined))
`,
  },
  {
    name: 'a message leaves the outbox before it is delivered',
    file: 'outbox.ts',
    find: '    const attempt = await courier.attempt(record)\n',
    become: `    const early = journal.begin()
    early.put('outbox', key, undefined)
    await journal.commit(early)
    const attempt = await courier.attempt(record)
`,
  },
  {
    name: 'what could not be delivered is taken for handed over',
    file: 'delivery.ts',
    find: '      return judged(error)\n    } finally {',
    become: "      return { done: 'handed-over', endpoint: endpoint.uri }\n    } finally {",
  },
  {
    name: 'timers are not stored',
    file: 'step.ts',
    find: "    unit.put('timers', timerRow(timer), timer)\n",
    become: '',
  },
  {
    name: 'what was to be delivered is forgotten by a crash',
    file: 'outbox.ts',
    find: '    for (const relationship of await lanesStored(core)) kick(relationship)\n',
    become: '',
  },
  {
    name: 'after a crash, messages are numbered from the beginning',
    file: 'lane.ts',
    find: '  return highest\n',
    become: '  return 0 * highest\n',
  },
  {
    name: 'the order of a sequence is ignored',
    file: 'sequence.ts',
    find: "return holds ? 'hold' : 'now'",
    become: "return 'now'",
  },
  {
    name: 'a message that came late in a sequence is dropped',
    file: 'held.ts',
    find: 'sequence: { ...sequence, waived: order }',
    become: 'sequence: { ...sequence, waived: order, seen: { ...sequence.seen, gaps: [] } }',
  },
  {
    name: 'a message that waited leaves the line before it is handled',
    file: 'held.ts',
    find: '    const { durable } = await conclude(work, proved, key)\n',
    become: `    const early = journal.begin()
    early.put('held', key, undefined)
    await journal.commit(early)
    const { durable } = await conclude(beginWork(core, relationship, first?.value.peer as Did | undefined, first?.value.message), proved, key)
`,
  },
  {
    name: 'a task is crossed off before it is done',
    file: 'background.ts',
    find: '      const result = await run(task.detail as never, about)\n',
    become: `      const early = journal.begin()
      early.put('tasks', key, undefined)
      await journal.commit(early)
      const result = await run(task.detail as never, about)
`,
  },
  {
    name: 'a rotation does not tell which DID it leaves',
    file: 'delivery.ts',
    find: '{ from_prior: ours.rotation.jwt }',
    become: '{}',
  },
  {
    name: 'an event counts as heard before it is told',
    file: 'events.ts',
    find: '            yield { ...value, cursor: key }\n',
    become: `            if (consumer !== undefined) {
              const early = journal.begin()
              early.put('consumers', consumer, { after: page.at(-1)?.key ?? key })
              await journal.commit(early)
            }
            yield { ...value, cursor: key }
`,
  },
]
