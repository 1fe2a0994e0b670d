import { observation, seededRandom } from '@fieldsync/testkit'
import { afterEach, describe, expect, it } from 'vitest'

import { holdLock, holdWrites } from '../testing/gate.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()
const servers = [services, services.anotherServer()] as const
const SEED = 20_260_211

afterEach(() => services.owner.pool.query('DROP TRIGGER IF EXISTS slow_commit ON sync_events'))

/** Makes every commit of a device's batches wait at its very end, with its positions taken, for the lock. */
const slowCommitsOf = (deviceId: string, lock: number) =>
  services.owner.pool.query(`
    CREATE OR REPLACE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock(${lock}); RETURN NEW; END $$;
    CREATE TRIGGER slow_commit AFTER INSERT ON sync_events FOR EACH ROW
      WHEN (NEW.device_id = '${deviceId}') EXECUTE FUNCTION wait_for_test()`)

const one = (device: TestDevice) => observation({ deviceId: device.actor.deviceId })

describe('a slow commit', () => {
  it('[CUR-1][GUA-3] is not overtaken: no cursor is given out past it, and it is not lost to readers', async () => {
    const workspace = await services.workspace()
    const slow = await workspace.device('dev_slow')
    const fast = (await workspace.device('dev_fast')).at(servers[1])
    const reader = await workspace.device('dev_reader')
    await slowCommitsOf('dev_slow', 1)
    const gate = await holdLock(services, 1)
    const [first, second] = [one(slow), one(fast)]
    const slowly = slow.push({ observations: [first] })
    await gate.waiting(1)
    const quickly = fast.push({ observations: [second] })
    await gate.waiting(2)
    const meanwhile = await reader.pull()
    expect(meanwhile.downstream.observations).toEqual([])
    await gate.open()
    const [early, late] = [await slowly, await quickly]
    expect(late.downstream.observations).toEqual([first])
    expect((await reader.pull(meanwhile.serverCursor)).downstream.observations).toEqual([first, second])
    expect((await reader.pull(early.serverCursor)).downstream.observations).toEqual([second])
    expect((await reader.pull(late.serverCursor)).downstream.observations).toEqual([])
  })

  it('[CUR-1] that fails in the end leaves no hole and no cursor into it', async () => {
    const workspace = await services.workspace()
    const slow = await workspace.device('dev_slow')
    const fast = (await workspace.device('dev_fast')).at(servers[1])
    await slowCommitsOf('dev_slow', 2)
    const gate = await holdLock(services, 2)
    const slowly = expect(slow.push({ observations: [one(slow), one(slow)] })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    await gate.waiting(1)
    const quickly = fast.push({ observations: [one(fast)] })
    await gate.waiting(2)
    await services.superuser.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event = 'advisory'`,
    )
    await slowly
    await gate.open()
    const { serverCursor } = await quickly
    expect((await slow.pull()).downstream.observations).toHaveLength(1)
    expect((await slow.pull(serverCursor)).downstream.observations).toEqual([])
  })

  it('[IDM-6] does not keep a pull waiting', async () => {
    const workspace = await services.workspace()
    const reader = await workspace.device('dev_reader')
    const gate = await holdWrites(services, workspace.workspaceId)
    expect((await reader.pull()).downstream.observations).toEqual([])
    await gate.waiting(0)
    await gate.open()
  })
})

describe(`many writers and readers (seed ${SEED})`, () => {
  it('[CUR-1][GUA-3][GUA-4] every reader sees every record in commit order, without gap or double', async () => {
    const rng = seededRandom(SEED)
    const workspace = await services.workspace()
    const everyone = await Promise.all(
      Array.from({ length: 12 }, async (_, i) =>
        (await workspace.device(`dev_w_${i}`)).at(servers[i % 2] ?? services),
      ),
    )
    const [writers, readers] = [everyone.slice(0, 8), everyone.slice(8)]
    const sizes = writers.map(() => Array.from({ length: 8 }, () => rng.int(1, 4)))
    const limits = readers.map(() => rng.int(1, 9))
    let writing = true
    const wrote = Promise.all(
      writers.map(async (writer, w) => {
        const drafts = new Map<string, ReturnType<typeof observation>>()
        for (const [round, size] of (sizes[w] ?? []).entries()) {
          const fresh = Array.from({ length: size }, () => one(writer))
          // Also edits one of the drafts of before, which moves it to a new position.
          const edited = [...drafts.values()].slice(0, 1).map((draft) => ({
            ...draft,
            rawNoteText: `Edit ${round}`,
            updatedAt: `2026-02-12T00:${10 + round}:00Z`,
          }))
          for (const record of [...fresh, ...edited]) drafts.set(record.observationId, record)
          await writer.push({ observations: [...fresh, ...edited] })
        }
        return [...drafts.values()]
      }),
    ).finally(() => {
      writing = false
    })
    const read = Promise.all(
      readers.map(async (reader, r) => {
        const seen: string[] = []
        const working = new Map<string, unknown>()
        for (let cursor = '', last = false; ;) {
          const ending = !writing
          const page = await reader.pull(cursor, limits[r])
          cursor = page.serverCursor
          for (const record of page.downstream.observations) {
            seen.push(`${record.observationId} ${record.rawNoteText}`)
            working.set(record.observationId, record)
          }
          if (last && !page.downstream.hasMore) return { seen, working }
          last = ending && !page.downstream.hasMore
        }
      }),
    )
    const final = new Map((await wrote).flat().map((record) => [record.observationId, record]))
    const { rows } = await services.db.pool.query<{ id: string }>(
      'SELECT observation_id AS id FROM observations WHERE workspace_id = $1 ORDER BY position',
      [workspace.workspaceId],
    )
    expect(rows).toHaveLength(final.size)
    for (const { seen, working } of await read) {
      // The same state of a record comes once, its last states come in the order of the log, and nothing is missing.
      expect(new Set(seen).size).toBe(seen.length)
      expect(Object.fromEntries(working)).toEqual(Object.fromEntries(final))
      const lastSeen = new Map(seen.map((each, at) => [each.split(' ')[0], at]))
      expect([...lastSeen].sort(([, a], [, b]) => a - b).map(([id]) => id)).toEqual(rows.map(({ id }) => id))
    }
  })
})
