import { useSyncExternalStore } from 'react'

import { usePlatform } from '../platform/platform-context.ts'

/** The link by which a person has opened the app to set it up; null without one, and once it was used. */
export function useOpenedLink(): string | null {
  const { openedLink } = usePlatform()
  return useSyncExternalStore(openedLink.subscribe, openedLink.current)
}
