/** Where the app is, as a path such as `/history/obs_1`, and ways to elsewhere. */
export type Navigation = {
  readonly path: () => string
  readonly subscribe: (listener: () => void) => () => void
  readonly go: (path: string) => void
  /** Takes the place of the present one, so that back does not return to it. */
  readonly replace: (path: string) => void
  /** To where the person came from, or to `otherwise` where there is no such place. */
  readonly back: (otherwise: string) => void
}
