import type { WriteOutcome } from '@fieldsync/db'
import { onTestFinished, vi } from 'vitest'

import type { TestServices } from './test-workspace.ts'

/** What a server asks for at any time, on behalf of no call. */
const BESIDES: ReadonlySet<string> = new Set(['store_marks', 'store_marks_soon', 'probe', 'empty_commit'])

/**
 * Holds back decided writes until so many have come, and sends them in one turn, by the ids of their devices: those that may
 * share a transaction do. Later ones, which were decided again, go on their way.
 *
 * @returns what the database was asked for since: `commit of <how many writes>`, or the name of another statement
 */
export function gatherCommits(services: TestServices, count: number): string[] {
  const { queue } = services.runtime
  const commit = queue.commit.bind(queue)
  const held: { deviceId: string; send: () => void }[] = []
  let isOpen = false
  const statements: string[] = []
  const gathering = vi.spyOn(queue, 'commit').mockImplementation((write) => {
    if (isOpen) return commit(write)
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>()
    held.push({ deviceId: write.deviceId, send: () => void commit(write).then(resolve, reject) })
    if (held.length === count) {
      isOpen = true
      for (const { send } of held.toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1))) send()
    }
    return promise
  })
  const { pool } = services.db
  const ask = pool.query.bind(pool) as (...args: unknown[]) => unknown
  const asking = vi.spyOn(pool, 'query').mockImplementation((...args: unknown[]) => {
    const statement = describe(args[0])
    if (isOpen && !BESIDES.has(statement)) statements.push(statement)
    return ask(...args)
  })
  onTestFinished(() => {
    gathering.mockRestore()
    asking.mockRestore()
  })
  return statements
}

/** A statement of the database by its name; a commit by how many writes it has. */
function describe(query: unknown): string {
  const { name, values } = query as { name?: string; values?: unknown[] }
  if (!name?.startsWith('fieldsync_commit_all')) return String(name)
  return `commit of ${(JSON.parse(String(values?.[1])) as unknown[]).length}`
}
