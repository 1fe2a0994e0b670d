import type { SyncDetail } from '@fieldsync/contracts'

import { useMessages, useMoment } from '../../messages/messages.tsx'
import { Badge } from '../../parts/badge.tsx'
import { useSignedIn } from '../../server/server.ts'

/** Each conflict of a batch: why, what its device should do, and what has been done. */
export function ToldConflicts({ conflicts }: { conflicts: SyncDetail['toldConflicts'] }) {
  const { t } = useMessages()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  if (conflicts.length === 0) return <p className="soft">{t('sync.noConflicts')}</p>
  return (
    <ul className="diff">
      {conflicts.map((conflict) => (
        <li key={conflict.conflictId}>
          <div className="row">
            <Badge tone={conflict.open ? 'clash' : 'settled'}>
              {t(conflict.open ? 'sync.open' : 'sync.resolved')}
            </Badge>
            <strong>{t(`code.${conflict.code}`)}</strong>
            <code className="soft">{conflict.code}</code>
          </div>
          <p>{t(`why.${conflict.code}`)}</p>
          <p className="soft">
            {t(`entity.${conflict.entityType}`)} <code>{conflict.entityId}</code> · {conflict.message}
          </p>
          {(conflict.issues ?? []).map(({ path, message }) => (
            <p key={`${path} ${message}`} className="soft">
              <code>{path}</code> {message}
            </p>
          ))}
          <p>
            {conflict.resolvedAt === null
              ? t('sync.todo', { todo: t(`resolution.${conflict.resolution}`) })
              : t('sync.done', { as: conflict.resolvedAs ?? '–', at: moment(conflict.resolvedAt) })}
          </p>
        </li>
      ))}
    </ul>
  )
}
