import type pg from 'pg'

/** The target of a query: the pool (each query its own transaction) or one connection inside a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>

/**
 * A connection whose queries wait for one another: reads may be asked for together, as of the pool, and pg takes one at a time.
 * The end of a transaction waits too, so that no query runs behind it where another has failed.
 */
export function oneAtATime(client: pg.PoolClient): Queryable {
  let last: Promise<unknown> = Promise.resolve()
  const query = (...args: unknown[]): Promise<unknown> => {
    const next = last.then(() =>
      (client.query as (...all: unknown[]) => Promise<unknown>).apply(client, args),
    )
    last = next.catch(() => undefined)
    return next
  }
  return { query: query as Queryable['query'] }
}
