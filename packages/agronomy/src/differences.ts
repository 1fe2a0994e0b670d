import { instantMicros, type Recommendation } from '@fieldsync/contracts'

export type Difference = 'action' | 'window' | 'rationale' | 'riskFlags' | 'drivers'

/**
 * In what two recommendations for one observation differ, as far as it matters to who acts on them (AGR-18): none where a
 * changed rule has not affected it. The order of tags, flags and drivers is not compared, nor how an instant is written.
 */
export function differences(before: Recommendation, after: Recommendation): Difference[] {
  const found: Difference[] = []
  if (before.action !== after.action) found.push('action')
  if (!isSameWindow(before.timingWindow, after.timingWindow)) found.push('window')
  if (!isSameSet(before.rationale, after.rationale)) found.push('rationale')
  if (!isSameSet(before.riskFlags, after.riskFlags)) found.push('riskFlags')
  if (!isSameSet(before.timingWindow.drivers, after.timingWindow.drivers)) found.push('drivers')
  return found
}

type Window = Recommendation['timingWindow']

const isSameWindow = (before: Window, after: Window): boolean =>
  instantMicros(before.startAt) === instantMicros(after.startAt) &&
  instantMicros(before.endAt) === instantMicros(after.endAt)

const isSameSet = (before: readonly string[], after: readonly string[]): boolean => {
  const [one, other] = [new Set(before), new Set(after)]
  return one.size === other.size && [...one].every((each) => other.has(each))
}
