import { CONFLICT_CODES, DEVICE_STATES, Issue, OBSERVATION_STATUSES, Severity } from '@fieldsync/contracts'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'

import { Shell } from '../shell/shell.tsx'
import { BrokenPage, MissingPage } from './lost-pages.tsx'
import { choice, text } from './search.ts'

/**
 * Waits until the starting script has got the files of all pages from whichever server has them (APP-41). What it could
 * not get fails here, and the router then loads the page anew, once.
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
