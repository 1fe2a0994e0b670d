/** Why a rule's action is withheld, by the constraint that is not met; `window` where it closes before it opens. */
export const MONITOR_ONLY_REASONS = [
  'maxWindKph',
  'maxRelativeHumidityPct',
  'avoidInversion',
  'maxTemperatureC',
  'sprayWindowScore',
  'window',
] as const
export type MonitorOnlyReason = (typeof MONITOR_ONLY_REASONS)[number]

/** A driver's parts; `checked` is false for a limit that nothing could be compared with. */
export type Driver = { readonly name: string; readonly value: string; readonly checked: boolean }

const NOT_CHECKED = ':not_checked'

/** A fact or a limit that a recommendation rests on, as it is stored (AGR-15). */
export const driver = (name: string, value: string | number | boolean, checked = true): string =>
  `${name}=${value}${checked ? '' : NOT_CHECKED}`

/** Why a recommendation says no more than to monitor, as a driver. */
export const monitorOnly = (reason: MonitorOnlyReason): string => driver('monitorOnly', reason)

/** The parts of a stored driver. One that was written in another form is a name without a value. */
export function readDriver(text: string): Driver {
  const at = text.indexOf('=')
  if (at < 0) return { name: text, value: '', checked: true }
  const value = text.slice(at + 1)
  const checked = !value.endsWith(NOT_CHECKED)
  return { name: text.slice(0, at), value: checked ? value : value.slice(0, -NOT_CHECKED.length), checked }
}
