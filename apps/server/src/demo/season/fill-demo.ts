import {
  type AdminContext,
  createDevice,
  createWorkspace,
  ensureConfiguredDevices,
  listWorkspaces,
  mintToken,
  revokeDevice,
  systemContext,
} from '@fieldsync/services'
import type { Logger } from 'pino'

import { createApp } from '../../http/app.ts'
import { listen } from '../../http/http-server.ts'
import { createRateLimiter, ownRates } from '../../http/rate-limiter.ts'
import { SERVER_VERSION } from '../../version.ts'
import { DEMO_WORKSPACE, NEW_DEMO, demoDevices } from '../demo-workspace.ts'
import { CREW, type Member, OFFICE, SPARE } from './crew.ts'
import { playSeason, type SeasonProgress } from './play-season.ts'
import { seasonScript } from './season-script.ts'

type DemoSize = { days: number; observations: number }
const FULL_SEASON: DemoSize = { days: 42, observations: 4_000 }

/** `token`: of an admin, created by this start. */
export type FilledDemo =
  | { outcome: 'filled'; token: string; observations: number; conflicts: number }
  | { outcome: 'already_filled' | 'in_use' }

const SEED = 'the demo vineyard'
const DAY = 86_400_000

/**
 * Fills the demo workspace with a season that ended just now (RUN-12): a separate server on this database, with the
 * season's clock, is called as phones call it. An interrupted fill is played again from its beginning, with the same
 * result.
 *
 * @returns `in_use` where that workspace has other writes: nothing is written then
 */
export async function fillDemo(options: {
  ctx: AdminContext
  logger: Logger
  signal: AbortSignal
  onProgress: (progress: SeasonProgress) => void
  size?: DemoSize
}): Promise<FilledDemo> {
  const { ctx, logger, signal, onProgress, size = FULL_SEASON } = options
  const accessState = await look(ctx)
  if (accessState !== 'open') return { outcome: accessState }
  const { end } = await begin(ctx, size)
  const clock = { time: end, now: () => clock.time }
  const season: AdminContext = { ...ctx, clock }
  const system = await systemContext(season, DEMO_WORKSPACE)
  const events = seasonScript({ seed: SEED, end, ...size })
  clock.time = new Date(end.getTime() - size.days * DAY)
  const revoked = await revokedBefore(ctx)
  const tokens = await enroll(season)
  const tokenOf = ({ deviceId }: Member) => tokens.get(deviceId) ?? ''
  await using stack = new AsyncDisposableStack()
  const http = await listen('127.0.0.1', 0)
  stack.defer(async () => void (await http.drain(0)))
  const { runtime } = ctx
  const rateLimiter = createRateLimiter(ownRates(undefined))
  http.serve(
    createApp({ runtime, clock, logger, rateLimiter, version: SERVER_VERSION, trustProxy: undefined }),
  )
  const played = await playSeason(events, {
    url: `http://127.0.0.1:${http.address.port}`,
    tokenOf,
    setTime: (at) => {
      clock.time = at
    },
    revoke: async ({ deviceId }) => void (await revokeDevice({ ctx: system, input: { deviceId } })),
    wasRevoked: ({ deviceId }) => revoked.has(deviceId),
    onProgress,
    signal,
  })
  await runtime.deviceStates.flush()
  // Last: it marks the season as complete.
  await createDevice({ ctx: system, input: { deviceId: SPARE.deviceId, role: SPARE.role } })
  const { observations, conflicts } = played
  return { outcome: 'filled', token: tokenOf(OFFICE), observations, conflicts }
}

/** Whether a season can be filled in: an empty demo workspace, or one with an incomplete season. */
async function look(ctx: AdminContext): Promise<'open' | 'already_filled' | 'in_use'> {
  const workspaces = await listWorkspaces({ ctx })
  if (!workspaces.some(({ workspaceId }) => workspaceId === DEMO_WORKSPACE)) return 'open'
  const devices = await demoDevices(ctx)
  const ids = new Set(devices.map(({ deviceId }) => deviceId))
  if (ids.has(SPARE.deviceId)) return 'already_filled'
  const crew = new Set<string>(CREW.map(({ deviceId }) => deviceId))
  return devices.every(({ deviceId }) => crew.has(deviceId)) ? 'open' : 'in_use'
}

/** The workspace; its age defines when the season ended, also for a start that completes it. */
async function begin(ctx: AdminContext, { days }: DemoSize): Promise<{ end: Date }> {
  const known = (await listWorkspaces({ ctx })).find(({ workspaceId }) => workspaceId === DEMO_WORKSPACE)
  if (known) return { end: new Date(known.createdAt.getTime() + days * DAY) }
  const end = ctx.clock.now()
  const clock = { now: () => new Date(end.getTime() - days * DAY) }
  await createWorkspace({ ctx: { ...ctx, clock }, input: NEW_DEMO })
  return { end }
}

async function revokedBefore(ctx: AdminContext): Promise<ReadonlySet<string>> {
  const devices = await demoDevices(ctx)
  return new Set(devices.flatMap(({ deviceId, revokedAt }) => (revokedAt ? [deviceId] : [])))
}

/** The devices, each with a token of its own; one that an earlier start created gets a second token. */
async function enroll(ctx: AdminContext): Promise<ReadonlyMap<string, string>> {
  const configured = CREW.map(({ deviceId, role }) => ({
    workspaceId: DEMO_WORKSPACE,
    deviceId,
    role,
    token: mintToken(),
  }))
  await ensureConfiguredDevices({ ctx, input: configured })
  return new Map(configured.map(({ deviceId, token }) => [deviceId, token]))
}
