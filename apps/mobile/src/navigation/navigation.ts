/** Where the app is, as a path such as `/history/obs_1`, and ways to elsewhere. */
export type Navigation = {
  readonly path: () => string
  /** The address of a path, which a browser can open in another tab or copy; undefined where there are none. */
  readonly href: (path: string) => string | undefined
  readonly subscribe: (listener: () => void) => () => void
  readonly go: (path: string) => void
  /** Takes the place of the present one, so that back does not return to it. */
  readonly replace: (path: string) => void
  /** To where the person came from, or to `otherwise` where there is no such place. */
  readonly back: (otherwise: string) => void
}

/**
 * The ways to leave the place that the app is at now, which lead nowhere from any other: a save may end after the
 * person has gone on to another screen (APP-61).
 */
export function whileAt(navigation: Navigation): Pick<Navigation, 'replace' | 'back'> {
  const place = navigation.path()
  const leave = (way: (path: string) => void) => (path: string) => {
    if (navigation.path() === place) way(path)
  }
  return { replace: leave(navigation.replace), back: leave(navigation.back) }
}
