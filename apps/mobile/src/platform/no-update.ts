import type { AppUpdate } from './platform.ts'

/** A phone's app is renewed by the store that it came from. */
export const NO_UPDATE: AppUpdate = {
  isWaiting: () => false,
  subscribe: () => () => undefined,
  apply: () => undefined,
}
