import { DeviceId, type SecurityEventsInput } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { SecurityLog, type SecurityNote } from '../core/security-log.ts'
import { ServiceError } from '../core/service-error.ts'
import { SCANNED_ROWS } from '../lists/keyset.ts'
import { pruneExpired } from '../retention/prune.ts'
import { followPages } from '../testing/follow-pages.ts'
import { holdWrites } from '../testing/gate.ts'
import { testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { listAllSecurityEvents, listSecurityEvents } from './list.ts'

const services = await testServices()
const at = services.clock.now()

const note = (fields: Partial<SecurityNote> = {}): SecurityNote => ({
  kind: 'credential',
  reason: 'invalid',
  at,
  address: '192.0.2.1',
  ...fields,
})
const list = async ({ workspaceId }: TestWorkspace, input: SecurityEventsInput = {}) =>
  await listSecurityEvents({ ctx: await services.system(workspaceId), input })
const of = ({ workspaceId }: TestWorkspace, deviceId = 'dev_scout_1') => ({
  about: { workspaceId, deviceId },
})

describe('the security log', () => {
  it('[AUD-20] counts what several servers refuse in one minute in one row', async () => {
    const workspace = await services.workspace()
    const [one, other] = [new SecurityLog(services.db), new SecurityLog(services.db)]
    for (let i = 0; i < 3; i++) one.note(note(of(workspace)))
    other.note(note({ ...of(workspace), address: '192.0.2.7', at: new Date(at.getTime() + 1000) }))
    await Promise.all([one.flush(), other.flush()])
    one.note(note({ ...of(workspace), at: new Date(at.getTime() + 60_000) }))
    await one.flush()
    expect((await list(workspace)).items.toJSON()).toMatchObject([
      { count: 1 },
      {
        minute: at.toISOString(),
        count: 4,
        address: '192.0.2.7',
        deviceId: 'dev_scout_1',
        reason: 'invalid',
      },
    ])
  })

  it('[AUD-20] begins 200 rows a minute at most, and counts the rest together', async () => {
    const log = new SecurityLog(services.db)
    for (let i = 0; i < 1000; i++)
      log.note(note({ kind: 'enrollment', about: { workspaceId: 'ws_many', deviceId: `dev_${i}` } }))
    expect(log.size).toBe(201)
    await log.flush()
    const { rows } = await services.db.pool.query<{ rows: number; count: number }>(
      `SELECT count(*)::int AS rows, sum(count)::int AS count FROM security_events WHERE kind = 'enrollment'`,
    )
    expect(rows).toEqual([{ rows: 201, count: 1000 }])
  })

  it('[AUD-20][OPS-79] shows admins what is of their workspace, page by page, and the operator all of it', async () => {
    const [workspace, neighbor] = [await services.workspace(), await services.workspace()]
    const log = new SecurityLog(services.db)
    for (const reason of ['revoked', 'expired', 'wipe']) log.note(note({ ...of(workspace), reason }))
    log.note(note({ ...of(neighbor), reason: 'revoked' }))
    log.note(note({ reason: 'unknown_token' }))
    await log.flush()
    const first = await list(workspace, { limit: 2 })
    const second = await list(workspace, { limit: 2, cursor: first.nextCursor ?? '' })
    expect([...first.items.toJSON(), ...second.items.toJSON()].map(({ reason }) => reason).sort()).toEqual([
      'expired',
      'revoked',
      'wipe',
    ])
    expect(second.nextCursor).toBeNull()
    const all = await listAllSecurityEvents({ ctx: services.admin })
    expect(all).toContainEqual(expect.objectContaining({ workspaceId: null, reason: 'unknown_token' }))
    expect(all).toContainEqual(expect.objectContaining({ workspaceId: neighbor.workspaceId }))
    const scout = await workspace.device('dev_scout_2')
    await expect(listSecurityEvents({ ctx: scout.ctx(), input: {} })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  it('[OPS-79] is narrowed by kind, device and time, and leads on from where a page has stopped', async () => {
    const workspace = await services.workspace()
    const log = new SecurityLog(services.db)
    const later = new Date(at.getTime() + 120_000)
    log.note(note(of(workspace, 'dev_scout_1')))
    log.note(note({ ...of(workspace, 'dev_scout_2'), kind: 'sign_in' }))
    log.note(note({ ...of(workspace, 'dev_scout_2'), at: later }))
    await log.flush()
    const found = async (input: SecurityEventsInput) => {
      const { items } = await followPages((page) => list(workspace, { limit: 1, ...input, ...page }))
      return items.map(({ deviceId, kind, minute }) => `${deviceId} ${kind} ${minute === at.toISOString()}`)
    }
    const deviceId = DeviceId.parse('dev_scout_2')
    expect((await found({})).sort()).toEqual([
      'dev_scout_1 credential true',
      'dev_scout_2 credential false',
      'dev_scout_2 sign_in true',
    ])
    expect(await found({ kind: 'sign_in' })).toEqual(['dev_scout_2 sign_in true'])
    expect((await found({ deviceId })).sort()).toEqual([
      'dev_scout_2 credential false',
      'dev_scout_2 sign_in true',
    ])
    expect(await found({ deviceId, from: later.toISOString() })).toEqual(['dev_scout_2 credential false'])
    expect(await found({ to: at.toISOString() })).toEqual([])
    expect(await found({ kind: 'credential', to: later.toISOString() })).toEqual([
      'dev_scout_1 credential true',
    ])
  })

  it('[OPS-29] a rare one is found by following pages that look at a bounded number each', async () => {
    const workspace = await services.workspace()
    const log = new SecurityLog(services.db)
    log.note(note({ ...of(workspace), kind: 'sign_in' }))
    await log.flush()
    await services.owner.pool.query(
      `INSERT INTO security_events (workspace_id, minute, kind, reason, device_id, count, address, last_at)
       SELECT $1, now(), 'credential', 'invalid', 'dev_' || i, 1, '', now() FROM generate_series(1, $2) i`,
      [workspace.workspaceId, SCANNED_ROWS],
    )
    const { items, pages } = await followPages((page) => list(workspace, { kind: 'sign_in', ...page }))
    expect([items.length, pages]).toEqual([1, [0, 1]])
  })

  it('[AUD-20] is written while a writer holds the workspace', async () => {
    const workspace = await services.workspace()
    const gate = await holdWrites(services, workspace.workspaceId)
    const log = new SecurityLog(services.db)
    log.note(note(of(workspace)))
    await log.flush()
    expect((await list(workspace)).items.toJSON()).toHaveLength(1)
    await gate.open()
  })

  it('[AUD-20] is pruned after 90 days', async () => {
    const workspace = await services.workspace()
    const log = new SecurityLog(services.db)
    for (const days of [91, 89])
      log.note(note({ ...of(workspace), at: new Date(at.getTime() - days * 86_400_000) }))
    await log.flush()
    await pruneExpired({ db: services.db, clock: services.clock })
    expect((await list(workspace)).items.toJSON()).toHaveLength(1)
  })
})

describe('a refusal', () => {
  const refusal = async (deviceToken: string) =>
    await authenticate({ ctx: services.admin, credentials: { deviceToken, bearer: undefined } }).catch(
      (error: unknown) => error,
    )

  it('[AUD-20] says whose credential it was only where the server had given it', async () => {
    const workspace = await services.workspace()
    const scout = await workspace.device('dev_scout_1')
    await scout.revoke()
    const known = await refusal(scout.token)
    expect(known).toBeInstanceOf(ServiceError)
    expect(known).toMatchObject({ about: { workspaceId: workspace.workspaceId, deviceId: 'dev_scout_1' } })
    expect(await refusal('a-token-of-nobody')).toMatchObject({ about: undefined })
  })
})
