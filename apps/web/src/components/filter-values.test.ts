import { describe, expect, it } from 'vitest'

import { appliedValues, deviceMeant, type FilterValues, MOST_OFFERED, shownText } from './filter-values.ts'

const ZONES = ['UTC', 'America/Los_Angeles', 'America/Argentina/Mendoza', 'Asia/Kolkata']
const FILTERS = [
  { kind: 'text', name: 'text' },
  { kind: 'device', name: 'deviceId' },
  { kind: 'choice', name: 'status' },
  { kind: 'moment', name: 'from' },
  { kind: 'moment', name: 'to' },
] as const
const known = ['dev_anna', 'dev_ben', 'dev_benita']

/** What a form over these values has in its fields. */
const shownIn = (timeZone: string, values: FilterValues) =>
  Object.fromEntries(FILTERS.map(({ name, kind }) => [name, shownText(kind, values[name], timeZone)]))

/** Every quarter of an hour of two days around a change of the clock in Los Angeles, with seconds. */
const INSTANTS = ['2026-03-07T20:00:07.250Z', '2026-10-31T20:00:59.000Z'].flatMap((first) =>
  Array.from({ length: 192 }, (_, quarter) => new Date(Date.parse(first) + quarter * 900_000).toISOString()),
)

describe.each(ZONES)('filters of a workspace in %s', (timeZone) => {
  it('[APP-45] stay what they are however often they are applied', () => {
    const moved = INSTANTS.filter((at) => {
      const values = { text: 'leaves', deviceId: 'dev_anna', status: 'draft', from: at, to: at }
      const applied = appliedValues(FILTERS, shownIn(timeZone, values), { values, timeZone, known })
      return JSON.stringify(applied) !== JSON.stringify(values)
    })
    expect(moved).toEqual([])
  })

  it('[APP-45] mean the clock that they show, and show again what was typed', () => {
    for (const typed of ['2026-02-11T10:07', '2026-06-14T23:59', '2026-12-31T00:00']) {
      const values = appliedValues(FILTERS, { from: typed }, { values: {}, timeZone, known })
      expect(shownIn(timeZone, values)['from']).toBe(typed)
      const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
      expect(clock.format(Date.parse(values['from'] ?? ''))).toBe(typed.replace('T', ' '))
    }
  })
})

it('[APP-45] a filter that is cleared leaves the address, with whatever else was in it', () => {
  const values = { text: 'leaves', status: 'draft', from: '2026-02-11T10:07:00.000Z', cursor: 'a-page' }
  const shown = shownIn('UTC', values)
  const around = { values, timeZone: 'UTC', known }
  expect(appliedValues(FILTERS, { ...shown, status: '' }, around)).toEqual({
    text: 'leaves',
    from: '2026-02-11T10:07:00.000Z',
  })
  expect(appliedValues(FILTERS, { ...shown, from: '', text: '  ' }, around)).toEqual({ status: 'draft' })
  expect(appliedValues(FILTERS, {}, around)).toEqual({})
})

it('[APP-45] a moment that is no moment is shown as none, and refused by the server rather than dropped', () => {
  expect(shownText('moment', 'bad', 'UTC')).toBe('')
  const around = { values: {}, timeZone: 'UTC', known }
  expect(appliedValues(FILTERS, { from: 'tomorrow' }, around)).toEqual({ from: 'tomorrow' })
})

it.each([
  ['dev_ben', 'dev_ben'],
  ['ANNA', 'dev_anna'],
  ['benita', 'dev_benita'],
  ['ben', undefined],
  ['carla', undefined],
  ['dev_carla', undefined],
])('[APP-45] by %j among the devices %j is meant', (text, meant) => {
  expect(deviceMeant(text, known)).toBe(meant)
})

it('[APP-45] a device beyond those that are offered is found by its whole id alone', () => {
  const many = Array.from({ length: MOST_OFFERED }, (_, index) => `dev_scout_${index}`)
  expect(deviceMeant('dev_carla', many)).toBe('dev_carla')
  expect(deviceMeant('carla', many)).toBeUndefined()
  expect(deviceMeant('dev_carla', [])).toBe('dev_carla')
})
