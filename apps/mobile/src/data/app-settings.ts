import { DeviceId, ObservationLocation, Role, SessionGrant } from '@fieldsync/contracts'
import { LANGUAGES, UNIT_SYSTEMS } from '@fieldsync/messages'
import { z } from 'zod'

import { KnownStore, storeName } from './known-stores.ts'

export const THEMES = ['system', 'light', 'dark'] as const

/** What the person has chosen on this device. */
export const AppSettings = z.object({
  /** The server's address; empty: the platform's default. */
  server: z.string(),
  /** Empty until the device has been given one. */
  deviceId: z.string(),
  /** Empty for a device with a key. */
  token: z.string(),
  key: KnownStore.shape.key,
  /** Name of the store in use; empty until another connection was chosen than the first. */
  store: z.string(),
  /** Every store on this device that may hold something. */
  stores: z.array(KnownStore).readonly(),
  /** The device was wiped: its store is yet to be deleted, where it is the one in use, and the app has to say so. */
  wiped: z
    .object({ store: z.string(), workspaceName: z.string().nullable(), unsentDeleted: z.int() })
    .nullable(),
  /** What the server last said that the device may do; empty until it has. */
  role: z.union([Role, z.literal('')]),
  /** What the server last said that the device was granted in playbooks; null until it has, and at one that has no grants. */
  grants: z.array(SessionGrant).nullable(),
  /** Whether a change of a playbook takes a second person, as the server last said. */
  fourEyes: z.boolean(),
  /** What weather the server has for the workspace, as it last said; empty until it has, and at one that knows of none. */
  weather: z.enum(['', 'live', 'demo', 'off']),
  /** The workspace's time zone (IANA), as the server has last given it; empty until it has. */
  timeZone: z.string(),
  theme: z.enum(THEMES),
  language: z.enum(['system', ...LANGUAGES]),
  /** In which temperature and wind are read and typed. */
  units: z.enum(['system', ...UNIT_SYSTEMS]),
  /** The block of the last note, the first that is offered for the next one. */
  lastBlock: z.string(),
  /** Where the device was last, as far as it knows. */
  lastPlace: ObservationLocation.pick({ accuracyM: true, lat: true, lon: true }).nullable(),
})
export type AppSettings = z.infer<typeof AppSettings>

export const FIRST_SETTINGS: AppSettings = {
  server: '',
  deviceId: '',
  token: '',
  key: null,
  store: '',
  stores: [],
  wiped: null,
  role: '',
  grants: null,
  fourEyes: false,
  weather: '',
  timeZone: '',
  theme: 'system',
  language: 'system',
  units: 'system',
  lastBlock: '',
  lastPlace: null,
}

/** Whether the store in use is one of a wiped device, and has to be deleted. */
export const isWiped = ({ wiped, ...settings }: AppSettings): boolean =>
  settings.deviceId !== '' && wiped?.store === storeName(settings)

/** The settings of a stored text. What another version of the app does not know, or wrote differently, gets its default. */
export function readSettings(text: string | null): AppSettings {
  if (text === null) return FIRST_SETTINGS
  let stored: unknown
  try {
    stored = JSON.parse(text)
  } catch {
    return FIRST_SETTINGS
  }
  if (typeof stored !== 'object' || stored === null) return FIRST_SETTINGS
  const known = Object.entries(AppSettings.shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse((stored as Record<string, unknown>)[name])
    return parsed.success ? [[name, parsed.data] as const] : []
  })
  return { ...FIRST_SETTINGS, ...Object.fromEntries(known) }
}

export const isDeviceId = (text: string): boolean => DeviceId.safeParse(text).success

/** True for an address that a client can be made for. */
export function isServerAddress(text: string): boolean {
  try {
    // Browsers before 2024 have no URL.parse.
    const { protocol } = new URL(text)
    return protocol === 'http:' || protocol === 'https:'
  } catch {
    return false
  }
}
