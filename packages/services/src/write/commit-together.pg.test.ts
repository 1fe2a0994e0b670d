import { observation, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it, vi } from 'vitest'

import { verifyAudit } from '../audit/verify.ts'
import { rowCounts } from '../testing/footprint.ts'
import { holdWrites } from '../testing/gate.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()
const turn = () => new Promise((resolve) => setImmediate(resolve))

const seenBy = (device: TestDevice) => observation({ deviceId: device.actor.deviceId })

/** Lets one batch wait at the head row, and sends others behind it: those are carried out together. */
async function together<T>(names: readonly string[], send: (devices: TestDevice[]) => Promise<T>[]) {
  const { workspaceId, device } = await services.workspace().then((space) => ({
    workspaceId: space.workspaceId,
    device: (name: string) => space.device(name),
  }))
  const devices = await Promise.all(names.map(device))
  const first = await device('dev_first')
  const gate = await holdWrites(services, workspaceId)
  const waiting = first.push({ observations: [seenBy(first)] })
  await gate.waiting(1)
  const queries = vi.spyOn(services.db.pool, 'query')
  const sending = Promise.allSettled(send(devices))
  // Each is decided, without a read, and stands behind the first.
  for (let i = 0; i < 5; i++) await turn()
  await gate.open()
  await waiting
  const outcomes = await sending
  const statements = queries.mock.calls.map(([query]) => {
    const { name, values } = query as unknown as { name: string; values: unknown[] }
    if (name !== 'fieldsync_commit_all') return name
    return `commit of ${(JSON.parse(String(values[1])) as unknown[]).length}`
  })
  queries.mockRestore()
  // What meets the head row before another has let go of it waits for it, and is sent again as it was.
  return { workspaceId, outcomes, statements: statements.filter((each, i) => each !== statements[i - 1]) }
}

describe('writes that share a transaction', () => {
  it('[BAT-1][IDM-3][OBS-4][REC-2] have each the outcome they would have alone', async () => {
    const { workspaceId, outcomes, statements } = await together(
      ['dev_scout_1', 'dev_scout_2'],
      ([alice, bob]) => {
        if (!alice || !bob) throw new Error('two devices are needed')
        const observationId = 'obs_20260211_0001'
        const batch = syncBatch({ observations: [{ ...seenBy(alice), observationId }] })
        return [
          alice.send(batch),
          alice.send(batch),
          alice.send({ ...batch, upserts: { ...batch.upserts, observations: [seenBy(alice)] } }),
          bob.send(syncBatch({ observations: [{ ...seenBy(bob), observationId }] })),
          bob.send(syncBatch({ observations: [seenBy(bob)] })),
        ]
      },
    )
    // The first goes with the last, since the others are of its device, or of its record; the fourth met the record that
    // the first had made, and was decided again.
    expect(statements).toEqual([
      'commit of 2',
      'commit of 1',
      'commit of 2',
      'stored_observations',
      'erased',
      'commit of 1',
    ])
    expect(outcomes).toMatchObject([
      { value: { replayed: false, answer: { acceptedCounts: { observations: 1 } } } },
      { value: { replayed: true, answer: { acceptedCounts: { observations: 1 } } } },
      { reason: { code: 'IDEMPOTENCY_CONFLICT' } },
      { value: { answer: { conflicts: [{ code: 'OBSERVATION_ID_TAKEN' }] } } },
      { value: { answer: { acceptedCounts: { observations: 1 }, conflicts: [] } } },
    ])
    expect(await rowCounts(services, workspaceId)).toMatchObject({ observations: 3, sync_events: 4 })
    expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
      ok: true,
    })
  })

  it('[BAT-1][AUD-1] do not fall with one that the database cannot carry out', async () => {
    await services.owner.pool.query(`
      CREATE FUNCTION fail_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no audit today'; END $$;
      CREATE TRIGGER failing AFTER INSERT ON audit_entries FOR EACH ROW
        WHEN (NEW.body LIKE '%"dev":"dev_unlucky"%' AND NEW.body LIKE '%sync.batch%') EXECUTE FUNCTION fail_for_test()`)
    const { workspaceId, outcomes, statements } = await together(
      ['dev_scout_1', 'dev_unlucky', 'dev_scout_2'],
      (devices) => devices.map((device) => device.push({ observations: [seenBy(device), seenBy(device)] })),
    )
    await services.owner.pool.query('DROP TRIGGER failing ON audit_entries')
    expect(statements).toEqual(['commit of 3', 'commit of 1'])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await rowCounts(services, workspaceId)).toMatchObject({ observations: 5, sync_events: 3 })
    expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
      ok: true,
    })
  })
})

it('[REC-2][GUA-7] a group of one workspace does not keep another workspace waiting', async () => {
  const [working, free] = [await services.workspace(), await services.workspace()]
  const [waiting, quick] = [await working.device('dev_scout_1'), await free.device('dev_scout_1')]
  const gate = await holdWrites(services, working.workspaceId)
  const slow = waiting.push({ observations: [seenBy(waiting)] })
  await gate.waiting(1)
  const answer = await quick.push({ recommendations: [recommendation()] })
  expect(answer.conflicts).toHaveLength(1)
  await gate.open()
  await slow
})
