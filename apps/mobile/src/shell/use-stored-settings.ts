import { useEffect, useMemo, useState } from 'react'

import { type AppSettings, readSettings } from '../data/app-settings.ts'
import type { Failures } from '../data/failures.ts'
import type { SettingsAccess } from '../data/settings-context.ts'
import type { Platform } from '../platform/platform.ts'

/** Before the app says that they cannot be read: a phone's key store may be locked for a moment. */
const WAITS_MS = [200, 1_000]

type StoredSettings =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly access: SettingsAccess }
  /** They may well be there: this is no new device. */
  | { readonly state: 'failed'; readonly failure: unknown; readonly retry: () => void }

const WRITE = Symbol('writing the settings')

/** The device's settings, and a way to change them. @param failures where a write that fails is reported */
export function useStoredSettings(platform: Platform, failures: Failures): StoredSettings {
  const [settings, setSettings] = useState<AppSettings>()
  const [failure, setFailure] = useState<unknown>()
  const [tries, setTries] = useState(0)
  useEffect(() => {
    let isCurrent = true
    const read = () =>
      readAgain(platform.settings.read).then(
        (text) => isCurrent && setSettings(readSettings(text)),
        (error: unknown) => isCurrent && setFailure(error ?? new Error('unknown')),
      )
    setFailure(undefined)
    void read()
    const stop = platform.settings.watch(() => void read())
    return () => {
      isCurrent = false
      stop()
    }
  }, [platform, tries])
  return useMemo((): StoredSettings => {
    if (settings === undefined) {
      if (failure === undefined) return { state: 'reading' }
      return { state: 'failed', failure, retry: () => setTries((before) => before + 1) }
    }
    const change: SettingsAccess['change'] = (given) =>
      setSettings((before = settings) => {
        const changed = typeof given === 'function' ? given(before) : given
        if (Object.keys(changed).length === 0) return before
        const next = { ...before, ...changed }
        void platform.settings.write(JSON.stringify(next)).then(
          () => failures.report(WRITE, undefined),
          (error: unknown) => failures.report(WRITE, { error }),
        )
        return next
      })
    return { state: 'read', access: { settings, change } }
  }, [platform, settings, failure, failures])
}

/** Reads a text, again where that fails (APP-9). @throws what the last try threw */
export async function readAgain(
  read: () => Promise<string | null>,
  waits: readonly number[] = WAITS_MS,
): Promise<string | null> {
  for (const wait of waits) {
    try {
      return await read()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return read()
}
