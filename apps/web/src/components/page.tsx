import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'

import { useMessages } from '../messages/messages.tsx'

type Props = {
  title: string
  lead?: ReactNode
  /** Where the list is that this page is one of. */
  back?: { to: '/devices' | '/syncs' | '/playbooks' | '/observations'; label: string }
  actions?: ReactNode
  children: ReactNode
}

/** A page's heading, and what is below it. */
export function Page({ title, lead, back, actions, children }: Props) {
  const { t } = useMessages()
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
        </div>
        {actions === undefined ? null : <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
