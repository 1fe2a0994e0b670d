import { CONFLICT_CODES, DeviceId } from '@fieldsync/contracts'
import { openDatabase } from '@fieldsync/db'
import {
  type AdminContext,
  createDevice,
  createWorkspace,
  listDevices,
  systemClock,
  verifyAudit,
  Runtime,
  systemContext,
} from '@fieldsync/services'
import { testDatabase } from '@fieldsync/testkit'
import { pino } from 'pino'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'

import { adminRequest } from '../../verb-request.ts'
import { DEMO_WORKSPACE } from '../demo-workspace.ts'
import { CREW, SPARE } from './crew.ts'
import { fillDemo } from './fill-demo.ts'
import type { SeasonProgress } from './play-season.ts'
import { seasonScript } from './season-script.ts'

const SIZE = { days: 9, observations: 300 }
const NEVER = new AbortController().signal
const logger = pino({ level: 'silent' })
const stack = new AsyncDisposableStack()
afterAll(() => stack.disposeAsync())

let ctx: AdminContext
let query: <Row>(text: string) => Promise<Row[]>

beforeEach(async () => {
  const { appUrl } = await testDatabase()
  const db = openDatabase({ url: appUrl })
  stack.defer(() => db.close())
  const runtime = new Runtime({ db, pepper: Buffer.alloc(32, 7) })
  ctx = { runtime, clock: systemClock, request: adminRequest('system') }
  query = async <Row>(text: string) => (await db.pool.query(text)).rows as Row[]
})

const fill = (signal = NEVER, onProgress: (progress: SeasonProgress) => void = () => undefined) =>
  fillDemo({ ctx, logger, signal, onProgress, size: SIZE })

describe('the demo season', () => {
  it('[RUN-12] goes through the server’s own handler, over its days: conflicts of every kind, a chain that verifies, phones in every state', async () => {
    const filled = await fill()
    expect(filled).toMatchObject({ outcome: 'filled', token: expect.stringMatching(/^fsd_/) })
    const codes = await query<{ code: string; open: number }>(
      'SELECT code, count(*) FILTER (WHERE resolved_at IS NULL)::int AS open FROM sync_conflicts GROUP BY code',
    )
    expect(codes.map(({ code }) => code).toSorted()).toEqual(CONFLICT_CODES.toSorted())
    expect(codes.some(({ open }) => open > 0)).toBe(true)
    expect(codes.some(({ open }) => open === 0)).toBe(true)
    const [stored] = await query<{ n: number; devices: number }>(
      'SELECT count(*)::int AS n, count(DISTINCT device_id)::int AS devices FROM observations',
    )
    if (!stored || filled.outcome !== 'filled') throw new Error('nothing was stored')
    expect(stored.n).toBe(filled.observations)
    expect(stored.n).toBeGreaterThan(0.8 * SIZE.observations)
    expect(stored.n).toBeLessThan(1.6 * SIZE.observations)
    const [{ versions } = { versions: 0 }] = await query<{ versions: number }>(
      'SELECT count(*)::int AS versions FROM playbook_versions',
    )
    expect(versions).toBeGreaterThan(6)
    const devices = (
      await listDevices({ ctx: await systemContext(ctx, DEMO_WORKSPACE), input: {} })
    ).items.toJSON()
    expect(devices).toHaveLength(CREW.length + 1)
    expect(devices.filter(({ revokedAt }) => revokedAt !== null)).toHaveLength(1)
    expect(devices.find(({ deviceId }) => deviceId === SPARE.deviceId)).toMatchObject({ lastSeenAt: null })
    expect(await verifyAudit({ ctx: await systemContext(ctx, DEMO_WORKSPACE), input: {} })).toMatchObject({
      ok: true,
    })
    // By the clock of the server.
    const [{ days } = { days: 0 }] = await query<{ days: number }>(
      'SELECT count(DISTINCT received_at::date)::int AS days FROM sync_events',
    )
    expect(days).toBeGreaterThanOrEqual(SIZE.days)
  })

  it('[RUN-12] that was interrupted is completed by the next start, and a third one leaves it alone', async () => {
    const interrupted = new AbortController()
    const half = fill(interrupted.signal, ({ done, of }) => {
      if (done > of / 2) interrupted.abort(new Error('the power went'))
    })
    await expect(half).rejects.toThrow('the power went')
    const [before] = await query<{ n: number }>('SELECT count(*)::int AS n FROM sync_events')
    const filled = await fill()
    expect(filled).toMatchObject({ outcome: 'filled' })
    const [after] = await query<{ n: number; twice: number }>(
      'SELECT count(*)::int AS n, (count(*) - count(DISTINCT sync_id))::int AS twice FROM sync_events',
    )
    expect(after?.n).toBeGreaterThan(before?.n ?? 0)
    expect(after?.twice).toBe(0)
    expect(await fill()).toEqual({ outcome: 'already_filled' })
    expect(await verifyAudit({ ctx: await systemContext(ctx, DEMO_WORKSPACE), input: {} })).toMatchObject({
      ok: true,
    })
  })

  it('[RUN-12] leaves a workspace alone that has devices of its own', async () => {
    await createWorkspace({ ctx, input: { workspaceId: DEMO_WORKSPACE } })
    const deviceId = DeviceId.parse('dev_of_their_own')
    await createDevice({ ctx: await systemContext(ctx, DEMO_WORKSPACE), input: { deviceId, role: 'scout' } })
    expect(await fill()).toEqual({ outcome: 'in_use' })
    expect(await query('SELECT 1 FROM observations')).toEqual([])
  })

  it('is the same for its seed', () => {
    const options = { seed: 'one', end: new Date('2026-02-11T18:00:00Z'), ...SIZE }
    expect(seasonScript(options)).toEqual(seasonScript(options))
    expect(seasonScript({ ...options, seed: 'two' })).not.toEqual(seasonScript(options))
  })
})
