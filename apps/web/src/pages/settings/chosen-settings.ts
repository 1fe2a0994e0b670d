import type {
  ChangeSettingsInput,
  DeviceTokens,
  SecondFactorSetting,
  WeatherSetting,
  WorkspaceSettings,
} from '@fieldsync/contracts'
import { fromZoned, toZoned } from '@fieldsync/messages'

/** What a person has chosen on the page, and the version that they saw when they began. */
export type ChosenSettings = {
  readonly baseVersion: number
  readonly confirmKeys: boolean
  readonly fourEyes: boolean
  readonly mode: DeviceTokens['mode']
  /** By the workspace's clock, as a browser's field for moments has it. */
  readonly until: string
  readonly weather: WeatherSetting
  readonly secondFactor: SecondFactorSetting
}

/** The settings as a form has them. */
export function chosenOf(settings: WorkspaceSettings, timeZone: string): ChosenSettings {
  const {
    version,
    confirmKeys,
    fourEyes,
    deviceTokens,
    weather = 'live',
    secondFactor = 'optional',
  } = settings
  const until = deviceTokens.mode === 'until' ? toZoned(Date.parse(deviceTokens.until), timeZone) : ''
  return {
    baseVersion: version,
    confirmKeys,
    fourEyes,
    mode: deviceTokens.mode,
    until,
    weather,
    secondFactor,
  }
}

/**
 * The change that a form means: what differs from the settings alone, since a moment in a form has no seconds. Undefined
 * while the moment that was chosen is missing or has passed.
 */
export function changeOf(
  chosen: ChosenSettings,
  settings: WorkspaceSettings,
  { timeZone, now }: { readonly timeZone: string; readonly now: number },
): ChangeSettingsInput | undefined {
  const { baseVersion, confirmKeys, fourEyes, mode, until, weather, secondFactor } = chosen
  const stored = chosenOf(settings, timeZone)
  const change = {
    baseVersion,
    ...(confirmKeys === stored.confirmKeys ? {} : { confirmKeys }),
    ...(fourEyes === stored.fourEyes ? {} : { fourEyes }),
    ...(weather === stored.weather ? {} : { weather }),
    ...(secondFactor === stored.secondFactor ? {} : { secondFactor }),
  }
  if (mode === stored.mode && (mode !== 'until' || until === stored.until)) return change
  if (mode !== 'until') return { ...change, deviceTokens: { mode } }
  const at = fromZoned(until, timeZone)
  return at > now ? { ...change, deviceTokens: { mode, until: new Date(at).toISOString() } } : undefined
}

/** Whether a change names a setting. */
export const changesAnything = (change: ChangeSettingsInput | undefined): boolean =>
  change === undefined || Object.keys(change).length > 1
