import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { useSignedIn } from './server.ts'

/** The least time between two readings anew, however busy the workspace is. */
const SETTLE_MS = 500
/** A poke may be lost, and a browser with many tabs has no stream for each: so often they are read in any case. */
const TIMER_MS = 60_000

/** Reads anew what the page shows whenever the server says that something has changed, and by a timer (LIV-3). */
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
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void queries.invalidateQueries()
    }, TIMER_MS)
    return () => {
      clearInterval(timer)
      clearTimeout(waiting)
      unsubscribe()
    }
  }, [queries, server])
}
