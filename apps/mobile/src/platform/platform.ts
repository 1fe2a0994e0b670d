import type { ConnectionOptions } from '@fieldsync/client'
import type { Location } from '@fieldsync/contracts'
import type { LocalStore } from '@fieldsync/sync-engine'

import type { Navigation } from '../navigation/navigation.ts'

/** A text of the app's, handed to another program. */
export type SharedFile = { readonly name: string; readonly text: string }

/** A newer version of the app that is loaded and waits. */
export type AppUpdate = {
  readonly isWaiting: () => boolean
  readonly subscribe: (listener: () => void) => () => void
  /** Goes over to it: the app begins anew. */
  readonly apply: () => void
}

/** Everything that differs between a phone and a browser. The entry file of each hands over its own. */
export type Platform = {
  readonly kind: 'ios' | 'android' | 'web'
  readonly openStore: (name: string) => Promise<LocalStore>
  /** The app's settings as one text; null before the first. Never leaves the device. */
  readonly settings: {
    readonly read: () => Promise<string | null>
    readonly write: (text: string) => Promise<void>
  }
  /** Where the device is; null where nobody can say or the person does not want to. May take long. */
  readonly locate: () => Promise<Location | null>
  readonly share: (file: SharedFile) => Promise<void>
  readonly navigation: Navigation
  /** The person's languages (BCP 47), the liked ones first. */
  readonly languages: readonly string[]
  /** Where the server is unless the person says otherwise. */
  readonly defaultServer: string
  readonly update: AppUpdate
  /** Tells the world around the app's own screens which colours it has. */
  readonly paint: (colors: {
    readonly ground: string
    readonly focus: string
    readonly theme: 'light' | 'dark'
  }) => void
  readonly setTitle: (title: string, language: string) => void
  /** What the client is given of the platform. */
  readonly network: Pick<ConnectionOptions, 'fetch' | 'random' | 'connectivity'>
}
