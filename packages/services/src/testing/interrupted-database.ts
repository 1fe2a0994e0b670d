import type { Database } from '@fieldsync/db'

/**
 * The same database through its pool, with `before` awaited ahead of every named statement: for what others do
 * between two statements of a call.
 */
export function interruptedDatabase(
  db: Database,
  before: (statement: string) => Promise<void> | undefined,
): Database {
  const interrupt = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function') return value
        if (property === 'connect') return async () => interrupt((await value.call(target)) as object)
        if (property !== 'query') return value.bind(target)
        return async (...args: unknown[]) => {
          const [query] = args
          const name =
            typeof query === 'object' && query !== null && 'name' in query ? String(query.name) : undefined
          if (name !== undefined) await before(name)
          return value.apply(target, args) as unknown
        }
      },
    })
  return { ...db, pool: interrupt(db.pool) }
}
