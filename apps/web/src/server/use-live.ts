import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { useSignedIn } from './server.ts'

/** The least time between two readings anew, however busy the workspace is. */
const SETTLE_MS = 500

/** Reads anew what the page shows whenever the server says that something has changed (LIV rules). */
export function useLive(): void {
  const queries = useQueryClient()
  const { server } = useSignedIn()
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined
    const unsubscribe = server.poke.subscribe(() => {
      waiting ??= setTimeout(() => {
        waiting = undefined
        void queries.invalidateQueries()
      }, SETTLE_MS)
    })
    return () => {
      clearTimeout(waiting)
      unsubscribe()
    }
  }, [queries, server])
}
