import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { verifyAudit } from '../audit/verify.ts'
import { Runtime } from '../core/runtime.ts'
import { rowCounts } from '../testing/footprint.ts'
import { holdLock, holdWrites } from '../testing/gate.ts'
import { gatherCommits } from '../testing/gather-commits.ts'
import { TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { WorkspaceCopy } from '../testing/workspace-copy.ts'

const services = await testServices()

const seenBy = (device: TestDevice) => observation({ deviceId: device.actor.deviceId })
const workspaces = async (count: number): Promise<TestWorkspace[]> => {
  const made: TestWorkspace[] = []
  for (let i = 0; i < count; i++) made.push(await services.workspace())
  return made
}
/** One device in each workspace, their ids in this order. */
const devicesIn = (spaces: readonly TestWorkspace[]): Promise<TestDevice[]> =>
  Promise.all(spaces.map((space, i) => space.device(`dev_scout_${i + 1}`)))

/** The log has no gap, its commits follow each other, and the chain is whole. */
async function expectWhole({ workspaceId }: TestWorkspace): Promise<void> {
  const { rows } = await services.owner.pool.query<{ first: number; last: number }>(
    `SELECT first_position::int AS first, last_position::int AS last FROM log_commits WHERE workspace_id = $1 ORDER BY last_position`,
    [workspaceId],
  )
  let last = 0
  for (const commit of rows) {
    expect(commit.first).toBe(last + 1)
    last = commit.last
  }
  const { rows: heads } = await services.owner.pool.query<{ position: number }>(
    'SELECT position::int FROM workspace_heads WHERE workspace_id = $1',
    [workspaceId],
  )
  expect(heads).toEqual([{ position: last }])
  expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
    ok: true,
  })
}

/** A trigger on a table that runs this PL/pgSQL for rows that meet the condition, for the duration of the test. */
async function whenInserted(table: string, condition: string, body: string): Promise<void> {
  await services.owner.pool.query(`
    CREATE FUNCTION for_this_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$;
    CREATE TRIGGER for_this_test BEFORE INSERT ON ${table} FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION for_this_test()`)
  onTestFinished(async () => {
    await services.owner.pool.query(`DROP TRIGGER for_this_test ON ${table}; DROP FUNCTION for_this_test()`)
  })
}

