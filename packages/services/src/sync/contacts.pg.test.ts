import { observation } from '@fieldsync/testkit'
import { beforeEach, describe, expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { rowCounts } from '../testing/footprint.ts'
import { holdWrites } from '../testing/gate.ts'
import {
  type TestDevice,
  type TestServices,
  testServices,
  type TestWorkspace,
} from '../testing/test-workspace.ts'

const services = await testServices()
const another = services.anotherServer()
services.runtime.recordContacts()
another.runtime.recordContacts()

beforeEach(() => {
  services.clock.time = new Date('2026-02-12T08:00:00.000Z')
})

const flush = async (...servers: TestServices[]) => {
  await Promise.all(servers.map(async ({ runtime }) => await runtime.contacts?.flush()))
}
const contacts = async (workspace: TestWorkspace) => {
  const ctx = await services.system(workspace.workspaceId)
  const { items } = await listAudit({ ctx, input: { limit: 500 } })
  return items
    .toJSON()
    .filter(({ action }) => action === 'device.contact')
    .toReversed()
}
const intact = async ({ workspaceId }: TestWorkspace) =>
  (await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).ok

async function start() {
  const workspace = await services.workspace()
  return { workspace, alice: await workspace.device('dev_scout_1') }
}

const pushOne = (device: TestDevice) =>
  device.push({ observations: [observation({ deviceId: device.actor.deviceId })] })

describe('the first sync of a day', () => {
  it('[AUD-17] is an entry of the device, a pull’s too, and later ones of the day are none', async () => {
    const { workspace, alice } = await start()
    const bob = await workspace.device('dev_scout_2')
    await alice.pull()
    await alice.pull()
    await pushOne(bob)
    await flush(services)
    services.clock.advance(3_600_000)
    await pushOne(alice)
    await bob.pull()
    await flush(services)
    expect(await contacts(workspace)).toMatchObject([
      {
        at: '2026-02-12T08:00:00.000Z',
        actor: { kind: 'device', deviceId: 'dev_scout_1', role: 'scout', authentication: { kind: 'token' } },
        target: { type: 'device', id: 'dev_scout_1' },
        change: null,
        outcome: { ok: true },
      },
      { actor: { deviceId: 'dev_scout_2' }, target: { id: 'dev_scout_2' } },
    ])
    expect(await intact(workspace)).toBe(true)
  })

  it('[AUD-17] counts by UTC days of the server', async () => {
    const { workspace, alice } = await start()
    for (const time of ['2026-02-12T23:59:59.999Z', '2026-02-13T00:00:00.000Z', '2026-02-13T23:59:59.999Z']) {
      services.clock.time = new Date(time)
      await alice.pull()
      await flush(services)
    }
    expect((await contacts(workspace)).map(({ at }) => at)).toEqual([
      '2026-02-12T23:59:59.999Z',
      '2026-02-13T00:00:00.000Z',
    ])
  })

  it('[AUD-17] is one entry however many servers see it at the same time, and after a restart', async () => {
    const { workspace, alice } = await start()
    await Promise.all([alice.pull(), alice.at(another).pull()])
    await flush(services, another)
    const restarted = services.anotherServer()
    restarted.runtime.recordContacts()
    await alice.at(restarted).pull()
    await flush(restarted)
    expect(await contacts(workspace)).toHaveLength(1)
    expect(await intact(workspace)).toBe(true)
  })

  it('[AUD-17] is written beside writes of two servers: the chain stays one', async () => {
    const { workspace, alice } = await start()
    const devices = await Promise.all(Array.from({ length: 6 }, (_, i) => workspace.device(`dev_other_${i}`)))
    await Promise.all([
      ...devices.map((each, i) => (i % 2 ? pushOne(each) : pushOne(each.at(another)))),
      ...devices.map((each) => each.at(another).pull()),
      alice.pull(),
      flush(services, another),
    ])
    await flush(services, another)
    expect(await contacts(workspace)).toHaveLength(7)
    expect(await intact(workspace)).toBe(true)
  })

  it('[IDM-6][AUD-17] is answered while a writer holds the log, moves no position and pokes nobody', async () => {
    const { workspace, alice } = await start()
    const before = await rowCounts(services, workspace.workspaceId)
    const head = async () =>
      (
        await services.db.pool.query(
          'SELECT position, state_hash FROM workspace_heads WHERE workspace_id = $1',
          [workspace.workspaceId],
        )
      ).rows
    const position = await head()
    const gate = await holdWrites(services, workspace.workspaceId)
    await alice.pull()
    const flushed = flush(services)
    await gate.waiting(1)
    await gate.open()
    await flushed
    expect(await head()).toEqual(position)
    expect(await rowCounts(services, workspace.workspaceId)).toEqual({
      ...before,
      audit_entries: before.audit_entries + 1,
    })
  })

  it('[AUD-17] is noted again by the next sync where the database did not take it', async () => {
    const { workspace, alice } = await start()
    await services.owner.pool.query(
      `ALTER TABLE audit_entries ADD CONSTRAINT closed CHECK (workspace_id <> '${workspace.workspaceId}') NOT VALID`,
    )
    try {
      await alice.pull()
      await flush(services)
    } finally {
      await services.owner.pool.query('ALTER TABLE audit_entries DROP CONSTRAINT closed')
    }
    expect(await contacts(workspace)).toEqual([])
    services.clock.advance(60_000)
    await alice.pull()
    await flush(services)
    expect(await contacts(workspace)).toMatchObject([{ at: '2026-02-12T08:01:00.000Z' }])
  })

  it('[AUD-17] is none of a call that was refused', async () => {
    const { workspace, alice } = await start()
    await expect(alice.pull('cur_other')).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    await alice.revoke()
    await expect(alice.pull()).rejects.toThrow('rights')
    await flush(services)
    expect(await contacts(workspace)).toEqual([])
  })
})
