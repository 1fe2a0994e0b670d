import { ObservationId, WeatherFeaturesId } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation, undividedTables, WHAT_TO_DO } from '@fieldsync/testkit'
import { beforeAll, expect, it, vi } from 'vitest'

import { listAudit } from '../audit/list.ts'
import type { CommitScope } from '../core/commit-queue.ts'
import { Runtime } from '../core/runtime.ts'
import { listDevices } from '../devices/list.ts'
import { getOverview } from '../overview/get.ts'
import { generateRecommendation } from '../recommendations/generate.ts'
import { listRecommendations } from '../records/list-recommendations.ts'
import { listCorrections, listObservations } from '../records/list.ts'
import { listSyncs } from '../sync-history/list.ts'
import { TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()
const undivided = undividedTables()

/**
 * Lets PostgreSQL refuse a transaction of the application's role that reaches rows of two workspaces in a divided table, in
 * statements of functions, too: by row-level security, which is asked for every row that a condition on the workspace has not
 * excluded.
 */
beforeAll(async () => {
  const { pool } = services.owner
  // Counts beyond the transaction that is rolled back.
  await pool.query('CREATE SEQUENCE refusals; GRANT USAGE ON refusals TO fieldsync_app')
  await pool.query(`CREATE FUNCTION reaches_one_workspace(p_table text, p_workspace text) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
      v_first text := current_setting('test.workspace', true);
    BEGIN
      IF coalesce(v_first, '') = '' THEN PERFORM set_config('test.workspace', p_workspace, true);
      ELSIF v_first <> p_workspace THEN
        PERFORM nextval('refusals');
        RAISE EXCEPTION 'a transaction reaches two workspaces, in %: compare workspace_id with a value', p_table;
      END IF;
      RETURN true;
    END $$`)
  const { rows } = await pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
  )
  const divided = rows.map(({ name }) => name).filter((name) => !undivided.has(name))
  const all = (change: string): string => divided.map((name) => `ALTER TABLE ${name} ${change};`).join('\n')
  // Of a table that it knows to be empty PostgreSQL reads all rows, and compares the workspace afterwards. After TRUNCATE it knows
  // nothing of it.
  await pool.query(`${all('SET (autovacuum_enabled = false)')} ${all('DISABLE TRIGGER USER')}
    TRUNCATE ${divided.join(', ')} CASCADE; ${all('ENABLE TRIGGER USER')}`)
  for (const name of divided) {
    const reaches = `reaches_one_workspace('${name}', workspace_id)`
    await pool.query(`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
      CREATE POLICY one_workspace ON ${name} TO fieldsync_app USING (${reaches}) WITH CHECK (${reaches})`)
  }
})

/** How many transactions were refused so far: those that were tried again in parts, too. */
async function refusals(): Promise<number> {
  const { rows } = await services.owner.pool.query<{ count: number }>(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END::int AS count FROM refusals',
  )
  return rows[0]?.count ?? 0
}

/** A server with a device in each of two workspaces, both with the same name. */
async function twoWorkspaces(commitScope: CommitScope): Promise<{ runtime: Runtime; devices: TestDevice[] }> {
  const { db, pepper } = services
  const runtime = new Runtime({ db, pepper, commitScope })
  runtime.recordContacts()
  const devices: TestDevice[] = []
  for (let n = 0; n < 2; n++) {
    const { actor, token } = await (await services.workspace()).device('dev_agro_1', 'admin')
    devices.push(new TestDevice(services, actor, token, runtime))
  }
  return { runtime, devices }
}

/** A note that the playbook has a rule for, whatever is drawn. */
function seen() {
  const note = observation({ deviceId: 'dev_agro_1', status: 'confirmed' })
  return {
    ...note,
    extraction: { ...note.extraction, issue: 'powdery_mildew', severity: 'moderate' } as const,
  }
}

