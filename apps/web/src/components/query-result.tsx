import type { ReactNode } from 'react'

import { ErrorNote } from './error-note.tsx'
import { Loading } from './loading.tsx'

export type Query<D> = { data: D | undefined; error: unknown; refetch: () => unknown }
type Props<D> = { query: Query<D>; lines?: number; children: (data: D) => ReactNode }

/** What a query answered; until then that it is on its way, and what is wrong if it is. Old news stay beside an error. */
export function QueryResult<D>({ query: { data, error, refetch }, lines = 6, children }: Props<D>) {
  return (
    <>
      {error === null ? null : <ErrorNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null && <Loading lines={lines} /> : children(data)}
    </>
  )
}
