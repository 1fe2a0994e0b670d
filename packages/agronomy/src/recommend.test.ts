import { Playbook, Recommendation, RecommendationId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { recommend, type RecommendInput } from './recommend.ts'
import { knownAnswers, noteWith, playbookWith } from './testing/known-answers.ts'
import { NO_WEATHER } from './weather/no-weather.ts'

const IDS =
  '[AGR-1, AGR-2, AGR-3, AGR-4, AGR-5, AGR-6, AGR-7, AGR-8, AGR-9, AGR-10, AGR-11, AGR-12, AGR-13, AGR-14, AGR-15]'

it.each(knownAnswers())(`${IDS} known answer: $title`, ({ input, expected }) => {
  const {
    refusal,
    window,
    'drivers+': some = [],
    action,
    rationale,
    riskFlags,
    confidence,
    drivers,
  } = expected
  const result = recommend(input)
  if (!result.ok) {
    expect(result).toEqual({ ok: false, refusal })
    return
  }
  const { recommendation } = result
  expect(Recommendation.parse(recommendation)).toEqual(recommendation)
  const { timingWindow } = recommendation
  expect({ ...recommendation, refusal: undefined }).toMatchObject({
    refusal,
    ...given({ action, rationale, riskFlags }),
  })
  expect(timingWindow).toMatchObject(given({ confidence, drivers }))
  if (window !== undefined) expect([timingWindow.startAt, timingWindow.endAt]).toEqual(window)
  expect(timingWindow.drivers).toEqual(expect.arrayContaining([...some]))
})

const given = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const base = (): RecommendInput => ({
  observation: noteWith({}),
  playbook: playbookWith({}),
  timeZone: 'America/Los_Angeles',
  recommendationId: RecommendationId.parse('rec_20260211_0001'),
  generatedAt: '2026-02-12T03:00:01Z',
})

it('[AGR-1] names what it was computed from, and waits for a person', () => {
  const input = base()
  const result = recommend({ ...input, supersedes: RecommendationId.parse('rec_20260211_0000') })
  expect(result).toMatchObject({
    ok: true,
    ruleId: 'rule_pm_moderate',
    recommendation: {
      recommendationId: 'rec_20260211_0001',
      supersedes: 'rec_20260211_0000',
      generatedAt: '2026-02-12T03:00:01Z',
      observationId: input.observation.observationId,
      playbookId: 'pbk_yolo_grape',
      playbookVersion: 3,
      issue: 'powdery_mildew',
      severity: 'moderate',
      status: 'pending_confirmation',
      requiredConfirmation: true,
      timingWindow: { localTimezone: 'America/Los_Angeles' },
    },
  })
  const plain = recommend(input)
  expect(plain.ok && 'supersedes' in plain.recommendation).toBe(false)
})

it('[AGR-1] has its members in the order of the contract', () => {
  const result = recommend(base())
  const names = result.ok ? Object.keys(result.recommendation) : []
  expect(names).toEqual(names.toSorted())
  const window = result.ok ? Object.keys(result.recommendation.timingWindow) : []
  expect(window).toEqual(window.toSorted())
})

it('[AGR-9] takes no weather as the stored record of none', () => {
  const input = base()
  expect(recommend(input)).toEqual(recommend({ ...input, weather: NO_WEATHER }))
  expect(recommend(input)).toMatchObject({ recommendation: { weatherFeaturesId: 'wxf_19700101_none' } })
})

const rules = (...severities: readonly string[]): Playbook => {
  const { rules: all, ...others } = playbookWith({})
  const rule = Object.values(all).find(({ issue }) => issue === 'powdery_mildew')
  const made = severities.map((severity, i) => [
    `rule_${9 - i}`,
    { ...rule, ruleId: `rule_${9 - i}`, severity },
  ])
  return Playbook.parse({ ...others, rules: Object.fromEntries(made) })
}

it.each([
  { severities: ['low', 'moderate', 'high'], ruleId: 'rule_8', flags: [] },
  { severities: ['moderate', 'moderate'], ruleId: 'rule_8', flags: [] },
  { severities: ['low'], ruleId: 'rule_9', flags: ['manual_review_required'] },
  { severities: ['low', 'high'], ruleId: undefined, flags: [] },
  { severities: [], ruleId: undefined, flags: [] },
])(
  '[AGR-2] takes of the rules for $severities the one with the id $ruleId',
  ({ severities, ruleId, flags }) => {
    const result = recommend({ ...base(), playbook: rules(...severities) })
    if (ruleId === undefined) expect(result).toEqual({ ok: false, refusal: 'no_rule' })
    else {
      expect(result).toMatchObject({
        ruleId,
        recommendation: { riskFlags: ['weather_data_missing', ...flags] },
      })
    }
  },
)

it('[AGR-2] names a rule as the playbook does, whatever the rule says of itself', () => {
  const { rules: all, ...others } = rules('moderate')
  const [rule] = Object.values(all)
  const playbook = Playbook.parse({ ...others, rules: { rule_of_ours: rule } })
  expect(recommend({ ...base(), playbook })).toMatchObject({ ok: true, ruleId: 'rule_of_ours' })
})

it('[AGR-12] refuses a time zone that the platform does not know', () => {
  expect(() => recommend({ ...base(), timeZone: 'Mars/Olympus_Mons' })).toThrow(RangeError)
})
