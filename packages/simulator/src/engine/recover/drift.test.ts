import type { Observation } from '@fieldsync/contracts'
import { recordKey } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const HOUR = 60 * 60_000

/** Makes a device's copy differ as a bug would: hash and record agree with each other, not with the server. */
const damage = (device: TestDevice, observationId: string): Promise<void> =>
  device.tamper(async (transaction) => {
    const key = recordKey('observation', observationId)
    const row = await transaction.get('records', key)
    if (!row) throw new Error('no such record')
    const server = { ...(row.server as Observation), rawNoteText: 'never written' }
    await transaction.put('records', key, { ...row, server, digest: '1'.repeat(64) })
    await transaction.put('values', 'position', { ...device.position, stateHash: 'f'.repeat(64) })
  })

describe('the device’s state hash', () => {
  it('[HSH-4, GUA-4] is the server’s at the head, whatever was written, changed and deleted', async () => {
    const { server, anna, ben } = await testWorld()
    const drafts = [await anna.saved(), await anna.saved(), await ben.saved()]
    await anna.sync()
    await ben.sync()
    server.delete('observation', drafts[0]?.observationId ?? '')
    await anna.engine.saveObservation({ ...(drafts[1] as Observation), status: 'confirmed' })
    await anna.sync()
    await ben.sync()
    for (const { position } of [anna, ben]) expect(position.stateHash).toBe(server.stateHash())
    expect([...(await anna.findings()), ...(await ben.findings())]).toEqual([])
  })

  it('[HSH-4, SHP-10] counts what a newer server adds to a record, though the device leaves it out', async () => {
    const { server, anna, ben } = await testWorld()
    const { observationId } = await ben.saved()
    await ben.sync()
    server.damage(({ observations }) => {
      const stored = observations.get(observationId)
      if (stored) stored.record = Object.assign({ soilMoisture: 0.3 }, stored.record)
    })
    await anna.sync()
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(anna.eventsOf('drift')).toEqual([])
    const shown = await anna.engine.record('observation', observationId)
    expect(shown?.document).not.toHaveProperty('soilMoisture')
    // So it can be edited by the contract that this version knows.
    const { document } = shown ?? {}
    expect(
      await anna.engine.saveObservation({ ...(document as Observation), rawNoteText: 'edited' }),
    ).toMatchObject({
      ok: true,
    })
  })
})

