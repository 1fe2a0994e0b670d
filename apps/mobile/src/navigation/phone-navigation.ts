import { BackHandler, Linking } from 'react-native'

import type { Navigation } from './navigation.ts'

const SCHEME = 'fieldsync:/'

/** A pile of places; Android's back takes the topmost away, and links of the app's own scheme put one on. */
export function phoneNavigation(): Navigation {
  const listeners = new Set<() => void>()
  let places: readonly string[] = ['/']
  const become = (next: readonly string[]) => {
    places = next
    for (const listener of listeners) listener()
  }
  const open = (address: string | null) => {
    if (address?.startsWith(SCHEME) === true) become([...places, address.slice(SCHEME.length)])
  }
  const pop = (): boolean => {
    if (places.length < 2) return false
    become(places.slice(0, -1))
    return true
  }
  BackHandler.addEventListener('hardwareBackPress', pop)
  Linking.addEventListener('url', ({ url }) => open(url))
  void Linking.getInitialURL().then(open)
  return {
    path: () => places.at(-1) ?? '/',
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    go: (path) => become([...places, path]),
    replace: (path) => become([...places.slice(0, -1), path]),
    back: (otherwise) => {
      if (!pop()) become([otherwise])
    },
  }
}
