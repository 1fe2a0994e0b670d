import { PlaybookId, type SessionGrant } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { isGranted } from './may-publish.ts'

const NOW = Date.parse('2026-11-30T20:00:00Z')
const playbookId = PlaybookId.parse('pbk_yolo_grape')
const grant = (part: Partial<SessionGrant> = {}): SessionGrant => ({
  playbookId: null,
  path: '',
  actions: ['publish'],
  notBefore: null,
  expiresAt: null,
  ...part,
})

it.each([
  ['where the server names no grants', undefined, true, true],
  ['without one', [], false, false],
  ['with one for everything', [grant()], true, true],
  ['with one for this playbook', [grant({ playbookId })], true, true],
  ['with one for another', [grant({ playbookId: PlaybookId.parse('pbk_other') })], false, false],
  ['with one for a part', [grant({ path: '/rules/rule_pm_moderate' })], true, false],
  ['with one to edit', [grant({ actions: ['edit', 'create', 'delete'] })], false, false],
  ['before it begins', [grant({ notBefore: '2026-11-30T20:00:00.001Z' })], false, false],
  ['from its beginning', [grant({ notBefore: '2026-11-30T20:00:00Z' })], true, true],
  ['at its end', [grant({ expiresAt: '2026-11-30T20:00:00Z' })], false, false],
] as const)('[APP-89] publishing is granted %s: some %#', (_, grants, some, all) => {
  const asked = { playbookId, action: 'publish' } as const
  expect(isGranted(grants, { ...asked, all: false }, NOW)).toBe(some)
  expect(isGranted(grants, { ...asked, all: true }, NOW)).toBe(all)
})
