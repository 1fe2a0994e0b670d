import { type Column, DataTable } from './data-table.tsx'
import { Empty } from './empty.tsx'
import { Pager } from './pager.tsx'
import { QueryResult, type Query } from './query-result.tsx'

type Props<Row extends object> = {
  query: Query<{ items: Row[]; nextCursor?: string | null | undefined }>
  caption: string
  columns: Column<Row>[]
  idOf: (row: Row) => string
  /** What stands there instead of no rows. */
  none: { title: string; lead: string }
  cursor: string | undefined
  go: (cursor: string | undefined) => void
}

/** One page of a list from the server, and the way to the next. */
export function Listed<Row extends object>({ query, caption, columns, idOf, none, cursor, go }: Props<Row>) {
  return (
    <QueryResult query={query}>
      {({ items, nextCursor }) => (
        <section className="card flush">
          {items.length === 0 ? (
            <Empty title={none.title}>{none.lead}</Empty>
          ) : (
            <DataTable caption={caption} rows={items} columns={columns} idOf={idOf} />
          )}
          <Pager cursor={cursor} next={nextCursor} go={go} />
        </section>
      )}
    </QueryResult>
  )
}
