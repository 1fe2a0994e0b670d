import type { Location } from '@fieldsync/contracts'
import { useEffect, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'

/** Where the device is: `searching` at first, null where nobody can say. */
export function useHere(isWanted: boolean): Location | null | 'searching' {
  const platform = usePlatform()
  const [here, setHere] = useState<Location | null | 'searching'>('searching')
  useEffect(() => {
    if (!isWanted) return
    let isCurrent = true
    platform.locate().then(
      (found) => isCurrent && setHere(found),
      () => isCurrent && setHere(null),
    )
    return () => {
      isCurrent = false
    }
  }, [platform, isWanted])
  return here
}
