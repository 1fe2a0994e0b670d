import { Playbook, PlaybookId } from '@fieldsync/contracts'
import type { ActivePlaybook, PublicationRefusal } from '@fieldsync/domain'
import { playbook } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { publicationRefusal } from './publication-refusal.ts'

const ID = PlaybookId.parse('pbk_ridge')
const active: ActivePlaybook = {
  document: Playbook.parse(playbook({ playbookId: ID, version: 7 })),
  retired: false,
}

describe('a publication that the rules refuse', () => {
  it.each<[rule: string, PublicationRefusal, code: string, message: string, details: object | undefined]>([
    [
      'PUB-1',
      'exists',
      'CONFLICT',
      'There is a playbook pbk_ridge already; publish a version of it.',
      { reason: 'exists' },
    ],
    [
      'PUB-2',
      'version_mismatch',
      'PLAYBOOK_VERSION_MISMATCH',
      'Version 7 is active: look at what has changed, and base yours on it.',
      { activeVersion: 7 },
    ],
    ['PUB-2', 'unchanged', 'CONFLICT', 'This is what version 7 says already.', { reason: 'unchanged' }],
    [
      'PUB-3',
      'unknown_version',
      'NOT_FOUND',
      'There is no earlier version of pbk_ridge in this workspace.',
      undefined,
    ],
    ['PUB-4', 'retired', 'CONFLICT', 'The playbook pbk_ridge is retired already.', { reason: 'retired' }],
  ])('[%s] as %s is %s: %s', (_, reason, code, message, details) => {
    const { code: given, message: text, details: more } = publicationRefusal(reason, ID, active)
    expect({ code: given, message: text, details: more }).toEqual({ code, message, details })
  })

  it('[PUB-2] of a playbook that the workspace does not have is NOT_FOUND', () => {
    expect(publicationRefusal('unknown', ID, undefined)).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no playbook pbk_ridge in this workspace.',
    })
  })
})
