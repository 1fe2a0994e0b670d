import { randomBytes } from 'node:crypto'

import { listen } from '@fieldsync/db'
import { observation, playbookPatch, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'

import { type Live, Runtime } from '../core/runtime.ts'
import { wipeDevice } from '../devices/wipe.ts'
import { interruptedDatabase } from '../testing/interrupted-database.ts'
import { liveReader } from '../testing/live-reader.ts'
import { TestDevice, type TestServices, testServices } from '../testing/test-workspace.ts'
import { type LiveOptions, startLive } from './start-live.ts'

const first = await testServices()
const second = first.anotherServer()

const TIMING = {
  reviewEveryMs: 20,
  listenTiming: { answerWithinMs: 10_000, heartbeatEveryMs: 1000, firstPauseMs: 1, longestPauseMs: 10 },
}

type Running = Live & { hearing(): Promise<void>; deaf(): Promise<void> }

/** Starts the live pokes of a server for one test, and waits until it hears the others. */
async function live(
  services: TestServices,
  options: Partial<LiveOptions> = {},
  runtime = services.runtime,
): Promise<Running> {
  let hearing = Promise.withResolvers<void>()
  let deaf = Promise.withResolvers<void>()
  const started = startLive(runtime, {
    url: services.urls.appUrl,
    limits: { perDevice: 5, perServer: 100 },
    onHearing: () => {
      deaf = Promise.withResolvers()
      hearing.resolve()
    },
    onDeaf: () => {
      hearing = Promise.withResolvers()
      deaf.resolve()
    },
    ...TIMING,
    ...options,
  })
  onTestFinished(async () => await started[Symbol.asyncDispose]())
  await hearing.promise
  return Object.assign(started, { hearing: () => hearing.promise, deaf: () => deaf.promise })
}

const write = (device: TestDevice) =>
  device.push({ observations: [observation({ deviceId: device.actor.deviceId })] })

describe('live pokes', () => {
  it('[LIV-2, LIV-8] a write pokes the whole workspace at every server, its writer too', async () => {
    await Promise.all([live(first), live(second)])
    const workspace = await first.workspace()
    const writer = await workspace.device('dev_writer')
    const readers = await Promise.all(
      [writer, await workspace.device('dev_here'), (await workspace.device('dev_there')).at(second)].map(
        liveReader,
      ),
    )
    for (let each = 0; each < 3; each++) {
      await write(writer)
      await Promise.all(readers.map((reader) => reader.poked()))
    }
  })

  it('[ACC-22][LIV-8] servers in the middle of a change of the pepper poke each other, whichever is the present one', async () => {
    const [before, after] = [randomBytes(32), randomBytes(32)]
    const runtimes = [
      new Runtime({ db: first.db, pepper: before, previousPepper: after }),
      new Runtime({ db: second.db, pepper: after, previousPepper: before }),
    ] as const
    await Promise.all([live(first, {}, runtimes[0]), live(second, {}, runtimes[1])])
    const { actor, token } = await (await first.workspace()).device('dev_writer')
    for (const [here, there] of [runtimes, runtimes.toReversed()]) {
      if (!here || !there) throw new Error('two servers')
      const reader = await liveReader(new TestDevice(second, actor, token, there))
      await write(new TestDevice(first, actor, token, here))
      await reader.poked()
    }
  })

  it('[LIV-2] a single write pokes as a batch does', async () => {
    await Promise.all([live(first), live(second)])
    const workspace = await first.workspace()
    const author = await workspace.device('dev_author', 'agronomist')
    const there = await liveReader((await workspace.device('dev_there')).at(second))
    await author.create(observation({ deviceId: 'dev_author' }))
    await there.poked()
    await author.patch(playbookPatch({ requestedByDeviceId: 'dev_author' }))
    await there.poked()
  })

  it('[LIV-2, GUA-7] what changes nothing, and what another workspace wrote, pokes nobody', async () => {
    await Promise.all([live(first), live(second)])
    const workspace = await first.workspace()
    const writer = await workspace.device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()] })
    await writer.send(batch)
    const other = await (await first.workspace()).device('dev_other')
    const [here, there, elsewhere, farElsewhere] = await Promise.all(
      [writer, writer.at(second), other, other.at(second)].map(liveReader),
    )
    // The write above may still be on its way to the second server.
    await write(writer)
    await Promise.all([here?.poked(), there?.poked()])
    // It may have come apart from this one; a write of the other workspace comes behind both.
    await write(other)
    await Promise.all([elsewhere?.poked(), farElsewhere?.poked()])
    for (const reader of [here, there]) if (await reader?.hasPoke()) await reader?.poked()

    await writer.send(batch)
    await writer.pull()
    await writer.push({ observations: batch.upserts.observations })
    await writer.push({ observations: [observation({ deviceId: 'dev_else' })] })
    await expect(writer.send(syncBatch({ lastKnownServerCursor: 'cur1_9_0' }))).rejects.toThrow('cursor')
    // News arrive in the order of their writes: what the calls before had wrongly said would be here by now. Twice, since the
    // first poke may still be that of the write before.
    for (let round = 0; round < 2; round++) {
      await write(other)
      await Promise.all([elsewhere?.poked(), farElsewhere?.poked()])
    }
    expect([await here?.hasPoke(), await there?.hasPoke()]).toEqual([false, false])
  })

  it('[LIV-8] the notice is sent after the commit, in a transaction of its own', async () => {
    const workspace = await first.workspace()
    const { actor, token } = await workspace.device('dev_writer')
    const record = observation({ deviceId: 'dev_writer' })
    const stored = async () =>
      (
        await first.superuser.pool.query('SELECT FROM observations WHERE observation_id = $1', [
          record.observationId,
        ])
      ).rowCount
    const released = Promise.withResolvers<void>()
    const storedBefore: unknown[] = []
    const db = interruptedDatabase(first.db, async (statement) => {
      // Held back from the start of the write on; the probes of the listener are over by then.
      if (statement !== 'send_notices' || (await stored()) === 0) return
      storedBefore.push(await stored())
      await released.promise
    })
    const heard: string[] = []
    const hearing = Promise.withResolvers<void>()
    const both = Promise.withResolvers<void>()
    const listener = listen({
      url: first.urls.appUrl,
      sender: first.db.pool,
      channel: 'fieldsync_live',
      onNotice: (text) => {
        heard.push(text.split(' ')[0] ?? '')
        if (heard.length === 2) both.resolve()
      },
      onHearing: hearing.resolve,
      onDeaf: hearing.reject,
    })
    onTestFinished(async () => await listener[Symbol.asyncDispose]())
    await hearing.promise
    const runtime = new Runtime({ db, pepper: first.pepper })
    await live(first, {}, runtime)
    await new TestDevice(first, actor, token, runtime).push({ observations: [record] })
    await first.superuser.pool.query(`NOTIFY fieldsync_live, 'between'`)
    released.resolve()
    await both.promise
    expect(heard).toEqual(['between', 'changed'])
    expect(storedBefore.slice(0, 1)).toEqual([1])
  })

  it('[LIV-9] after its listening connection was killed a server pokes everyone, and hears again', async () => {
    const [, there] = await Promise.all([live(first), live(second)])
    const workspace = await first.workspace()
    const writer = await workspace.device('dev_writer')
    const reader = await liveReader((await workspace.device('dev_there')).at(second))
    const deaf = there.deaf()
    await first.superuser.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'fieldsync-live'`,
    )
    await deaf
    await there.hearing()
    await reader.poked()
    await write(writer)
    await reader.poked()
  })

  it('[LIV-9] a server that cannot listen still pokes for its own writes', async () => {
    const deaf = Promise.withResolvers<void>()
    const url = 'postgresql://app:secret@127.0.0.1:1/nowhere'
    await live(first)
    const alone = startLive(second.runtime, {
      url,
      limits: { perDevice: 5, perServer: 5 },
      onHearing: () => undefined,
      onDeaf: () => deaf.resolve(),
      ...TIMING,
    })
    onTestFinished(async () => await alone[Symbol.asyncDispose]())
    await deaf.promise
    const workspace = await first.workspace()
    const writer = (await workspace.device('dev_writer')).at(second)
    const [here, there] = await Promise.all([writer, writer.at(first)].map(liveReader))
    await write(writer)
    // The others hear of it all the same: telling needs no session.
    await Promise.all([here?.poked(), there?.poked()])
  })

  it('[LIV-8] the last writes before a server ends reach the others', async () => {
    const [here] = await Promise.all([live(first), live(second)])
    const workspace = await first.workspace()
    const writer = await workspace.device('dev_writer')
    const there = await liveReader(writer.at(second))
    await Promise.all([write(writer), write(writer), write(writer)])
    await here[Symbol.asyncDispose]()
    await there.poked()
  })
})

describe('rights', () => {
  it('[LIV-5, ACC-4] a revoked device’s stream ends without a write, the others’ go on', async () => {
    await live(first)
    const workspace = await first.workspace()
    const lost = await workspace.device('dev_lost')
    const remaining = await workspace.device('dev_kept')
    const [losing, keeping] = await Promise.all([lost, remaining].map(liveReader))
    await lost.revoke()
    await expect(losing?.poked()).rejects.toMatchObject({
      code: 'AUTH_REQUIRED',
      details: { reason: 'revoked', action: 're_enrol' },
    })
    expect(await keeping?.hasPoke()).toBe(false)
    await write(remaining)
    await keeping?.poked()
  })

  it('[WIP-1, LIV-5] a device that is to be wiped loses its stream at another server than the admin’s', async () => {
    await live(second)
    const workspace = await first.workspace()
    const admin = await workspace.device('dev_admin', 'admin')
    const lost = await workspace.device('dev_lost')
    const reader = await liveReader(lost.at(second))
    await wipeDevice({ ctx: admin.ctx(), input: { deviceId: lost.actor.deviceId } })
    await expect(reader.poked()).rejects.toMatchObject({ code: 'AUTH_REQUIRED' })
  })

  it('[LIV-5] a revoked device is not poked, even before the next review', async () => {
    await live(first, { reviewEveryMs: 3_600_000 })
    const workspace = await first.workspace()
    const lost = await workspace.device('dev_lost')
    const remaining = await workspace.device('dev_kept')
    const [losing, keeping] = await Promise.all([lost, remaining].map(liveReader))
    await lost.revoke()
    expect(await losing?.hasPoke()).toBe(false)
    await write(remaining)
    await keeping?.poked()
    await expect(losing?.poked()).rejects.toMatchObject({ code: 'AUTH_REQUIRED' })
  })

  it('[LIV-5] a device whose role changed is sent a reconnect', async () => {
    await live(first)
    const device = await (await first.workspace()).device('dev_promoted')
    const reader = await liveReader(device)
    await first.db.pool.query(
      `UPDATE devices SET role = 'viewer', epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2`,
      [device.actor.workspaceId, device.actor.deviceId],
    )
    await expect(reader.poked()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 1 })
  })
})

it('a server without live pokes refuses to connect, and writes as ever', async () => {
  const device = await (await first.workspace()).device('dev_scout_1')
  await expect(liveReader(device)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await write(device)
})
