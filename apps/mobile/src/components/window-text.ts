import type { Recommendation } from '@fieldsync/contracts'

import { ownZoneLabel } from '../data/workspace-zone.ts'
import type { Texts } from '../messages/messages.ts'

/**
 * From when until when, on the device's clock, with its zone where the workspace's shows another time (APP-63).
 *
 * @param now milliseconds since 1970
 */
export function windowText(
  { t, language, formats }: Texts,
  { startAt, endAt }: Pick<Recommendation['timingWindow'], 'startAt' | 'endAt'>,
  workspaceZone: string,
  now: number,
): string {
  const [from, until] = [Date.parse(startAt), Date.parse(endAt)]
  const zone = ownZoneLabel(language, workspaceZone, from)
  const text = t('window', { from: formats.moment(from, now), until: formats.briefMoment(until, from) })
  return zone === null ? text : `${text}, ${zone}`
}
