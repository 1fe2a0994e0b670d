import type { Database } from '@fieldsync/db'

/** Runs ahead of a named statement, and may replace its values. */
export type BeforeStatement = (name: string, values: unknown[]) => Promise<void> | undefined

/**
 * The same database through its pool, with `before` awaited ahead of every named statement: for what others do
 * between two statements of a call, and for what other builds send.
 */
export function interruptedDatabase(db: Database, before: BeforeStatement): Database {
  const interrupt = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function') return value
        if (property === 'connect') return async () => interrupt((await value.call(target)) as object)
        if (property !== 'query') return value.bind(target)
        return async (...args: unknown[]) => {
          const [query] = args as [{ name?: string; values?: unknown[] } | string]
          if (typeof query === 'object' && query.name !== undefined)
            await before(query.name, query.values ?? [])
          return value.apply(target, args) as unknown
        }
      },
    })
  return { ...db, pool: interrupt(db.pool) }
}
