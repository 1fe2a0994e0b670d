import {
  CONFLICT_CODES,
  DEVICE_CREDENTIALS,
  DEVICE_STATES,
  Issue,
  OBSERVATION_STATUSES,
  ProposalState,
  RECOMMENDATION_STATUSES,
  SECURITY_KINDS,
  Severity,
  WIPE_STATES,
} from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router'

import { Page } from '../components/page.tsx'
import { useMessages } from '../messages/messages.tsx'
import { Shell } from '../shell/shell.tsx'

/**
 * Waits until the starting script has got the files of all pages from whichever server has them (APP-41). What it could
 * not get fails here, and the router then reloads the page, once.
 */
const loaded =
  <T,>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    await globalThis.fieldsyncLater
    return await load()
  }

const root = createRootRoute({ component: Shell, notFoundComponent: MissingPage, errorComponent: BrokenPage })
const getParentRoute = () => root

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    component: lazyRouteComponent(
      loaded(() => import('../pages/overview/overview.tsx')),
      'Overview',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/devices',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...choice('state', DEVICE_STATES, raw),
      ...choice('credential', DEVICE_CREDENTIALS, raw),
      ...choice('wipe', WIPE_STATES, raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/devices/devices.tsx')),
      'Devices',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/devices/$deviceId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/devices/device.tsx')),
      'DevicePage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/syncs',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...text('deviceId', raw),
      ...choice('code', CONFLICT_CODES, raw),
      ...text('from', raw),
      ...text('to', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/syncs/syncs.tsx')),
      'Syncs',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/syncs/$deviceId/$syncId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/syncs/sync.tsx')),
      'SyncPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/playbooks',
    component: lazyRouteComponent(
      loaded(() => import('../pages/playbooks/playbooks.tsx')),
      'Playbooks',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/playbooks/$playbookId',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...text('older', raw),
      ...text('newer', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/playbooks/playbook.tsx')),
      'PlaybookPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/playbooks/$playbookId/grants',
    component: lazyRouteComponent(
      loaded(() => import('../pages/grants/grants.tsx')),
      'GrantsPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/proposals',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...choice('state', ProposalState.options, raw),
      ...text('playbookId', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/playbooks/all-proposals.tsx')),
      'AllProposals',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/observations',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...text('text', raw),
      ...text('deviceId', raw),
      ...choice('status', OBSERVATION_STATUSES, raw),
      ...choice('issue', Issue.options, raw),
      ...choice('severity', Severity.options, raw),
      ...text('fieldBlock', raw),
      ...text('from', raw),
      ...text('to', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/observations/observations.tsx')),
      'Observations',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/observations/$observationId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/observations/observation.tsx')),
      'ObservationPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/recommendations',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...choice('status', RECOMMENDATION_STATUSES, raw),
      ...choice('issue', Issue.options, raw),
      ...text('playbookId', raw),
      ...text('from', raw),
      ...text('to', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/recommendations/recommendations.tsx')),
      'Recommendations',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/recommendations/$recommendationId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/recommendations/recommendation.tsx')),
      'RecommendationPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/audit',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...text('deviceId', raw),
      ...text('personId', raw),
      ...text('recordId', raw),
      ...text('path', raw),
      ...text('action', raw),
      ...text('from', raw),
      ...text('to', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/audit/audit.tsx')),
      'Audit',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/people',
    validateSearch: (raw: Record<string, unknown>) => text('cursor', raw),
    component: lazyRouteComponent(
      loaded(() => import('../pages/people/people.tsx')),
      'People',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/people/$personId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/people/person.tsx')),
      'PersonPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/account',
    component: lazyRouteComponent(
      loaded(() => import('../pages/account/account.tsx')),
      'Account',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/services',
    validateSearch: (raw: Record<string, unknown>) => text('cursor', raw),
    component: lazyRouteComponent(
      loaded(() => import('../pages/services/services.tsx')),
      'Services',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/audit/$entryId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/audit/entry.tsx')),
      'AuditEntryPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/security',
    validateSearch: (raw: Record<string, unknown>) => ({
      ...choice('kind', SECURITY_KINDS, raw),
      ...text('deviceId', raw),
      ...text('from', raw),
      ...text('to', raw),
      ...text('cursor', raw),
    }),
    component: lazyRouteComponent(
      loaded(() => import('../pages/security/security.tsx')),
      'SecurityLogPage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/services/$serviceId',
    component: lazyRouteComponent(
      loaded(() => import('../pages/services/service.tsx')),
      'ServicePage',
    ),
  }),
  createRoute({
    getParentRoute,
    path: '/settings',
    component: lazyRouteComponent(
      loaded(() => import('../pages/settings/settings.tsx')),
      'Settings',
    ),
  }),
] as const

/** Loads the code of every page, so that each opens also while the server is away, or has been replaced by a newer one. */
export async function loadPages(): Promise<void> {
  await Promise.all(routes.map(async ({ options }) => await options.component?.preload?.()))
}

export const router = createRouter({
  routeTree: root.addChildren([...routes]),
  defaultPreload: 'intent',
  defaultErrorComponent: BrokenPage,
})

declare global {
  /** The starting script's; absent where the console was not started by it. */
  var fieldsyncLater: Promise<unknown> | undefined
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

/** One member of an address's search: a text, however it was parsed; left out where there is none. */
export function text<N extends string>(name: N, raw: Record<string, unknown>): { [K in N]?: string } {
  const value = raw[name]
  const found = typeof value === 'number' ? String(value) : value
  return (typeof found === 'string' && found !== '' ? { [name]: found } : {}) as { [K in N]?: string }
}

/** The same for one of some words; another is as none. */
export function choice<N extends string, V extends string>(
  name: N,
  allowed: readonly V[],
  raw: Record<string, unknown>,
): { [K in N]?: V } {
  const found = allowed.find((each) => each === raw[name])
  return (found === undefined ? {} : { [name]: found }) as { [K in N]?: V }
}

/** For an address that is no page. */
function MissingPage() {
  const { t } = useMessages()
  return (
    <Page title={t('missing.title')} lead={t('missing.lead')}>
      <p>
        <Link to="/">{t('missing.home')}</Link>
      </p>
    </Page>
  )
}

/** For a page that has failed: whatever it was, the rest of the console still works. */
function BrokenPage() {
  const { t } = useMessages()
  return (
    <Page title={t('broken.title')} lead={t('broken.lead')}>
      <p>
        <Button onClick={() => globalThis.location.reload()}>{t('broken.reload')}</Button>
      </p>
    </Page>
  )
}
