import { expect, it } from 'vitest'

import { listSearch } from './list-search.ts'

const SEARCHES = [
  { state: 'conflicts', cursor: 'c2' },
  { deviceId: 'dev_anna', code: 'OBSERVATION_IMMUTABLE', from: '2026-02-11T10:00:00.000Z', cursor: 'c2' },
  { text: 'leaves', status: 'draft', issue: 'other', cursor: 'c2' },
  { cursor: 'c2' },
  {},
]

it.each(SEARCHES)(
  '[APP-45] of %j other filters begin at their first page, and replace all that were there',
  (search) => {
    const shown: object[] = []
    const { apply } = listSearch(search, (to) => shown.push(to.search))
    apply({ text: 'rust' })
    apply({})
    expect(shown).toEqual([{ text: 'rust' }, {}])
  },
)

it.each(SEARCHES)('of %j another page keeps the filters', (search) => {
  const shown: object[] = []
  const { go, values, cursor } = listSearch(search, (to) => shown.push(to.search))
  go('c3')
  go(undefined)
  expect(shown).toEqual([{ ...values, cursor: 'c3' }, values])
  expect({ ...values, ...(cursor === undefined ? {} : { cursor }) }).toEqual(search)
})
