import { useEffect, useMemo, useState } from 'react'

import type { Platform } from '../platform/platform.ts'
import { type AppSettings, readSettings } from '../settings/app-settings.ts'
import type { SettingsAccess } from '../settings/settings-context.ts'

/** The device's settings, and a way to change them; undefined until they are read. */
export function useStoredSettings(platform: Platform): SettingsAccess | undefined {
  const [settings, setSettings] = useState<AppSettings>()
  useEffect(() => {
    const read = () =>
      // What cannot be read is as if it were not there: the person is asked again.
      platform.settings.read().then(
        (text) => setSettings(readSettings(text)),
        () => setSettings((before) => before ?? readSettings(null)),
      )
    void read()
    return platform.settings.watch(() => void read())
  }, [platform])
  return useMemo(() => {
    if (settings === undefined) return undefined
    return {
      settings,
      change: (change) =>
        setSettings((before) => {
          const next = { ...(before ?? settings), ...change }
          void platform.settings.write(JSON.stringify(next)).catch(() => undefined)
          return next
        }),
    }
  }, [platform, settings])
}