describe('writes of several workspaces', () => {
  it('[BAT-1, AUD-5, CUR-1, GUA-7] share a transaction, and each chain and log has its own alone, in order', async () => {
    const [one, two] = await workspaces(2)
    if (!one || !two) throw new Error('two workspaces are needed')
    const devices = [
      await one.device('dev_scout_1'),
      await two.device('dev_scout_2'),
      await one.device('dev_scout_3'),
      await two.device('dev_scout_4'),
    ]
    const statements = gatherCommits(services, 4)
    const sent = devices.map(seenBy)
    const answers = await Promise.all(
      devices.map((device, i) => device.push({ observations: [sent[i] ?? seenBy(device)] })),
    )
    expect(statements).toEqual(['commit of 4'])
    // Whoever came second in its workspace finds the first one's record on its page, and its own on none.
    expect(answers.map(({ downstream }) => downstream.observations)).toEqual([[], [], [sent[0]], [sent[1]]])
    for (const [space, records] of [
      [one, [sent[0], sent[2]]],
      [two, [sent[1], sent[3]]],
    ] as const) {
      const reader = await space.device('dev_reader', 'viewer')
      const page = await reader.pull()
      const { downstream } = page
      expect(downstream.observations).toEqual(records)
      const copy = new WorkspaceCopy()
      copy.take(page)
      expect(downstream.stateHash).toBe(copy.hash)
      await expectWhole(space)
    }
  })

  it('[BAT-1, OBS-4, GUA-2] of which one is stale leave nothing of that one, and all of the others', async () => {
    const spaces = await workspaces(3)
    const devices = await devicesIn(spaces)
    const [alice] = devices
    const bob = await spaces[0]?.device('dev_scout_9')
    if (!alice || !bob) throw new Error('two devices are needed')
    const taken = seenBy(bob)
    await bob.push({ observations: [taken] })
    const statements = gatherCommits(services, 3)
    const answers = await Promise.all(
      devices.map((device) =>
        device.push({
          observations: [
            seenBy(device),
            ...(device === alice ? [{ ...seenBy(alice), observationId: taken.observationId }] : []),
          ],
        }),
      ),
    )
    // What was decided on the assumption that all is new is decided again, on what is stored.
    expect(statements).toEqual(['commit of 3', 'stored_observations', 'erased', 'commit of 1'])
    expect(answers.map(({ conflicts }) => conflicts.map(({ code }) => code))).toEqual([
      ['OBSERVATION_ID_TAKEN'],
      [],
      [],
    ])
    for (const [i, space] of spaces.entries()) {
      const { observations, sync_events } = await rowCounts(services, space.workspaceId)
      expect({ observations, sync_events }).toEqual(
        i === 0 ? { observations: 2, sync_events: 2 } : { observations: 1, sync_events: 1 },
      )
      await expectWhole(space)
    }
  })

  it('[BAT-1] are tried one by one where it does not show which of them cannot be written', async () => {
    const spaces = await workspaces(3)
    const devices = await devicesIn(spaces)
    await whenInserted(
      'observations',
      `NEW.device_id = 'dev_scout_2'`,
      `RAISE EXCEPTION 'not unique' USING ERRCODE = 'unique_violation';`,
    )
    const statements = gatherCommits(services, 3)
    const outcomes = await Promise.allSettled(
      devices.map((device) => device.push({ observations: [seenBy(device)] })),
    )
    expect(statements.slice(0, 4)).toEqual(['commit of 3', 'commit of 1', 'commit of 1', 'commit of 1'])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    for (const [i, space] of spaces.entries()) {
      expect((await rowCounts(services, space.workspaceId)).observations).toBe(i === 1 ? 0 : 1)
      await expectWhole(space)
    }
  })

  it('[BAT-1, GUA-1] are acknowledged once all are durable, and lost together before', async () => {
    const spaces = await workspaces(3)
    const devices = await devicesIn(spaces)
    await whenInserted(
      'audit_entries',
      `NEW.body LIKE '%"dev":"dev_scout_3"%'`,
      'PERFORM pg_advisory_xact_lock(4711);',
    )
    const gate = await holdLock(services, 4711)
    gatherCommits(services, 3)
    let settled = 0
    const sending = devices.map((device) =>
      device.push({ observations: [seenBy(device)] }).finally(() => settled++),
    )
    const outcomes = Promise.allSettled(sending)
    await gate.waiting(1)
    expect(settled).toBe(0)
    await services.superuser.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%fieldsync_commit_all%' AND wait_event = 'advisory'`,
    )
    expect(await outcomes).toMatchObject(
      devices.map(() => ({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })),
    )
    await gate.open()
    for (const space of spaces) {
      expect((await rowCounts(services, space.workspaceId)).observations).toBe(0)
      await expectWhole(space)
    }
  })

  it('[IDM-2, GUA-2] whose common answer was lost are replayed, each from its own workspace', async () => {
    const spaces = await workspaces(3)
    const devices = await devicesIn(spaces)
    const batches = devices.map((device) => syncBatch({ observations: [seenBy(device)] }))
    const send = () => Promise.allSettled(devices.map((device, i) => device.send(batches[i] ?? syncBatch())))
    gatherCommits(services, 3)
    const { pool } = services.db
    const ask = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>
    const losing = vi.spyOn(pool, 'query').mockImplementationOnce(async (...args: unknown[]) => {
      await ask(...args)
      throw new Error('Connection terminated unexpectedly')
    })
    expect(await send()).toMatchObject(
      devices.map(() => ({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })),
    )
    losing.mockRestore()
    expect(await send()).toMatchObject(
      batches.map(({ syncId }) => ({
        value: { replayed: true, answer: { syncId, acceptedCounts: { observations: 1 } } },
      })),
    )
    for (const space of spaces) {
      expect(await rowCounts(services, space.workspaceId)).toMatchObject({ observations: 1, sync_events: 1 })
      await expectWhole(space)
    }
  })

  it('[GUA-7] do not wait for head rows that another transaction holds, however many', async () => {
    const spaces = await workspaces(4)
    const devices = await devicesIn(spaces)
    const gates = []
    for (const { workspaceId } of spaces.slice(0, 3)) gates.push(await holdWrites(services, workspaceId))
    const statements = gatherCommits(services, 4)
    const sending = devices.map((device) => device.push({ observations: [seenBy(device)] }))
    for (const gate of gates) await gate.waiting(1)
    await sending[3]
    // The room that they had is free: others go on, those of a held workspace behind its first.
    const next = devices.map((device) => device.push({ observations: [seenBy(device)] }))
    await next[3]
    for (const gate of gates) await gate.open()
    await Promise.all([...sending, ...next])
    expect(statements[0]).toBe('commit of 4')
    for (const space of spaces) {
      expect((await rowCounts(services, space.workspaceId)).observations).toBe(2)
      await expectWhole(space)
    }
  })

  it('[BAT-1] are each in a transaction of their workspace where a server is told so', async () => {
    const devices = await devicesIn(await workspaces(2))
    const { db, pepper } = services
    const runtime = new Runtime({ db, pepper, commitScope: 'workspace' })
    const asking = vi.spyOn(db.pool, 'query')
    onTestFinished(() => asking.mockRestore())
    await Promise.all(
      devices.map((device) =>
        new TestDevice(services, device.actor, device.token, runtime).push({
          observations: [seenBy(device)],
        }),
      ),
    )
    const sizes = asking.mock.calls.map(([query]) => {
      const { values } = query as unknown as { values: unknown[] }
      return (JSON.parse(String(values[1])) as unknown[]).length
    })
    expect(sizes).toEqual([1, 1])
  })
})

