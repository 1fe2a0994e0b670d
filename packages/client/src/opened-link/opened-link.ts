/** The link by which a person has opened an app to set it up; its code is in no address any more. */
export type OpenedLink = {
  readonly current: () => string | null
  readonly subscribe: (listener: () => void) => () => void
  /** It was used, or is not wanted. */
  readonly forget: () => void
}

const ENROLL = '#enroll='

/**
 * The link that this page was opened by, or that was pasted into its address bar. Its code leaves the address and the
 * page's history at once: neither a reload nor whoever looks at the screen gets it.
 */
export function browserLink(): OpenedLink {
  const listeners = new Set<() => void>()
  let opened: string | null = null
  const become = (link: string | null) => {
    opened = link
    for (const listener of listeners) listener()
  }
  const take = () => {
    const { href, hash, pathname } = globalThis.location
    if (!hash.startsWith(ENROLL)) return
    history.replaceState(history.state, '', pathname)
    become(href)
  }
  globalThis.addEventListener('hashchange', take)
  take()
  return {
    current: () => opened,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    forget: () => become(null),
  }
}
