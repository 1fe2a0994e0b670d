import { expect, it } from 'vitest'

import { durationText } from './duration-text.ts'
import { textsIn } from './messages.ts'

const MINUTE = 60_000
const { t } = textsIn('en', 'metric')

it.each([
  [0, '0 minutes'],
  [MINUTE, '1 minute'],
  [119.4 * MINUTE, '119 minutes'],
  [119.6 * MINUTE, '2 hours'],
  [47.4 * 60 * MINUTE, '47 hours'],
  [47.6 * 60 * MINUTE, '2 days'],
])('says %d milliseconds in the largest unit that fits', (length, text) => {
  expect(durationText(t, length)).toBe(text)
})
