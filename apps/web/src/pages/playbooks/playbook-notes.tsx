import type { ListedPlaybook } from '@fieldsync/contracts'

import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useMay, useSignedIn } from '../../server/server.ts'
import type { Withheld } from './may-publish.ts'

type Props = {
  readonly playbook: ListedPlaybook | undefined
  readonly mayEdit: boolean
  readonly withheld: Withheld | null
  /** The proposal that was just made. */
  readonly proposed: string | null
}

/** What holds for changes of a playbook: that it is retired, that they take two persons, why something is withheld. */
export function PlaybookNotes({ playbook, mayEdit, withheld, proposed }: Props) {
  const { t } = useMessages()
  const { session } = useSignedIn()
  const mayPublish = useMay('playbooks.publish')
  const moment = useMomentText(session.workspace.timeZone)
  const reason = withheld === 'grant' ? (mayPublish ? withheld : null) : mayEdit ? withheld : null
  return (
    <>
      {playbook?.retiredAt === undefined ? null : (
        <p className="note waiting">{t('publish.retired.lead', { at: moment(playbook.retiredAt) })}</p>
      )}
      {proposed === null ? null : (
        <p className="note calm" role="status">
          {t('publish.proposed', { proposal: proposed })}
        </p>
      )}
      {reason === null ? null : <p className="soft">{t(`publish.withheld.${reason}`)}</p>}
    </>
  )
}
