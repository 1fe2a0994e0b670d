import type { ObservationLocation } from '@fieldsync/contracts'
import { useEffect, useRef, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'

type Fix = {
  /** What the device measured; null until then, and where nobody can say. */
  readonly fix: ObservationLocation | null
  readonly isSearching: boolean
  /** The fix, if it is of now; otherwise null, and the device measures again. */
  readonly freshFix: () => ObservationLocation | null
}

/** A form may stay open and empty while its owner walks on. */
const FRESH_MS = 60_000

/** Where the device is, measured at once and again for whoever needs it of now. @param isWanted whether to measure at once */
export function useFix(isWanted: boolean): Fix {
  const platform = usePlatform()
  const [state, setState] = useState({ fix: null as ObservationLocation | null, isSearching: isWanted })
  const found = useRef({ at: 0, turn: 0 })
  const measure = () => {
    const turn = ++found.current.turn
    const end = (fix: ObservationLocation | null) => {
      if (turn !== found.current.turn) return
      found.current.at = Date.now()
      setState({ fix, isSearching: false })
    }
    setState({ fix: null, isSearching: true })
    platform.locate().then(end, () => end(null))
  }
  useEffect(() => {
    if (isWanted) measure()
    const { current } = found
    return () => void current.turn++
    // Once: what is measured belongs to the form as it was opened.
  }, [platform, isWanted])
  return {
    ...state,
    freshFix: () => {
      if (state.isSearching) return null
      const age = Date.now() - found.current.at
      if (found.current.at > 0 && age >= 0 && age < FRESH_MS) return state.fix
      measure()
      return null
    },
  }
}
