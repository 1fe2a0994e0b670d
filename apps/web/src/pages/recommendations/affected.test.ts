import { derivedRecommendationId, NO_WEATHER, recommend } from '@fieldsync/agronomy'
import { Observation, Playbook } from '@fieldsync/contracts'
import { observation, playbook } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { affectedBy, type OpenRecommendation } from './affected.ts'

const before = Playbook.parse(playbook())
const zone = { timeZone: 'America/Los_Angeles', generatedAt: '2026-02-11T20:00:00.000Z' }
const { extraction } = observation()

/** An open recommendation for a note of an issue, as the engine makes it. */
function open(issue: 'powdery_mildew' | 'heat_stress'): OpenRecommendation {
  const note = Observation.parse(
    observation({ status: 'confirmed', extraction: { ...extraction, issue, severity: 'moderate' } }),
  )
  const { playbookId, version: playbookVersion } = before
  const ids = { observationId: note.observationId, playbookId, playbookVersion }
  const made = recommend({
    observation: note,
    playbook: before,
    recommendationId: derivedRecommendationId({ ...ids, weatherFeaturesId: NO_WEATHER.weatherFeaturesId }),
    ...zone,
  })
  if (!made.ok) throw new Error(made.refusal)
  return { recommendation: made.recommendation, observation: note, weather: undefined, before }
}

/** The next version, with another limit in the rule for moderate mildew. */
function withWind(maxWindKph: number): Playbook {
  const after = structuredClone({ ...before, version: before.version + 1 })
  const rule = Object.values(after.rules).find(({ ruleId }) => ruleId === 'rule_pm_moderate')
  if (rule === undefined) throw new Error('the starter playbook has this rule')
  rule.constraints.maxWindKph = maxWindKph
  return after
}

it('[APP-110] a change of a rule replaces the open recommendations that rest on it, by what the engine makes of them', () => {
  const [mildew, heat] = [open('powdery_mildew'), open('heat_stress')]
  const found = affectedBy([mildew, heat], withWind(9), zone)
  expect(found.map(({ before: { recommendationId } }) => recommendationId)).toEqual([
    mildew.recommendation.recommendationId,
  ])
  const [{ after } = { after: undefined }] = found
  expect(after).toMatchObject({
    supersedes: mildew.recommendation.recommendationId,
    playbookVersion: before.version + 1,
    status: 'pending_confirmation',
  })
  expect(after?.timingWindow.drivers.some((driver) => driver.startsWith('maxWindKph=9'))).toBe(true)
})

it('[APP-110] a change that alters nothing that matters replaces none', () => {
  const { maxWindKph = 0 } =
    Object.values(before.rules).find(({ ruleId }) => ruleId === 'rule_pm_moderate')?.constraints ?? {}
  expect(affectedBy([open('powdery_mildew'), open('heat_stress')], withWind(maxWindKph), zone)).toEqual([])
})
