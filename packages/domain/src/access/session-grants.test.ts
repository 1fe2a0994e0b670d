import { PlaybookId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import type { PlaybookGrant } from './playbook-grant.ts'
import { playbookGrant, sessionGrant } from './session-grants.ts'

it.each<PlaybookGrant>([
  { playbookId: null, path: '', actions: ['edit'], notBefore: null, expiresAt: null },
  {
    playbookId: PlaybookId.parse('pbk_one'),
    path: '/rules',
    actions: ['create', 'publish'],
    notBefore: new Date('2026-06-01T10:00:00Z'),
    expiresAt: new Date('2026-06-02T10:00:00.001Z'),
  },
])('[GRA-15] a grant of a session is the one that the server knows', (grant) => {
  expect(playbookGrant(sessionGrant(grant))).toEqual(grant)
})
