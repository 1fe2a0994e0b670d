import { expect, it } from 'vitest'

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
