import { type ColumnDef, flexRender, getCoreRowModel, useReactTable } from '@tanstack/react-table'

import { Empty } from './empty.tsx'
import { Pager } from './pager.tsx'
import { QueryResult, type Query } from './query-result.tsx'

/** How a column is shown, beside what the table library knows of it. */
export type Column<Row> = ColumnDef<Row> & { readonly header: string; readonly meta?: { className: string } }

/** A number, and its column, stands at the right. */
export const NUMBER = { className: 'number' } as const

/** A moment is on one line. */
export const MOMENT = { className: 'moment' } as const

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

type TableProps<Row> = {
  caption: string
  rows: readonly Row[]
  columns: Column<Row>[]
  idOf: (row: Row) => string
}

/** A table, each row of which becomes a card where there is no room. The server sorts, filters and pages. */
function DataTable<Row>({ caption, rows, columns, idOf }: TableProps<Row>) {
  const table = useReactTable<Row>({
    data: rows as Row[],
    columns,
    getRowId: idOf,
    getCoreRowModel: getCoreRowModel(),
  })
  const classOf = (def: ColumnDef<Row>): string | undefined => (def as Column<Row>).meta?.className
  return (
    <table className="table">
      <caption className="visually-hidden">{caption}</caption>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map(({ id, column, getContext }) => (
              <th key={id} scope="col" className={classOf(column.columnDef)}>
                {flexRender(column.columnDef.header, getContext())}
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody>
        {table.getRowModel().rows.map((row) => (
          <tr key={row.id}>
            {row.getVisibleCells().map(({ id, column, getContext }) => (
              <td
                key={id}
                className={classOf(column.columnDef)}
                data-label={(column.columnDef as Column<Row>).header}
              >
                <div>{flexRender(column.columnDef.cell, getContext())}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
