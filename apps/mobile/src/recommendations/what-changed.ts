import { differences } from '@fieldsync/agronomy'
import type { Recommendation } from '@fieldsync/contracts'

import { windowText } from '../components/window-text.ts'
import type { Texts } from '../messages/messages.ts'
import { actionText, driverTexts, flagText, rationaleTexts } from './words.ts'

/** One thing that a successor says otherwise, in words; null where one of them says nothing of it. */
export type ChangedWords = {
  readonly name: string
  readonly before: string | null
  readonly after: string | null
}

/** What made a successor of a recommendation. */
export function causeOf(before: Recommendation, after: Recommendation): 'playbook' | 'weather' | 'note' {
  if (before.playbookVersion !== after.playbookVersion || before.playbookId !== after.playbookId)
    return 'playbook'
  return before.weatherFeaturesId === after.weatherFeaturesId ? 'note' : 'weather'
}

/** What a successor says otherwise than the one before it. @param workspaceZone as the server has given it */
export function whatChanged(
  texts: Texts,
  before: Recommendation,
  after: Recommendation,
  workspaceZone: string,
  now: number,
): ChangedWords[] {
  const { t } = texts
  const changed = new Set<string>(differences(before, after))
  const of = (name: string, words: (each: Recommendation) => string): ChangedWords[] => {
    const [was, is] = [words(before), words(after)]
    return was === is ? [] : [{ name, before: was || null, after: is || null }]
  }
  const list = (each: readonly string[]): string => each.join('; ')
  return [
    ...(changed.has('action') ? of(t('recommendation.do'), ({ action }) => actionText(t, action)) : []),
    ...(changed.has('window')
      ? of(t('field.timingWindow'), (each) => windowText(texts, each.timingWindow, workspaceZone, now))
      : []),
    ...(changed.has('rationale')
      ? of(t('recommendation.why'), ({ rationale }) => list(rationaleTexts(t, rationale)))
      : []),
    ...(changed.has('riskFlags')
      ? of(t('recommendation.flags'), ({ riskFlags }) => list(riskFlags.map((flag) => flagText(t, flag))))
      : []),
    ...(changed.has('drivers') ? driverChanges(texts, before, after) : []),
  ]
}

/** Of the facts only those that differ: most stay the same. */
function driverChanges(texts: Texts, before: Recommendation, after: Recommendation): ChangedWords[] {
  const [was, is] = [before, after].map(
    ({ timingWindow }) => new Map(driverTexts(texts, timingWindow.drivers)),
  ) as [Map<string, string>, Map<string, string>]
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => ({ name, before: was.get(name) ?? null, after: is.get(name) ?? null }))
    .filter((each) => each.before !== each.after)
}
