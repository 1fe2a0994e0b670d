import { connectionUrl } from '@fieldsync/db'
import { observation, testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { type TestDevice, TestServices } from '../testing/test-workspace.ts'

const urls = await testDatabase()
const original = new TestServices(urls)
afterAll(() => original.close())

const INVALID = { code: 'CURSOR_INVALID' }
const one = (device: TestDevice) => device.push({ observations: [observation()] })
const named = (url: string, database: string) => connectionUrl(url, { database })

it('[CUR-6][CUR-1] after a restore the cursors of the lost branch are refused, also once the database has grown past them', async () => {
  const workspace = await original.workspace()
  const alice = await workspace.device('dev_scout_1')
  const stored = observation()
  await one(alice)
  const before = await alice.push({ observations: [stored] })
  await original.close()

  // The backup: what the database was at this moment. The original goes on.
  const copy = `${urls.name}_copy`
  const control = new TestServices({ ...urls, superuserUrl: named(urls.superuserUrl, 'postgres') })
  await control.superuser.pool.query(`CREATE DATABASE ${copy} TEMPLATE ${urls.name} STRATEGY FILE_COPY`)
  try {
    const lostWriter = alice.at(control)
    const lost = observation()
    // A page of before the backup, that answers the first write after it: only its half for the head tells of that write.
    const first = await lostWriter.push({ observations: [observation()], maxDownstream: 1 })
    expect(first.downstream.hasMore).toBe(true)
    const lostCursors = [first.serverCursor]
    for (let i = 0; i < 3; i++) {
      const observations = i === 2 ? [observation(), lost] : [observation()]
      lostCursors.push((await lostWriter.push({ observations })).serverCursor)
    }
    lostCursors.push((await lostWriter.pull(before.serverCursor, 1)).serverCursor)

    const restored = new TestServices(
      {
        appUrl: named(urls.appUrl, copy),
        ownerUrl: named(urls.ownerUrl, copy),
        superuserUrl: named(urls.superuserUrl, copy),
      },
      { clock: original.clock, pepper: original.pepper },
    )
    try {
      const writer = alice.at(restored)
      expect((await writer.pull(before.serverCursor)).downstream.observations).toEqual([])
      for (const cursor of lostCursors) await expect(writer.pull(cursor)).rejects.toMatchObject(INVALID)
      // Grown past every lost position, with commits that begin and end at other places.
      for (let i = 0; i < 4; i++) await writer.push({ observations: [observation(), observation()] })
      for (const cursor of lostCursors) {
        await expect(writer.pull(cursor)).rejects.toMatchObject(INVALID)
        await expect(
          writer.push({ observations: [observation()], lastKnownServerCursor: cursor }),
        ).rejects.toMatchObject(INVALID)
      }
      // From before the backup: still valid. What was lost is offered again, what was kept too; neither is doubled.
      expect((await writer.pull(before.serverCursor)).downstream.observations).toHaveLength(8)
      const resent = await writer.push({ observations: [stored, lost] })
      expect(resent).toMatchObject({ acceptedCounts: { observations: 2 }, conflicts: [] })
      const all = (await writer.pullAll()).flatMap(({ downstream }) => downstream.observations)
      expect(all.filter((each) => each.observationId === stored.observationId)).toEqual([stored])
      expect(all.filter((each) => each.observationId === lost.observationId)).toEqual([lost])
      expect(all).toHaveLength(11)
      expect((await one(writer)).acceptedCounts.observations).toBe(1)
    } finally {
      await restored.close()
    }
  } finally {
    await control.superuser.pool.query(`DROP DATABASE ${copy} WITH (FORCE)`)
    await control.close()
  }
})
