import { PlaybookId, type SessionGrant } from '@fieldsync/contracts'
import { formatsOf } from '@fieldsync/messages'
import { expect, it } from 'vitest'

import { textsIn } from '../messages/messages.ts'
import { grantText } from './grant-text.ts'

const NOW = Date.parse('2026-06-13T17:05:00Z')
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const value = { playbookId: PlaybookId.parse('pbk_yolo_grape'), pointer: WIND }
const grant = (part: Partial<SessionGrant> = {}): SessionGrant => ({
  playbookId: null,
  path: '',
  actions: ['edit'],
  notBefore: null,
  expiresAt: null,
  ...part,
})
const said = (grants: SessionGrant[] | null) => {
  const { t } = textsIn('en')
  return grantText({ t, formats: formatsOf('en', { timeZone: 'UTC' }) }, grants, value, NOW)?.replaceAll(
    /\s/g,
    ' ',
  )
}

it.each<[what: string, grants: SessionGrant[] | null, text: string | undefined]>([
  ['a server without grants', null, undefined],
  ['a grant for it', [grant({ path: WIND })], undefined],
  ['none', [], 'You have no permission to change this value. Ask your administrator.'],
  [
    'one for its neighbor',
    [grant({ path: `${WIND}x` })],
    'You have no permission to change this value. Ask your administrator.',
  ],
  [
    'one that is over',
    [grant({ expiresAt: '2026-06-13T17:05:00Z' })],
    'Your permission to change this value ended on Jun 13, 5:05 PM. Ask your administrator.',
  ],
  [
    'one that has not begun',
    [grant({ notBefore: '2026-06-13T17:06:00Z' })],
    'Your permission to change this value begins on Jun 13, 5:06 PM.',
  ],
])('[APP-75, GRA-15] the field app says of a value that its device has %s', (_what, grants, text) => {
  expect(said(grants)).toBe(text)
})
