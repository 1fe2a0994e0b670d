import type { PlaybookId, SessionGrant } from '@fieldsync/contracts'
import { parsePointer, playbookGrant, uncoveredChanges } from '@fieldsync/domain'

import type { Texts } from '../messages/messages.ts'

/**
 * Why a value of a playbook may not be changed now, by what the server last said that the device was granted (GRA-15); undefined
 * where it may, or where that is not known.
 */
export function grantText(
  { t, formats }: Pick<Texts, 't' | 'formats'>,
  grants: readonly SessionGrant[] | null,
  value: { readonly playbookId: PlaybookId; readonly pointer: string },
  now: number,
): string | undefined {
  const path = parsePointer(value.pointer)
  if (!grants || !path) return undefined
  const edit = { path, action: 'edit' } as const
  const [missing] = uncoveredChanges(grants.map(playbookGrant), value.playbookId, [edit], new Date(now))
  if (!missing) return undefined
  const { outOfForce } = missing
  if (!outOfForce) return t('grant.missing')
  const { notBefore, expiresAt } = outOfForce
  if (notBefore !== null && notBefore.getTime() > now)
    return t('grant.begins', { at: formats.moment(notBefore.getTime(), now) })
  return t('grant.ended', { at: formats.moment(expiresAt?.getTime() ?? now, now) })
}
