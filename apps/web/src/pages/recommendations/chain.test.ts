import { Recommendation } from '@fieldsync/contracts'
import { recommendation } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { chainOf } from './chain.ts'

const made = (supersedes?: Recommendation): Recommendation =>
  Recommendation.parse(
    recommendation(supersedes === undefined ? {} : { supersedes: supersedes.recommendationId }),
  )
const first = made()
const second = made(first)
const third = made(second)
const other = made()
const all = [other, third, first, second]

it('[APP-108] what a recommendation replaces and what replaces it is shown in that order, from wherever one looks', () => {
  for (const each of [first, second, third]) expect(chainOf(each, all)).toEqual([first, second, third])
  expect(chainOf(other, all)).toEqual([other])
})

it('[APP-108] a chain ends where what it names is not stored, and where it closes to a circle', () => {
  expect(chainOf(third, [third])).toEqual([third])
  const circle = { ...first, supersedes: third.recommendationId }
  expect(chainOf(second, [circle, second, third]).map(({ recommendationId }) => recommendationId)).toEqual(
    [third, first, second].map(({ recommendationId }) => recommendationId),
  )
  const itself = { ...first, supersedes: first.recommendationId }
  expect(chainOf(itself, [itself])).toEqual([itself])
})
