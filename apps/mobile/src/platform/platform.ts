import type { DeviceSigner, KeyOwner, SyncingClientOptions } from '@fieldsync/client'
import type { OpenedLink } from '@fieldsync/client/opened-link'
import type { ObservationLocation } from '@fieldsync/contracts'
import type { LocalStore } from '@fieldsync/sync-engine'
import type { ComponentType } from 'react'

import type { Navigation } from '../navigation/navigation.ts'
import type { RawExport } from './raw-export.ts'

/** One text that stays on the device. */
export type UnsavedText = {
  /** null before the first. */
  readonly read: () => Promise<string | null>
  readonly write: (text: string) => Promise<void>
}

/** Texts that the whole app has, every tab of a browser, each by its name. {@link UnsavedTexts.forget} deletes these too. */
export type StoredTexts = {
  /** Null for none. */
  readonly read: (name: string) => Promise<string | null>
  readonly write: (name: string, text: string) => Promise<void>
}

/** One that other tabs may change. */
export type WatchedText = UnsavedText & {
  /** Calls back when another tab has written it; gives back how to end that. */
  readonly watch: (changed: () => void) => () => void
}

/** Texts of forms, each by the form's name. In a browser each tab has its own of every form. */
export type UnsavedTexts = {
  /** What this tab has kept, else what a tab kept that is gone, which is this tab's from now on; null for nothing. */
  readonly find: (form: string) => Promise<string | null>
  /** Keeps a text, or with an empty one nothing. */
  readonly keep: (form: string, text: string) => Promise<void>
  /** Deletes what any tab has kept of some forms, and the copies of exports that the app has made. */
  readonly forget: (isGone: (form: string) => boolean) => Promise<void>
}

/** A text of the app's, handed to another program. */
export type SharedFile = { readonly name: string; readonly text: string }

/** A newer version of the app that is loaded and waits. */
export type AppUpdate = {
  readonly isWaiting: () => boolean
  readonly subscribe: (listener: () => void) => () => void
  /** Activates it: the app restarts. */
  readonly apply: () => void
}

/** The camera as a reader of QR codes. */
export type CodeScanner = {
  /** Asks the person, the first time. @returns whether the app may use the camera */
  readonly allow: () => Promise<boolean>
  /** What the camera shows. Calls back with the text of a QR code, again and again while it is in sight. */
  readonly View: ComponentType<{ readonly onRead: (text: string) => void }>
  /** Where the person changes what the app may use. */
  readonly openSystemSettings: () => Promise<void>
}

/**
 * Whether what the app has stored may be cleared without the person's doing: `evictable` when space runs out,
 * `ios_browser` also after seven days without a visit.
 */
export type StorageRisk = 'none' | 'evictable' | 'ios_browser'

/** Everything that differs between a phone and a browser. The entry file of each hands over its own. */
export type Platform = {
  readonly kind: 'ios' | 'android' | 'web'
  readonly openStore: (name: string) => Promise<LocalStore>
  /** Deletes a store that this program has closed; one that is not there is none. @throws while another has it open */
  readonly deleteStore: (name: string) => Promise<void>
  /** Names of the stores that the platform knows of; not every browser can list them. */
  readonly storeNames: () => Promise<readonly string[]>
  /** The signer of a key on this device, which is created where there is none. @throws Error for a key that cannot be read */
  readonly openSigner: (owner: KeyOwner) => Promise<DeviceSigner>
  /** The app's settings, the device's token among them. */
  readonly settings: WatchedText
  /** What is typed in forms and not yet saved. */
  readonly unsaved: UnsavedTexts
  /** What an app keeps beside its records to work without a network. */
  readonly texts: StoredTexts
  /** Calls back when the app goes out of sight, and may end there; gives back how to end that. */
  readonly onLeave: (listener: () => void) => () => void
  /** Where the device is and how exactly; null where nobody can say or the person does not want to. May take long. */
  readonly locate: () => Promise<ObservationLocation | null>
  readonly share: (file: SharedFile) => Promise<void>
  /** Null where the system's own camera opens the link that it reads: in a browser. */
  readonly scanner: CodeScanner | null
  readonly storageRisk: () => Promise<StorageRisk>
  /** Asks the platform to keep what is stored; what is left of the risk then. */
  readonly protectStorage: () => Promise<StorageRisk>
  /**
   * Everything in the app's stores as it lies there, for a store that does not open. No secret is in it.
   *
   * @param known names of stores beside those that the platform itself knows of
   * @throws where none can be read
   */
  readonly rawExport: (known: readonly string[]) => Promise<RawExport>
  readonly navigation: Navigation
  readonly openedLink: OpenedLink
  /** Properties for the view around every screen, so that a swipe from the edge calls back, where nothing else leads back. */
  readonly swipeBack: (back: () => void) => Readonly<Record<string, unknown>>
  /** The person's languages (BCP 47), the liked ones first. */
  readonly languages: readonly string[]
  /** Where the server is unless the person says otherwise. */
  readonly defaultServer: string
  readonly update: AppUpdate
  /** Whether the app can be started without a network; a browser keeps it only where it came by HTTPS. */
  readonly startsOffline: boolean
  /** Tells the world around the app's own screens which colors it has. */
  readonly paint: (colors: {
    readonly ground: string
    readonly focus: string
    readonly theme: 'light' | 'dark'
  }) => void
  /** Announces a screen by its name: in the title and the language of a browser's page, to the screen reader of a phone. */
  readonly setTitle: (title: string, language: string) => void
  /** What the client is given of the platform. */
  readonly network: Pick<SyncingClientOptions, 'fetch' | 'random' | 'connectivity' | 'onForeground' | 'tabs'>
}
