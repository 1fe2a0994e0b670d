import { expect, it } from 'vitest'
import { z } from 'zod'

import { PlaybookRule } from '../entities/playbook.ts'
import { numberRange } from './number-range.ts'

it.each([
  ['constraints/maxWindKph', { min: 0, max: 100 }],
  ['constraints/maxTemperatureC', { min: -30, max: 70 }],
  ['timing/baseWindowHours/startOffsetHours', { min: 0, max: 24 }],
  ['constraints/avoidInversion', undefined],
  ['constraints/none', undefined],
  ['constraints', undefined],
  ['constraints/maxWindKph/deeper', undefined],
])('a rule allows numbers at %s', (place, range) => {
  expect(numberRange(PlaybookRule, place.split('/'))).toEqual(range)
})

it.each([
  ['no bound', z.number(), undefined],
  ['a lower bound alone', z.number().min(0), undefined],
  ['an upper bound alone', z.number().max(1), undefined],
  ['both', z.number().min(0).max(1), { min: 0, max: 1 }],
  ['both, and may be absent or null', z.number().min(0).max(1).nullish(), { min: 0, max: 1 }],
  ['no number', z.string().min(0).max(1), undefined],
])('a number with %s', (_, number, range) => {
  expect(numberRange(number, [])).toEqual(range)
  expect(numberRange(z.object({ inner: z.object({ number }).nullish() }), ['inner', 'number'])).toEqual(range)
  expect(numberRange(z.object({ number }), ['toString'])).toBeUndefined()
})
