import type { SessionGrant } from '@fieldsync/contracts'

import type { PlaybookGrant } from './playbook-grant.ts'

/** A grant as a session names it (GRA-15). */
export const sessionGrant = ({ actions, notBefore, expiresAt, ...grant }: PlaybookGrant): SessionGrant => ({
  ...grant,
  actions: [...actions],
  notBefore: notBefore?.toISOString() ?? null,
  expiresAt: expiresAt?.toISOString() ?? null,
})

/** A grant of a session, or of the list, as the rules read it. */
export const playbookGrant = ({
  playbookId,
  path,
  actions,
  notBefore,
  expiresAt,
}: SessionGrant): PlaybookGrant => ({
  playbookId,
  path,
  actions,
  notBefore: notBefore === null ? null : new Date(notBefore),
  expiresAt: expiresAt === null ? null : new Date(expiresAt),
})
