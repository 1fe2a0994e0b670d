import { createContext, use } from 'react'

import type { AppSettings } from './app-settings.ts'

type SettingsChange = Partial<AppSettings> | ((latest: AppSettings) => Partial<AppSettings>)

export type SettingsAccess = {
  readonly settings: AppSettings
  /** A change that depends on the settings is given as a function of them: they may have changed since they were drawn. */
  readonly change: (change: SettingsChange) => void
}

export const SettingsContext = createContext<SettingsAccess | null>(null)

export function useSettings(): SettingsAccess {
  const access = use(SettingsContext)
  if (access === null) throw new Error('no SettingsContext around this component')
  return access
}
