import { createContext, use } from 'react'

import type { AppSettings } from './app-settings.ts'

export type SettingsAccess = {
  readonly settings: AppSettings
  readonly change: (change: Partial<AppSettings>) => void
}

export const SettingsContext = createContext<SettingsAccess | null>(null)

export function useSettings(): SettingsAccess {
  const access = use(SettingsContext)
  if (access === null) throw new Error('no SettingsContext around this component')
  return access
}