it('[DIV-2] with COMMIT_GROUP=workspace no transaction of a hot path reaches two workspaces', async () => {
  const { runtime, devices } = await twoWorkspaces('workspace')
  /** Does the same for both at the same time. */
  const both = <T>(work: (device: TestDevice) => Promise<T>): Promise<T[]> => Promise.all(devices.map(work))
  const notes = new Map(devices.map((device) => [device, seen()]))
  const noteOf = (device: TestDevice) => notes.get(device) ?? seen()

  await both((device) => device.push({ observations: [noteOf(device), seen(), seen()] }))
  await both((device) => {
    const before = noteOf(device)
    const correction = {
      correctionId: 'cor_1',
      reason: 'Wrong block',
      correctedAt: '2026-02-11T20:00:00Z',
      supersedes: before.deterministicChecksum,
    }
    const corrected = {
      ...before,
      rawNoteText: 'Corrected',
      deterministicChecksum: 'sha256:00000001',
      updatedAt: '2026-02-11T20:00:00Z',
      correction,
    }
    const { observationId } = before
    return device.push({ observations: [corrected], recommendations: [recommendation({ observationId })] })
  })
  await both((device) =>
    device.push({ playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })] }),
  )
  await both((device) => device.create(seen()))
  await both((device) =>
    generateRecommendation({
      ctx: device.ctx(),
      input: {
        observationId: ObservationId.parse(noteOf(device).observationId),
        weatherFeaturesId: WeatherFeaturesId.parse('wxf_20260211_demo_01'),
      },
    }),
  )
  await both((device) => device.pullAll('', 2))
  await both(async (device) => {
    const ctx = device.ctx()
    const observationId = ObservationId.parse(noteOf(device).observationId)
    await listObservations({ ctx, input: {} })
    await listObservations({ ctx, input: { status: 'confirmed', text: 'a' } })
    await listCorrections({ ctx, input: { observationId } })
    await listRecommendations({ ctx, input: {} })
    await listAudit({ ctx, input: {} })
    await listAudit({ ctx, input: { recordId: observationId } })
    await listSyncs({ ctx, input: {} })
    await listDevices({ ctx, input: {} })
    await getOverview({ ctx, input: {} })
  })
  await runtime.deviceStates.flush()
  await runtime.contacts?.flush()
  expect(await refusals(), `a statement reached two workspaces: ${WHAT_TO_DO}`).toBe(0)
})

it('[DIV-2] otherwise writes, and pulls, of two workspaces share transactions, which is noticed here', async () => {
  const { runtime, devices } = await twoWorkspaces('all')
  const outcomes = (results: readonly PromiseSettledResult<unknown>[]) =>
    results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'done'))
  const refused = expect.stringContaining('a transaction reaches two workspaces') as unknown
  const asked = vi.spyOn(services.db.pool, 'query')
  // A group that fails is tried again, each write by itself.
  await Promise.all(devices.map((device) => device.push({ observations: [seen()] })))
  expect(asked.mock.calls.filter(([query]) => nameOf(query) === 'fieldsync_commit_all')).toHaveLength(3)
  await Promise.all(devices.map((device) => device.pull()))
  expect(asked.mock.calls.filter(([query]) => nameOf(query) === 'pull_standing')).toHaveLength(3)
  asked.mockRestore()
  expect(outcomes(await Promise.allSettled([runtime.deviceStates.flush()]))).toEqual([refused])
  await runtime.contacts?.flush()
  expect(await refusals()).toBe(3)
})

const nameOf = (query: unknown): unknown =>
  typeof query === 'object' && query !== null ? Reflect.get(query, 'name') : undefined

it('[DIV-2] the statements that name the workspace by an expression are those that the page lists', async () => {
  const { devices } = await twoWorkspaces('workspace')
  const [device] = devices
  if (!device) throw new Error('there is no device')
  const asked = vi.spyOn(services.db.pool, 'query')
  const note = seen()
  await device.push({
    observations: [note],
    recommendations: [recommendation({ observationId: note.observationId })],
  })
  await device.push({ observations: [{ ...note, rawNoteText: 'Another' }] })
  const texts = asked.mock.calls.map(([query]) =>
    typeof query === 'string' ? query : String(Reflect.get(query as object, 'text')),
  )
  asked.mockRestore()
  const unrouted = texts.filter((text) => /workspace_id \|\| ''/.test(text))
  const tables = unrouted.map((text) => /FROM (\w+)/.exec(text)?.[1])
  const listed = new Set(['observations', 'recommendations', 'sync_conflicts'])
  expect(
    tables.filter((table) => !listed.has(table ?? '')),
    WHAT_TO_DO,
  ).toEqual([])
  expect(tables).toContain('observations')
})
