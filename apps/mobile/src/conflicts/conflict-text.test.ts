import type { LocalConflict } from '@fieldsync/sync-engine'
import { expect, it } from 'vitest'

import { textsIn } from '../messages/messages.ts'
import { conflictText } from './conflict-text.ts'

const { t } = textsIn('en')
const refused = (reason?: string) =>
  ({ kind: 'server', conflict: { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', reason } }) as LocalConflict

it.each([
  ['grant', 'grant.missing'],
  ['four_eyes', 'grant.fourEyes.refused'],
  ['retired', 'grant.retired'],
  ['of a later server', 'conflict.PLAYBOOK_PATCH_PATH_NOT_ALLOWED'],
  [undefined, 'conflict.PLAYBOOK_PATCH_PATH_NOT_ALLOWED'],
] as const)(
  '[CNF-14] a change of the playbook that was refused with the reason %s says why',
  (reason, text) => {
    expect(conflictText(t, refused(reason))).toBe(t(text))
  },
)
