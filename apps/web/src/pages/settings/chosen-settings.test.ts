import { DeviceId, type DeviceTokens, type WorkspaceSettings } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { changeOf, changesAnything, type ChosenSettings, chosenOf } from './chosen-settings.ts'

const timeZone = 'America/Los_Angeles'
const now = Date.parse('2026-11-30T20:00:00Z')

const settings = (deviceTokens: DeviceTokens): WorkspaceSettings => ({
  version: 3,
  confirmKeys: false,
  fourEyes: false,
  deviceTokens,
  weather: 'demo',
  secondFactor: 'optional',
  changedAt: '2026-11-30T19:00:00.000Z',
  changedBy: DeviceId.parse('dev_admin'),
  preShared: { devices: 2, admins: 1 },
})
const ALLOWED = settings({ mode: 'allowed' })

/** What a form changes in which a person has chosen something. */
const change = (stored: WorkspaceSettings, part: Partial<ChosenSettings>) =>
  changeOf({ ...chosenOf(stored, timeZone), ...part }, stored, { timeZone, now })

it.each<[string, DeviceTokens]>([
  ['allowed', { mode: 'allowed' }],
  ['refused', { mode: 'refused' }],
  ['until a moment', { mode: 'until', until: '2026-12-24T17:30:15.000Z' }],
  ['until a moment that has passed', { mode: 'until', until: '2026-11-30T19:59:00.000Z' }],
])('[WSP-6] tokens %s are left alone by a change of something else', (_, deviceTokens) => {
  const stored = settings(deviceTokens)
  expect(changesAnything(change(stored, {}))).toBe(false)
  expect(change(stored, { confirmKeys: true })).toEqual({ baseVersion: 3, confirmKeys: true })
})

it('[WSP-6] a moment is one of the workspace’s clock, and in the future', () => {
  const until = (text: string) => change(ALLOWED, { mode: 'until', until: text })
  expect(until('2026-12-24T09:30')).toEqual({
    baseVersion: 3,
    deviceTokens: { mode: 'until', until: '2026-12-24T17:30:00.000Z' },
  })
  for (const text of ['', '2026-11-30T11:59', '2026-11-30T12:00']) {
    expect(until(text)).toBeUndefined()
    expect(changesAnything(until(text))).toBe(true)
  }
  const limited = settings({ mode: 'until', until: '2026-12-24T17:30:00.000Z' })
  expect(change(limited, { until: '2026-12-25T09:30' })).toMatchObject({
    deviceTokens: { until: '2026-12-25T17:30:00.000Z' },
  })
  expect(change(limited, { mode: 'allowed' })).toEqual({ baseVersion: 3, deviceTokens: { mode: 'allowed' } })
  // Typed, and then not chosen.
  expect(changesAnything(change(ALLOWED, { until: '2026-12-24T09:30' }))).toBe(false)
})

it('[WSP-7] weather is changed alone, and is live where an earlier server does not name it', () => {
  expect(change(ALLOWED, { weather: 'off' })).toEqual({ baseVersion: 3, weather: 'off' })
  const { weather: _, ...earlier } = ALLOWED
  expect(chosenOf(earlier, timeZone)).toMatchObject({ weather: 'live' })
  expect(change(earlier, { weather: 'live' })).toEqual({ baseVersion: 3 })
})

it('[WSP-8] a second factor is required alone, and optional where an earlier server does not name it', () => {
  expect(change(ALLOWED, { secondFactor: 'required' })).toEqual({ baseVersion: 3, secondFactor: 'required' })
  const { secondFactor: _, ...earlier } = ALLOWED
  expect(change(earlier, { secondFactor: 'optional' })).toEqual({ baseVersion: 3 })
})
