import type { Recommendation } from '@fieldsync/contracts'

import { shownText } from '../../table.ts'
import { shortId } from './short-id.ts'

/** From when until when on the workspace's clock; the day of the end where it is another one. */
export function windowText({ timingWindow }: Recommendation): string {
  const [start, end] = [timingWindow.startAt, timingWindow.endAt].map((at) =>
    at.slice(0, 16).replace('T', ' '),
  )
  const isSameDay = start?.slice(0, 10) === end?.slice(0, 10)
  return `${start} to ${isSameDay ? end?.slice(11) : end}`
}

/** A recommendation for people, one value per line, in the codes that are stored. */
export function shownRecommendation(recommendation: Recommendation): string {
  const { action, rationale, riskFlags, timingWindow, supersedes, playbookId, playbookVersion } =
    recommendation
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['action', action],
    ['window', `${windowText(recommendation)} (${timingWindow.localTimezone})`],
    ['confidence', `${Math.round(timingWindow.confidence * 100)} %`],
    ['rationale', rationale.join(', ')],
    ['flags', riskFlags.join(', ')],
    ['drivers', timingWindow.drivers.join(', ')],
    ['playbook', `${playbookId}, version ${playbookVersion}`],
    ['replaces', supersedes === undefined ? '' : shortId(supersedes)],
  ]
  return rows.map(([name, value]) => `${name.padEnd(14)}${value === '' ? '-' : shownText(value)}`).join('\n')
}
