import { SyncBatchRequest } from '@fieldsync/contracts'
import { device as metadata, observation, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { footprint } from '../testing/footprint.ts'
import { holdLock } from '../testing/gate.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { deviceState } from './device-state.ts'

const services = await testServices()

const stateOf = async ({ actor }: TestDevice) => {
  await services.runtime.deviceStates.flush()
  const { rows } = await services.db.pool.query<{
    metadata: { appVersion: string } | null
    seen: Date
    position: string
    report: { pending: number } | null
  }>(
    'SELECT metadata, last_seen_at AS seen, position, report FROM device_states WHERE workspace_id = $1 AND device_id = $2',
    [actor.workspaceId, actor.deviceId],
  )
  return rows[0]
}

const says = (appVersion: string, updatedAt: string, push: boolean) =>
  syncBatch({ device: metadata({ appVersion, updatedAt }), observations: push ? [observation()] : [] })

const report = (pending: number) => ({ pending, conflicts: 0, quarantined: 0 })

describe('metadata', () => {
  it.each([true, false])(
    '[DEV-1] the last write wins, older and equally old ones are ignored (push: %s)',
    async (push) => {
      const alice = await (await services.workspace()).device('dev_scout_1')
      const steps: [string, string, string][] = [
        ['1.0', '2026-02-11T18:00:00Z', '1.0'],
        ['0.9', '2026-02-11T17:00:00Z', '1.0'],
        ['1.1', '2026-02-11T18:00:00.000Z', '1.0'],
        ['1.2', '2026-02-11T18:00:00.000001Z', '1.2'],
        ['1.3', '2026-02-11T19:00:00+00:00', '1.3'],
      ]
      for (const [version, at, stored] of steps) {
        const { answer } = await alice.send(says(version, at, push))
        expect(answer.conflicts).toEqual([])
        expect((await stateOf(alice))?.metadata?.appVersion).toBe(stored)
      }
    },
  )

  it('[DEV-1] the same holds for pulls whose marks are written together', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    for (const [version, at] of [
      ['1.0', '18'],
      ['2.0', '20'],
      ['1.5', '19'],
      ['2.1', '20'],
    ]) {
      await alice.send(says(version ?? '', `2026-02-11T${at}:00:00Z`, false))
    }
    expect((await stateOf(alice))?.metadata?.appVersion).toBe('2.0')
  })

  it('[DEV-1][OBS-19] a time far ahead counts as five minutes from now', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    await alice.send(says('1.0', '2036-01-01T00:00:00Z', true))
    const now = services.clock.now().getTime()
    await alice.send(says('1.1', new Date(now + 299_000).toISOString(), true))
    expect((await stateOf(alice))?.metadata?.appVersion).toBe('1.0')
    await alice.send(says('1.2', new Date(now + 300_000).toISOString(), true))
    expect((await stateOf(alice))?.metadata?.appVersion).toBe('1.0')
    services.clock.advance(2000)
    await alice.send(says('1.3', new Date(now + 301_000).toISOString(), true))
    expect((await stateOf(alice))?.metadata?.appVersion).toBe('1.3')
  })

  it('[DEV-2] never enters the log, and moves no cursor', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const { serverCursor } = await bob.pull()
    const before = await footprint(services, workspace.workspaceId)
    await alice.send(says('9.9', '2026-02-11T18:00:00Z', false))
    await stateOf(alice)
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
    expect((await bob.pull(serverCursor)).serverCursor).toBe(serverCursor)
  })

  it('[DEV-2] a pull writes nothing before it answers', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const statements: string[] = []
    const watched = alice.interrupted((statement) => {
      statements.push(statement)
      return undefined
    })
    await watched.send(syncBatch({ report: report(1) }))
    expect(statements).toEqual(['pull_standing', 'pull_page'])
  })
})

