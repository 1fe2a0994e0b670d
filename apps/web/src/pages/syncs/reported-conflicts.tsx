import { ConflictResolution, type SyncDetail } from '@fieldsync/contracts'

import { Badge } from '../../components/badge.tsx'
import { ServerText } from '../../components/error-note.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import type { T } from '../../messages/translate.ts'
import { useSignedIn } from '../../server/server.ts'
import { nameOf } from '../playbooks/value-text.ts'

/** Each conflict of a batch: why, what its device should do, and what has been done. */
export function ReportedConflicts({ conflicts }: { conflicts: SyncDetail['toldConflicts'] }) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  if (conflicts.length === 0) return <p className="soft">{t('sync.noConflicts')}</p>
  return (
    <ul className="diff">
      {conflicts.map((conflict) => (
        <li key={conflict.conflictId}>
          <div className="row">
            <Badge tone={conflict.open ? 'clash' : 'settled'}>
              {t(conflict.open ? 'sync.open' : 'sync.resolved')}
            </Badge>
            <strong title={conflict.code}>{t(`code.${conflict.code}`)}</strong>
          </div>
          <p>{t(`why.${conflict.code}`)}</p>
          <p className="soft">
            {t(`entity.${conflict.entityType}`)} <code>{conflict.entityId}</code>
          </p>
          {(conflict.issues ?? []).map(({ path, message }) => (
            // The record itself is on its device alone: here is known where, and what the server says of it.
            <div key={`${path} ${message}`} className="soft">
              {placeOf(path, t)}
              {t('breach.unknown')}
              <ServerText text={`${path} ${message}`.trim()} />
            </div>
          ))}
          <p>
            {conflict.resolvedAt === null
              ? t('sync.todo', { todo: t(`resolution.${conflict.resolution}`) })
              : t('sync.done', { as: doneAs(conflict.resolvedAs, t), at: moment(conflict.resolvedAt) })}
          </p>
        </li>
      ))}
    </ul>
  )
}

/** What an issue is about, with a colon: a value of the record, or a change of a playbook; empty for the whole record. */
function placeOf(path: string, t: T): string {
  if (path === '') return ''
  const segments = path.split('/').slice(1)
  return `${segments[0] === 'operations' ? t('entity.playbookPatch') : nameOf(segments, t)}: `
}

const RESOLVED_AS = [...ConflictResolution.options, 'discard'] as const

/** What was done about it, in the person's language; what a newer device reports, as it says. */
function doneAs(resolvedAs: string | null, t: T): string {
  const known = RESOLVED_AS.find((each) => each === resolvedAs)
  return known === undefined ? (resolvedAs ?? '–') : t(`resolved.${known}`)
}
