import { Recommendation } from '@fieldsync/contracts'
import { recommendation, type RecommendationInput } from '@fieldsync/contracts/testing'
import { expect, it } from 'vitest'

import { replacedBy } from './replaced-by.ts'

const OBSERVATION = 'obs_20260211_0001'
const made = (
  serial: number,
  overrides: Partial<Omit<RecommendationInput, 'timingWindow'>> = {},
): Recommendation =>
  Recommendation.parse({
    ...recommendation({ observationId: OBSERVATION, recommendationId: idOf(serial) }),
    generatedAt: '2026-02-11T18:00:00Z',
    ...overrides,
  })
const idOf = (serial: number): string => `rec_20260211_000${serial}`
const replaced = (...all: Recommendation[]) => Object.fromEntries(replacedBy(all))

it('[REC-20] a recommendation is replaced by one of the same note that names it, whatever became of that one', () => {
  const successor = made(2, {
    supersedes: idOf(1),
    playbookVersion: 4,
    weatherFeaturesId: 'wxf_20260211_other',
  })
  expect(replaced(made(1), successor)).toEqual({ [idOf(1)]: idOf(2) })
  expect(replaced(made(1), { ...successor, status: 'rejected' })).toEqual({ [idOf(1)]: idOf(2) })
})

it('[REC-20] by one of the same playbook and weather with a later version', () => {
  expect(replaced(made(1), made(2, { playbookVersion: 4 }))).toEqual({ [idOf(1)]: idOf(2) })
  const others = [
    made(2),
    made(3, { playbookVersion: 4, weatherFeaturesId: 'wxf_20260211_other' }),
    made(4, { playbookVersion: 4, playbookId: 'pbk_other' }),
    made(5, { playbookVersion: 4, observationId: 'obs_20260211_0002' }),
  ]
  expect(replaced(made(1), ...others)).toEqual({})
})

it('[REC-20] not by one of another note that names it, and not by itself', () => {
  expect(replaced(made(1), made(2, { supersedes: idOf(1), observationId: 'obs_20260211_0002' }))).toEqual({})
  expect(replaced(made(1, { supersedes: idOf(1) }))).toEqual({})
})

it('[REC-20] each of a chain leads to its end, in any order', () => {
  const chain = [
    made(1),
    made(2, { supersedes: idOf(1), playbookVersion: 4 }),
    made(3, { supersedes: idOf(2), playbookVersion: 6 }),
  ]
  expect(replaced(...chain)).toEqual({ [idOf(1)]: idOf(3), [idOf(2)]: idOf(3) })
  expect(replaced(...chain.toReversed())).toEqual({ [idOf(1)]: idOf(3), [idOf(2)]: idOf(3) })
})

it('[REC-20] of several that name one, the latest version counts, then the later time, then the greater id', () => {
  const by = { supersedes: idOf(1), weatherFeaturesId: 'wxf_20260211_other' }
  expect(
    replaced(made(1), made(3, { ...by, playbookVersion: 4 }), made(2, { ...by, playbookVersion: 5 })),
  ).toMatchObject({ [idOf(1)]: idOf(2) })
  const later = made(2, { ...by, generatedAt: '2026-02-11T12:00:00-08:00' })
  expect(replaced(made(1), later, made(3, by))).toMatchObject({ [idOf(1)]: idOf(2) })
  expect(replaced(made(1), made(3, by), made(2, by))).toMatchObject({ [idOf(1)]: idOf(3) })
})

it('[REC-20] those in a circle replace nothing: a person can confirm each', () => {
  const one = made(1, { supersedes: idOf(2) })
  const two = made(2, { supersedes: idOf(1) })
  expect(replaced(one, two)).toEqual({})
  expect(replaced(one, two, made(3, { supersedes: idOf(4), weatherFeaturesId: 'wxf_20260211_x' }))).toEqual(
    {},
  )
})
