import { createContext, use, useSyncExternalStore } from 'react'

import type { Navigation } from './navigation.ts'
import { pathOf, type Route } from './routes.ts'

export const NavigationContext = createContext<Navigation | null>(null)

function useNavigation(): Navigation {
  const navigation = use(NavigationContext)
  if (navigation === null) throw new Error('no NavigationContext around this component')
  return navigation
}

/** Where the app is. */
export function usePath(): string {
  const { subscribe, path } = useNavigation()
  return useSyncExternalStore(subscribe, path)
}

export type Go = {
  readonly to: (route: Route) => void
  readonly replace: (route: Route) => void
  readonly back: (otherwise: Route) => void
}

/** Ways to other places. */
export function useGo(): Go {
  const navigation = useNavigation()
  return {
    to: (route) => navigation.go(pathOf(route)),
    replace: (route) => navigation.replace(pathOf(route)),
    back: (otherwise) => navigation.back(pathOf(otherwise)),
  }
}
