import type { GrantAction, Session, SessionGrant } from '@fieldsync/contracts'

import { useMay, useSignedIn } from '../../server/server.ts'

/** Why somebody whose role may publish may not do it here and now. */
export type Withheld = 'four_eyes' | 'grant'

export type MayPublish = {
  /** Whether the role has it at all: what it lacks is not shown. */
  readonly isShown: boolean
  readonly withheld: Withheld | null
  /** Whether it becomes a proposal. */
  readonly proposes: boolean
}

/** A person is a device of a workspace with an id of its own kind. */
export const isPerson = ({ deviceId }: Pick<Session, 'deviceId'>): boolean => deviceId.startsWith('dev_web_')

/**
 * Whether a grant in force lets the caller do something somewhere in a playbook, or with all of it. Which places a change
 * touches, the server looks at.
 */
export function isGranted(
  grants: readonly SessionGrant[] | undefined,
  { playbookId, action, all }: { playbookId: string; action: GrantAction; all: boolean },
  now: number,
): boolean {
  if (grants === undefined) return true
  return grants.some(
    (grant) =>
      (grant.playbookId === null || grant.playbookId === playbookId) &&
      grant.actions.includes(action) &&
      (!all || grant.path === '') &&
      (grant.notBefore === null || Date.parse(grant.notBefore) <= now) &&
      (grant.expiresAt === null || now < Date.parse(grant.expiresAt)),
  )
}

/** What the session says of publishing a playbook; `all` where it takes all of the playbook, as to retire it. */
export function useMayPublish(playbookId: string, all = false): MayPublish {
  const { session } = useSignedIn()
  const isShown = useMay('playbooks.publish')
  const fourEyes = session.fourEyes === true
  const granted = isGranted(session.grants, { playbookId, action: 'publish', all }, Date.now())
  const withheld = fourEyes && !isPerson(session) ? 'four_eyes' : granted ? null : 'grant'
  return { isShown, withheld, proposes: fourEyes }
}