it('[HSH-3, CUR-3, CUR-4] corrections in one workspace that share a transaction are missing from no page', async () => {
  const space = await services.workspace()
  const devices = await Promise.all([1, 2, 3, 4].map((n) => space.device(`dev_scout_${n}`)))
  const stored = devices.map((device) => ({ ...seenBy(device), status: 'confirmed' as const }))
  for (const [i, device] of devices.entries()) await device.push({ observations: stored.slice(i, i + 1) })
  const start = await (await space.device('dev_reader', 'viewer')).pull()
  const statements = gatherCommits(services, 4)
  // Two write something new, and two correct what all others have on their page.
  const written = stored.map((before, i) =>
    i % 2 === 0
      ? observation({ deviceId: before.deviceId })
      : {
          ...before,
          rawNoteText: 'Corrected',
          deterministicChecksum: 'sha256:00000001',
          correction: {
            correctionId: `cor_${i}`,
            reason: 'Wrong block',
            correctedAt: '2026-02-11T20:00:00Z',
            supersedes: before.deterministicChecksum,
          },
        },
  )
  const answers = await Promise.all(
    devices.map((device, i) => device.push({ observations: written.slice(i, i + 1) })),
  )
  expect(statements.filter((each) => each.startsWith('commit'))).toEqual(['commit of 4'])
  for (const [i, answer] of answers.entries()) {
    const own = written[i] ?? observation()
    const copy = new WorkspaceCopy()
    copy.take(start)
    copy.take(answer)
    copy.put('observation', own.observationId, own)
    expect(answer).toMatchObject({ conflicts: [], downstream: { hasMore: false, stateHash: copy.hash } })
    // From the beginning of the log: all that was stored but its own, as it was or as one before has corrected it.
    const ids = answer.downstream.observations.map(({ observationId }) => observationId)
    expect(ids).toEqual(
      expect.arrayContaining(
        stored.map(({ observationId }) => observationId).filter((id) => id !== own.observationId),
      ),
    )
  }
  await expectWhole(space)
})
