import { expect, it } from 'vitest'

import { ownZoneLabel } from './workspace-zone.ts'

const SUMMER = Date.UTC(2026, 6, 15)
const WINTER = Date.UTC(2026, 0, 15)

it.each([
  ['America/Los_Angeles', SUMMER, 'America/Los_Angeles', null],
  ['America/Los_Angeles', SUMMER, 'America/Phoenix', null],
  ['America/Los_Angeles', WINTER, 'America/Phoenix', 'America/Phoenix (MST)'],
  ['America/Los_Angeles', SUMMER, 'America/Argentina/Mendoza', 'America/Argentina/Mendoza (GMT-3)'],
  ['', SUMMER, 'America/Phoenix', null],
  ['Mars/Olympus', SUMMER, 'America/Phoenix', 'America/Phoenix (MST)'],
])('[APP-63] with a workspace in %j, at %d a phone in %s names %j', (workspace, at, own, label) => {
  expect(ownZoneLabel('en', workspace, at, own)).toBe(label)
})
