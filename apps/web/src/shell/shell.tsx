import { zoneNameOf } from '@fieldsync/messages'
import { Link, Outlet } from '@tanstack/react-router'

import { useMessages } from '../messages/messages.tsx'
import { useSignedIn } from '../server/server.ts'
import { useLive } from '../server/use-live.ts'
import { NavIcon } from './nav-icon.tsx'
import { Preferences } from './preferences.tsx'

/** What is around every page. */
export function Shell() {
  const { t, language } = useMessages()
  const { session, signOut } = useSignedIn()
  useLive()
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <header className="bar">
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" />
          {t('app.name')}
        </Link>
        <span className="place">
          {session.workspace.name} · {zoneNameOf(language, session.workspace.timeZone)}
        </span>
        <div className="end">
          <span className="who">
            <strong>{session.deviceId}</strong>
            {t(`role.${session.role}`)}
          </span>
          <button type="button" className="plain" onClick={signOut}>
            {t('signOut')}
          </button>
        </div>
      </header>
      <nav className="rail" aria-label={t('nav')}>
        <ul>
          {(['overview', 'devices', 'syncs', 'playbooks', 'observations'] as const).map((name) => (
            <li key={name}>
              <Link
                to={name === 'overview' ? '/' : `/${name}`}
                activeOptions={{ exact: name === 'overview', includeSearch: false }}
              >
                <NavIcon name={name} />
                {t(`${name}.title`)}
              </Link>
            </li>
          ))}
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
