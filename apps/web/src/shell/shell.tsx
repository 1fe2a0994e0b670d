import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { useMay, useSignedIn } from '../server/server.ts'
import { Preferences } from './preferences.tsx'
import { SignOut } from './sign-out.tsx'
import { WorkspaceSwitch } from './workspace-switch.tsx'

/** The least time between two refetches, however busy the workspace is. */
const SETTLE_MS = 500
/** A poke may be lost, and a browser with many tabs has no stream for each: so often they are read in any case. */
const TIMER_MS = 60_000

/** The pages that every role may see. */
const PAGES = ['overview', 'devices', 'syncs', 'playbooks', 'observations', 'recommendations'] as const
const ADMIN_PAGES = ['people', 'services', 'security', 'settings'] as const

/** What is around every page. */
export function Shell() {
  const { t } = useMessages()
  const { session, person } = useSignedIn()
  const isAdmin = useMay('workspace.changeSettings')
  const mayReadAudit = useMay('audit.list')
  useLive()
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <header className={(person?.workspaces.length ?? 0) > 1 ? 'bar choice' : 'bar'}>
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" />
          {t('app.name')}
        </Link>
        <WorkspaceSwitch />
        <div className="end">
          {person === undefined ? (
            <span className="who">
              <strong>{session.deviceId}</strong>
              {t(`role.${session.role}`)}
            </span>
          ) : (
            <Link to="/account" className="who person" title={t('account.title')}>
              <strong>{person.person.name}</strong>
              <span className="role">{t(`role.${session.role}`)}</span>
            </Link>
          )}
          <SignOut />
        </div>
      </header>
      <nav className="rail" aria-label={t('nav')}>
        <ul>
          {[...PAGES, ...(mayReadAudit ? (['audit'] as const) : []), ...(isAdmin ? ADMIN_PAGES : [])].map(
            (name) => (
              <li key={name}>
                <Link
                  to={name === 'overview' ? '/' : `/${name}`}
                  activeOptions={{ exact: name === 'overview', includeSearch: false }}
                >
                  <NavIcon name={name} />
                  {t(`${name}.title`)}
                </Link>
              </li>
            ),
          )}
        </ul>
        <div className="settings">
          <Preferences />
        </div>
      </nav>
      <main id="main" className="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}

/** Refetches what the page shows at every poke, and by a timer (LIV-3). */
function useLive(): void {
  const queries = useQueryClient()
  const { server } = useSignedIn()
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined
    const unsubscribe = server.poke.subscribe(() => {
      waiting ??= setTimeout(() => {
        waiting = undefined
        void queries.invalidateQueries()
      }, SETTLE_MS)
    })
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void queries.invalidateQueries()
    }, TIMER_MS)
    return () => {
      clearInterval(timer)
      clearTimeout(waiting)
      unsubscribe()
    }
  }, [queries, server])
}

const PATHS = {
  overview: 'M4 13h6V4H4v9Zm0 7h6v-4H4v4Zm10 0h6v-9h-6v9Zm0-16v4h6V4h-6Z',
  devices: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm3 15h2',
  syncs: 'M4 9h13l-3.5-3.5M20 15H7l3.5 3.5',
  playbooks: 'M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3V4Zm0 13a3 3 0 0 1 3-3h11M9 8h6',
  observations:
    'M12 4c4 0 7 3.5 8.5 8-1.5 4.500-4.500 8-8.500 8s-7-3.500-8.500-8C5 7.500 8 4 12 4Zm0 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z',
  recommendations: 'M12 7v5l3.500 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  audit: 'M7 3h10a1 1 0 0 1 1 1v17l-3-2-3 2-3-2-3 2V4a1 1 0 0 1 1-1Zm2 5h6m-6 4h6',
  people:
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6 9a6 6 0 0 1 12 0M16 4.500a3.500 3.500 0 0 1 0 6.300M21 20a6 6 0 0 0-4-5.650',
  services: 'M9 3v5m6-5v5M6 8h12v4a6 6 0 0 1-12 0V8Zm6 10v3',
  security: 'M12 3 5 6v6c0 4.500 3 7.500 7 9 4-1.500 7-4.500 7-9V6l-7-3Zm0 5v5m0 3v.5',
  settings: 'M4 7h9m5 0h2M4 17h2m5 0h9M13 4.500h5v5h-5v-5Zm-7 10h5v5H6v-5Z',
} as const

/** A sign beside the word; the word says it. */
function NavIcon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
