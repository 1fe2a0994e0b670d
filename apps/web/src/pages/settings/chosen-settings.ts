import type { DeviceTokens, WorkspaceSettings } from '@fieldsync/contracts'
import { fromZoned, toZoned } from '@fieldsync/messages'

/** What a person has chosen on the page, and the version that they saw when they began. */
export type ChosenSettings = {
  readonly baseVersion: number
  readonly confirmKeys: boolean
  readonly mode: DeviceTokens['mode']
  /** By the workspace's clock, as a browser's field for moments has it. */
  readonly until: string
}

/** The settings as a form has them. */
export function chosenOf(settings: WorkspaceSettings, timeZone: string): ChosenSettings {
  const { version, confirmKeys, deviceTokens } = settings
  const until = deviceTokens.mode === 'until' ? toZoned(Date.parse(deviceTokens.until), timeZone) : ''
  return { baseVersion: version, confirmKeys, mode: deviceTokens.mode, until }
}

/** The tokens setting that a form means; undefined while its moment is missing or has passed. */
export function deviceTokensOf(
  { mode, until }: ChosenSettings,
  timeZone: string,
  now: number,
): DeviceTokens | undefined {
  if (mode !== 'until') return { mode }
  const at = fromZoned(until, timeZone)
  return at > now ? { mode, until: new Date(at).toISOString() } : undefined
}

/** Whether a form differs from the settings. */
export function differs(chosen: ChosenSettings, settings: WorkspaceSettings, timeZone: string): boolean {
  const { confirmKeys, mode, until } = chosenOf(settings, timeZone)
  return (
    chosen.confirmKeys !== confirmKeys ||
    chosen.mode !== mode ||
    (chosen.mode === 'until' && chosen.until !== until)
  )
}
