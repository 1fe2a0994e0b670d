import { zoneLabel } from '@fieldsync/messages'
import { Link, useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { useSignedIn } from '../server/server.ts'

type Props = {
  title: string
  lead?: ReactNode
  /** Where the list is that this page is one of. */
  back?: {
    to:
      | '/devices'
      | '/syncs'
      | '/playbooks'
      | '/observations'
      | '/recommendations'
      | '/services'
      | '/audit'
      | '/people'
    label: string
  }
  actions?: ReactNode
  children: ReactNode
}

/** Names the page in the browser's tab and history. */
export function useTitle(title: string): void {
  const { t } = useMessages()
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
}

/** Moves the focus to the heading of the page, where a screen reader goes on from. */
export const focusHeading = (): void =>
  document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })

/** A page's heading, which has the focus after navigation, with the zone of its times (APP-63), and what is below it. */
export function Page({ title, lead, back, actions, children }: Props) {
  const { t, language } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const { pathname } = useLocation()
  useTitle(title)
  useEffect(() => {
    // A page that was just loaded begins at its top, as the browser has it.
    if (navigator.userActivation.hasBeenActive) focusHeading()
  }, [pathname])
  return (
    <div className="page">
      <div className="page-head">
        <div>
          {back === undefined ? null : (
            <Link to={back.to} className="back">
              ← {back.label}
            </Link>
          )}
          <h1 tabIndex={-1}>{title}</h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
          <p className="zone">{t('times.zone', { zone: zoneLabel(language, timeZone, Date.now()) })}</p>
        </div>
        {actions === undefined ? null : <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
