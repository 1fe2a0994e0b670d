import { Recommendation } from '@fieldsync/contracts'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { recommendation } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { textsIn } from '../messages/messages.ts'
import { comparison } from './comparison.ts'

const losing = Recommendation.parse(recommendation())
const conflict: LocalConflict = {
  id: 'c1',
  type: 'recommendation',
  entityId: losing.recommendationId,
  losing,
  foundAt: 0,
  place: '1',
  kind: 'quarantine',
  issues: [],
}
// UTC-09:30, the clock of no machine that runs this test.
const ELSEWHERE = 'Pacific/Marquesas'

it('[APP-63] the window of a recommendation names the zone where the workspace has another one', () => {
  const texts = textsIn('en')
  const windowIn = (zone: string) =>
    comparison(texts, conflict, null, zone).find(({ name }) => name === texts.t('field.timingWindow'))
      ?.mine ?? ''
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  expect(windowIn(own)).toMatch(/ to \d{1,2}:\d\d [AP]M$| to \w+ \d+, .*[AP]M$/)
  expect(windowIn(ELSEWHERE)).toBe(`${windowIn(own)}, ${windowIn(ELSEWHERE).split(', ').at(-1)}`)
  expect(windowIn(ELSEWHERE)).toContain(own)
})
