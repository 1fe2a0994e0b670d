import { type ReactNode, useState } from 'react'

import { ErrorNote } from './error-note.tsx'
import { Loading } from './loading.tsx'

export type Query<D> = {
  data: D | undefined
  error: unknown
  /** How often it has failed. */
  errorUpdateCount: number
  refetch: () => unknown
}
type Props<D> = { query: Query<D>; lines?: number; children: (data: D) => ReactNode }

/** What a query answered; until then that it is on its way, and what is wrong if it is. Old data stays beside an error. */
export function QueryResult<D>({ query, lines = 6, children }: Props<D>) {
  const { data, refetch } = query
  const error = useLastError(query)
  return (
    <>
      {error === null ? null : <ErrorNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null && <Loading lines={lines} /> : children(data)}
    </>
  )
}

/**
 * The error of a query, also while it is asked again after one: it would be replaced by a placeholder for a moment, and
 * its details close, at each change in the workspace.
 */
function useLastError({ data, error, errorUpdateCount }: Query<unknown>): unknown {
  const [last, setLast] = useState(error)
  if (error !== null && error !== last) setLast(error)
  return error ?? (data === undefined && errorUpdateCount > 0 ? last : null)
}