describe('drift', () => {
  it('[HSH-5] is noticed with an empty queue, healed by a full pull that keeps conflicts, and reported', async () => {
    const { server, anna, ben } = await testWorld()
    const { observationId } = await anna.saved()
    await anna.sync()
    const gone = await ben.saved({ observationId: 'obs_20260211_0001' })
    await ben.sync()
    await anna.saved({ observationId: gone.observationId })
    await anna.sync()
    expect(anna.engine.status().conflicts).toBe(1)
    await damage(anna, observationId)
    const serverHash = server.stateHash()
    await anna.sync()
    expect(anna.eventsOf('drift')).toMatchObject([{ serverHash, healing: true }])
    expect(await anna.engine.record('observation', observationId)).toMatchObject({
      document: server.observation(observationId),
    })
    expect(anna.engine.status()).toMatchObject({ state: 'idle', conflicts: 1, pending: 0 })
    expect(server.reports.at(-1)?.drift).toMatchObject({ serverHash, deviceHash: 'f'.repeat(64) })
    expect(anna.position.stateHash).not.toBe(serverHash)
  })

  it('[HSH-5, ENG-41] of a hash alone is healed too, and of a record that the server does not have, which stays', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    await anna.sync()
    const row = [...anna.tables.records.values()].find(({ type }) => type === 'observation')
    if (!row) throw new Error('no record')
    const id = 'obs_20260211_0009'
    await anna.tamper((transaction) =>
      transaction.put('records', recordKey('observation', id), {
        ...row,
        id,
        acknowledgedAt: null,
        digest: '2'.repeat(64),
      }),
    )
    await anna.sync()
    expect(anna.eventsOf('drift')).toEqual([])
    await anna.tamper((transaction) =>
      transaction.put('values', 'position', { ...anna.position, stateHash: '2'.repeat(64) }),
    )
    await anna.sync()
    expect(anna.eventsOf('drift')).toHaveLength(1)
    expect(await anna.engine.record('observation', id)).toMatchObject({ status: 'local_only', server: null })
    expect(server.size).toBe(2)
  })

  it('[HSH-5] is not looked for while something waits to be sent', async () => {
    const { server, anna, ben } = await testWorld()
    const { observationId } = await anna.saved()
    await anna.sync()
    await ben.sync()
    await damage(ben, observationId)
    server.model.setBuild({ refuses: (record) => 'rawNoteText' in record && record.rawNoteText === 'bad' })
    const bad = await ben.saved({ rawNoteText: 'bad' })
    await ben.sync()
    ben.events.length = 0
    await ben.engine.saveObservation({ ...bad, rawNoteText: 'behind it' })
    await ben.sync()
    expect(ben.engine.status()).toMatchObject({ pending: 1, quarantined: 1 })
    expect(ben.eventsOf('drift')).toEqual([])
  })

  it('[HSH-6] that a full pull does not heal is tried again after an hour, then two, and reported once each', async () => {
    const { clock, server, anna } = await testWorld()
    await anna.saved()
    await anna.sync()
    const wrong = '3'.repeat(64)
    server.model.setBuild({ stateHash: () => wrong })
    await anna.sync()
    await anna.sync()
    await anna.sync()
    const pullsFromStart = () =>
      anna.sent.filter(({ lastKnownServerCursor }) => lastKnownServerCursor === '').length - 1
    expect(pullsFromStart()).toBe(1)
    clock.advance(HOUR)
    await anna.sync()
    expect(pullsFromStart()).toBe(2)
    clock.advance(HOUR)
    await anna.sync()
    expect(pullsFromStart()).toBe(2)
    clock.advance(HOUR)
    await anna.sync()
    expect(pullsFromStart()).toBe(3)
    expect(anna.engine.status().state).toBe('idle')
    // Another difference than the known one is reported at once.
    server.model.setBuild({ stateHash: () => '4'.repeat(64) })
    await anna.sync()
    expect(anna.eventsOf('drift').at(-1)).toMatchObject({ serverHash: '4'.repeat(64), healing: false })
  })

  it.each([
    ['back', -1],
    ['back', -24 * HOUR],
    ['back', -365 * 24 * HOUR],
    ['forward', 24 * HOUR],
  ])(
    '[HSH-6] that is known is repaired at once by a device whose clock was set %s by %i ms, and later waits by the new time',
    async (_, jump) => {
      const { clock, server, anna } = await testWorld()
      await anna.saved()
      await anna.sync()
      server.model.setBuild({ stateHash: () => '3'.repeat(64) })
      await anna.sync()
      const pullsFromStart = () =>
        anna.sent.filter(({ lastKnownServerCursor }) => lastKnownServerCursor === '').length - 1
      expect(pullsFromStart()).toBe(1)
      anna.skew = jump
      await anna.sync()
      expect(pullsFromStart()).toBe(2)
      await anna.sync()
      expect(pullsFromStart()).toBe(2)
      clock.advance(2 * HOUR)
      await anna.sync()
      expect(pullsFromStart()).toBe(3)
    },
  )

  it('[ENG-47, GUA-10] that comes back with what was sent again after its full pull waits as well', async () => {
    const { clock, server, anna } = await testWorld()
    const { observationId } = await anna.saved({ status: 'confirmed' })
    await anna.sync()
    // As if a version had been acknowledged that the server does not take over: it accepts it, and keeps its own.
    const before = server.observation(observationId)
    await anna.engine.correct(observationId, { rawNoteText: 'corrected' }, 'misread')
    anna.link.always = (answer) => {
      server.damage(({ observations }) => {
        const stored = observations.get(observationId)
        if (stored && before) stored.record = before
      })
      return answer
    }
    const isFromStart = () => server.requests.at(-1)?.lastKnownServerCursor === ''
    server.model.setBuild({ stateHash: (hash) => (isFromStart() ? hash : '6'.repeat(64)) })
    await anna.sync()
    const pullsFromStart = () =>
      anna.sent.filter(({ lastKnownServerCursor }) => lastKnownServerCursor === '').length - 1
    expect(pullsFromStart()).toBe(1)
    expect(anna.eventsOf('resent')).toHaveLength(1)
    expect(anna.engine.status().state).toBe('idle')
    await anna.sync()
    await anna.sync()
    expect(pullsFromStart()).toBe(1)
    clock.advance(HOUR)
    await anna.sync()
    expect(pullsFromStart()).toBe(2)
    clock.advance(HOUR)
    await anna.sync()
    expect(pullsFromStart()).toBe(2)
    // Each difference is reported once.
    expect(anna.eventsOf('drift').map(({ healing }) => healing)).toEqual([true, false, true, false])
  })

  it('[HSH-5] that shows after a reset of the cursor is found and reported like any other', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    await anna.sync()
    server.refuseCursors()
    server.model.setBuild({ stateHash: () => '5'.repeat(64) })
    await anna.sync()
    expect(anna.eventsOf('drift')).toMatchObject([])
    await anna.sync()
    expect(anna.eventsOf('drift')).toMatchObject([{ serverHash: '5'.repeat(64), healing: true }])
  })

  it('[HSH-5] a server that sends no hash is never found to differ', async () => {
    const { server, anna } = await testWorld()
    server.model.setBuild({ stateHash: () => undefined })
    const { observationId } = await anna.saved()
    await anna.sync()
    await damage(anna, observationId)
    await anna.sync()
    expect(anna.eventsOf('drift')).toEqual([])
  })
})
