import { createContext, use, useSyncExternalStore } from 'react'

import { type Navigation, whileAt } from './navigation.ts'
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

/** Away from a place, which is over. */
export type Leave = {
  readonly replace: (route: Route) => void
  readonly back: (otherwise: Route) => void
}

export type Go = Leave & {
  readonly to: (route: Route) => void
  /** The address of a place in a browser; undefined on a phone. */
  readonly href: (route: Route) => string | undefined
  /** Begins work that ends by leaving this place: whoever has left it before is not taken anywhere (APP-61). */
  readonly begin: () => Leave
}

/** Ways to other places. */
export function useGo(): Go {
  const navigation = useNavigation()
  return {
    to: (route) => navigation.go(pathOf(route)),
    href: (route) => navigation.href(pathOf(route)),
    begin: () => leaveBy(whileAt(navigation)),
    ...leaveBy(navigation),
  }
}

const leaveBy = ({ replace, back }: Pick<Navigation, 'replace' | 'back'>): Leave => ({
  replace: (route) => replace(pathOf(route)),
  back: (otherwise) => back(pathOf(otherwise)),
})
