import { DeviceId, type DeviceTokens, type WorkspaceSettings } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { chosenOf, deviceTokensOf, differs } from './chosen-settings.ts'

const ZONE = 'America/Los_Angeles'
const NOW = Date.parse('2026-11-30T20:00:00Z')

const settings = (deviceTokens: DeviceTokens): WorkspaceSettings => ({
  version: 3,
  confirmKeys: false,
  deviceTokens,
  changedAt: '2026-11-30T19:00:00.000Z',
  changedBy: DeviceId.parse('dev_admin'),
  preShared: { devices: 2, admins: 1 },
})

it.each<[string, DeviceTokens]>([
  ['allowed', { mode: 'allowed' }],
  ['refused', { mode: 'refused' }],
  ['until a moment', { mode: 'until', until: '2026-12-24T17:30:00.000Z' }],
])('[WSP-6] tokens %s are shown and meant alike', (_, deviceTokens) => {
  const chosen = chosenOf(settings(deviceTokens), ZONE)
  expect(chosen.baseVersion).toBe(3)
  expect(deviceTokensOf(chosen, ZONE, NOW)).toEqual(deviceTokens)
  expect(differs(chosen, settings(deviceTokens), ZONE)).toBe(false)
})

it('[WSP-6] a moment is one of the workspace’s clock, and in the future', () => {
  const chosen = { ...chosenOf(settings({ mode: 'allowed' }), ZONE), mode: 'until' } as const
  const meant = (until: string) => deviceTokensOf({ ...chosen, until }, ZONE, NOW)
  expect(meant('2026-12-24T09:30')).toEqual({ mode: 'until', until: '2026-12-24T17:30:00.000Z' })
  expect(['', '2026-11-30T11:59', '2026-11-30T12:00'].map(meant)).toEqual([undefined, undefined, undefined])
})

it('[WSP-6] what is chosen differs where it would change something', () => {
  const stored = settings({ mode: 'allowed' })
  const chosen = chosenOf(stored, ZONE)
  expect(differs({ ...chosen, confirmKeys: true }, stored, ZONE)).toBe(true)
  expect(differs({ ...chosen, mode: 'refused' }, stored, ZONE)).toBe(true)
  // A moment that was typed and is not chosen.
  expect(differs({ ...chosen, until: '2026-12-24T09:30' }, stored, ZONE)).toBe(false)
  const limited = settings({ mode: 'until', until: '2026-12-24T17:30:00.000Z' })
  expect(differs({ ...chosenOf(limited, ZONE), until: '2026-12-25T09:30' }, limited, ZONE)).toBe(true)
})
