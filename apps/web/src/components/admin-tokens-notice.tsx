import type { WorkspaceSettings } from '@fieldsync/contracts'
import { Link } from '@tanstack/react-router'

import { useMessages } from '../messages/messages.tsx'

/** For admins, while some of them may call with a token that others could learn (WSP-5). */
export function AdminTokensNotice({ settings }: { settings: WorkspaceSettings | undefined }) {
  const { t } = useMessages()
  if (settings === undefined || settings.deviceTokens.mode === 'refused') return null
  const { admins } = settings.preShared
  if (admins === 0) return null
  return (
    <div className="note waiting" role="note">
      <p>{t('settings.adminTokens', { count: admins })}</p>
      <Link to="/devices" search={{ credential: 'preShared' }}>
        {t('settings.tokens.list')}
      </Link>
    </div>
  )
}
