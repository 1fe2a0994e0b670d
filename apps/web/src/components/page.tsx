import { zoneLabel } from '@fieldsync/messages'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { useSignedIn } from '../server/server.ts'

type Props = {
  title: string
  lead?: ReactNode
  /** Where the list is that this page is one of. */
  back?: { to: '/devices' | '/syncs' | '/playbooks' | '/observations'; label: string }
  actions?: ReactNode
  children: ReactNode
}

/** A page's heading with the zone of its times (APP-63), and what is below it. */
export function Page({ title, lead, back, actions, children }: Props) {
  const { t, language } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
  return (
    <div className="page">
      <div className="page-head">
        <div>
          {back === undefined ? null : (
            <Link to={back.to} className="back">
              ← {back.label}
            </Link>
          )}
          <h1>{title}</h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
          <p className="zone">{t('times.zone', { zone: zoneLabel(language, timeZone, Date.now()) })}</p>
        </div>
        {actions === undefined ? null : <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
