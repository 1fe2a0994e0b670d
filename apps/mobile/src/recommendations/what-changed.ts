import { differences } from '@fieldsync/agronomy'
import type { Recommendation } from '@fieldsync/contracts'
import { actionAdvice, riskFlagText } from '@fieldsync/messages'

import { windowText } from '../components/window-text.ts'
import type { Texts } from '../messages/messages.ts'
import { factTexts, reasonTexts } from './words.ts'

/** What a successor says otherwise of one thing, in words: each time before and after, null where one says nothing. */
export type ChangedWords = {
  readonly name: string
  readonly changes: readonly (readonly [before: string | null, after: string | null])[]
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
  const both = <T>(read: (each: Recommendation) => T): [T, T] => [read(before), read(after)]
  const one = (read: (each: Recommendation) => string) => [both(read)]
  const list = (read: (each: Recommendation) => readonly string[]) => {
    const [was, is] = both(read)
    const gone = was.filter((each) => !is.includes(each)).map((each) => [each, null] as const)
    const added = is.filter((each) => !was.includes(each)).map((each) => [null, each] as const)
    return [...gone, ...added]
  }
  const found: ChangedWords[] = [
    {
      name: t('recommendation.do'),
      changes: changed.has('action') ? one(({ action }) => actionAdvice(t, action)) : [],
    },
    {
      name: t('field.timingWindow'),
      changes: changed.has('window')
        ? one(({ timingWindow }) => windowText(texts, timingWindow, workspaceZone, now))
        : [],
    },
    {
      name: t('recommendation.why'),
      changes: list(({ timingWindow, rationale }) => reasonTexts(texts, { ...timingWindow, rationale })),
    },
    {
      name: t('recommendation.flags'),
      changes: list(({ riskFlags }) => riskFlags.map((flag) => riskFlagText(t, flag))),
    },
    {
      name: t('recommendation.drivers'),
      changes: factChanges(...both(({ timingWindow }) => factTexts(texts, timingWindow.drivers))),
    },
  ]
  return found.filter(({ changes }) => changes.length > 0)
}

/** Of the facts only those that differ: most stay the same. */
function factChanges(
  was: ReadonlyMap<string, string>,
  is: ReadonlyMap<string, string>,
): ChangedWords['changes'] {
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => [was.get(name) ?? null, is.get(name) ?? null] as const)
    .filter(([before, after]) => before !== after)
}