describe('marks', () => {
  it('[DEV-2] say when and how far the device has come', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    await bob.push({
      observations: [observation({ deviceId: 'dev_scout_2' }), observation({ deviceId: 'dev_scout_2' })],
    })
    await alice.pull('', 1)
    expect(await stateOf(alice)).toMatchObject({ seen: services.clock.now(), position: '2' })
    services.clock.advance(5000)
    await alice.push({ observations: [observation()] })
    expect(await stateOf(alice)).toMatchObject({ seen: services.clock.now(), position: '4' })
    // Where more is to come, it is as far as the page of its answer.
    await alice.push({ observations: [observation()], maxDownstream: 1 })
    expect(await stateOf(alice)).toMatchObject({ position: '2' })
  })

  it('[CNF-13] a report replaces the last one, and a late mark does not bring an older one back', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    await alice.push({ report: report(3) })
    expect((await stateOf(alice))?.report).toEqual(report(3))
    await alice.push({ report: report(7) })
    services.clock.advance(100)
    await alice.push({ observations: [observation()], report: report(5) })
    expect(await stateOf(alice)).toMatchObject({
      report: report(5),
      seen: services.clock.now(),
      position: '2',
    })
    await alice.pull()
    expect((await stateOf(alice))?.report).toEqual(report(5))
  })

  it('[CNF-13] a pull without a report keeps the one of a pull just before it', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    await alice.push({ report: report(4) })
    await alice.pull()
    expect((await stateOf(alice))?.report).toEqual(report(4))
  })

  it('[CNF-13] a report that waits is not taken for that of a later pull, which brought none', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    await alice.push({ report: report(3) })
    services.clock.advance(100)
    await alice.push({ observations: [observation()], report: report(5) })
    services.clock.advance(100)
    await alice.pull()
    expect(await stateOf(alice)).toMatchObject({ report: report(5), seen: services.clock.now() })
  })

  it('[DEV-2] of many devices at two servers are written together, while they push', async () => {
    const another = services.anotherServer()
    const workspace = await services.workspace()
    const devices = await Promise.all(Array.from({ length: 8 }, (_, i) => workspace.device(`dev_d_${i}`)))
    await Promise.all(
      devices.flatMap((each) => [
        each.pull().then(() => services.runtime.deviceStates.flush()),
        each
          .at(another)
          .pull()
          .then(() => another.runtime.deviceStates.flush()),
        each.push({ recommendations: [recommendation()] }),
      ]),
    )
    for (const each of devices) expect(await stateOf(each)).toMatchObject({ position: '1' })
  })

  it('[DEV-2] of the same devices at two servers do not wait for each other in a circle', async () => {
    const another = services.anotherServer()
    const workspace = await services.workspace()
    const [first, second] = [await workspace.device('dev_d_1'), await workspace.device('dev_d_2')]
    for (const each of [first, second]) await each.push({ observations: [observation()] })
    // Whoever has stored the state of one device waits before it goes on to the next.
    await services.owner.pool.query(`
      CREATE FUNCTION wait_with_state() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NEW; END $$;
      CREATE TRIGGER slow_state AFTER UPDATE ON device_states FOR EACH ROW EXECUTE FUNCTION wait_with_state()`)
    onTestFinished(async () => {
      await services.owner.pool.query('DROP TRIGGER slow_state ON device_states')
    })
    const gate = await holdLock(services, 7)
    onTestFinished(() => gate.open())
    services.clock.advance(60_000)
    const { device } = SyncBatchRequest.parse(syncBatch())
    const states = [first, second].map(({ actor }) =>
      deviceState(actor, { device, report: undefined }, services.clock.now(), 2),
    )
    for (const state of states) services.runtime.deviceStates.add(state)
    for (const state of states.toReversed()) another.runtime.deviceStates.add(state)
    const stored = Promise.all([services, another].map(({ runtime }) => runtime.deviceStates.flush()))
    stored.catch(() => undefined)
    await gate.waiting(2)
    await gate.open()
    await expect(stored).resolves.toHaveLength(2)
    for (const each of [first, second])
      expect(await stateOf(each)).toMatchObject({ seen: services.clock.now() })
  })
})
