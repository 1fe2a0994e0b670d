import type { Navigation } from './navigation.ts'

/** What is needed of React Native's BackHandler and Linking. */
export type PhoneSystem = {
  readonly BackHandler: {
    addEventListener(type: 'hardwareBackPress', handler: () => boolean): unknown
  }
  readonly Linking: {
    addEventListener(type: 'url', handler: (event: { url: string }) => void): unknown
    getInitialURL(): Promise<string | null>
  }
}

/**
 * A stack of places. Android's back button and gesture remove the topmost, and leave the app at the last one. Links such as
 * `fieldsync://history/obs_1`, which start the app or reach it while it runs, put one on top.
 */
export function phoneNavigation({ BackHandler, Linking }: PhoneSystem): Navigation {
  const listeners = new Set<() => void>()
  let places: readonly string[] = ['/']
  const top = () => places.at(-1) ?? '/'
  const become = (next: readonly string[]) => {
    places = next
    for (const listener of listeners) listener()
  }
  const open = (address: string | null) => {
    const path = linkedPath(address ?? '')
    // Followed again from another app, the link leads to where the app still is.
    if (path !== null && path !== top()) become([...places, path])
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
    path: top,
    // Nothing on a phone opens or copies an address of a screen.
    href: () => undefined,
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

/** The scheme of app.json, with as many slashes as people write after it. */
const LINK = /^fieldsync:\/*([^?#]*)/i

/** The path of a link to a screen; null for any other address that starts the app. */
function linkedPath(address: string): string | null {
  const place = LINK.exec(address)?.[1]
  return place === undefined ? null : `/${place}`
}
