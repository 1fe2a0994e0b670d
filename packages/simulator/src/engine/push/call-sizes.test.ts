import type { BatchAnswer, BatchCall } from '@fieldsync/sync-engine'
import type { Trial } from '@fieldsync/sync-engine/testing'
import { seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const SETTINGS = { batchRecords: 64, pageRecords: 64 }
const SEED = 20_261_129

const recordsOf = ({ body }: BatchCall): number => body.match(/"deterministicChecksum":/g)?.length ?? 0
const noteText = (length: number, random = seededRandom(SEED)): string =>
  Array.from({ length }, () => String.fromCodePoint(random.int(97, 122))).join('')

/** A link that is cut after so many bytes of a call, up or down; what was sent whole arrives. */
function cutAfter(device: TestDevice, bytes: number, kind = 'cut'): void {
  const cut = (): never => {
    throw Object.assign(new Error('the connection was cut'), kind === 'timeout' && { kind })
  }
  device.link.instead = ({ body }) => (body.length > bytes ? cut() : null)
  device.link.always = (answer) => (answer.body.length > bytes ? cut() : answer)
}

/** Answers in place of the server, so many times or for ever, for batches above so many records. */
const above = (most: number, answer: BatchAnswer) => (call: BatchCall) =>
  recordsOf(call) > most ? answer : null

const sizes = (device: TestDevice): number[] =>
  device.sent.map(({ upserts }) => upserts.observations.length).filter((count) => count > 0)
const trial = (device: TestDevice): Trial | undefined =>
  device.tables.values.get('trial') as Trial | undefined

describe('a link that does not last for a large call', () => {
  it('[ENG-48, ENG-49, GUA-10] drains: batches are halved until they get through', async () => {
    const { server, anna } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 100; i++) await anna.saved()
    cutAfter(anna, 10_000)
    for (let run = 0; run < 3; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    expect(server.size).toBe(101)
    expect([...new Set(sizes(anna))].slice(0, 4)).toEqual([64, 32, 16, 8])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-49, GUA-10] lets a single note through whose answer brings too much of others', async () => {
    const { server, anna, ben } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 64; i++) await ben.saved()
    await ben.sync()
    const { observationId } = await anna.saved()
    cutAfter(anna, 8_000)
    for (let run = 0; run < 3; run++) await anna.sync()
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(Math.min(...anna.sent.map(({ maxDownstream }) => maxDownstream ?? 500))).toBe(1)
  })

  it('[ENG-49, GUA-10] lets a first pull through by smaller pages', async () => {
    const { server, anna, ben } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 150; i++) await ben.saved()
    await ben.sync()
    cutAfter(anna, 12_000)
    for (let run = 0; run < 3; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle' })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-49] measures by bytes where notes are long', async () => {
    const { anna } = await testWorld({ settings: SETTINGS })
    const random = seededRandom(SEED)
    for (let i = 0; i < 12; i++) await anna.saved({ rawNoteText: noteText(i % 2 ? 9_000 : 300, random) })
    cutAfter(anna, 24_000)
    for (let run = 0; run < 3; run++) await anna.sync()
    expect(anna.engine.status(), `seed ${SEED}`).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-25, ENG-49] is not overfilled by what is reported, and hears of all that was resolved', async () => {
    const { server, anna, ben } = await testWorld({ settings: SETTINGS })
    const { conflicts, resolve } = anna.engine
    for (let i = 0; i < 40; i++) {
      // As old apps do: two devices reach the same id.
      const observationId = `obs_20260211_00${i + 10}`
      await ben.saved({ observationId })
      await anna.saved({ observationId })
    }
    await ben.sync()
    await anna.sync()
    for (const { id } of await conflicts()) await resolve.acceptServer(id)
    cutAfter(anna, 2_500)
    for (let run = 0; run < 45; run++) await anna.sync()
    const reported = server.reports.flatMap(({ resolved = [] }) => resolved)
    expect(new Set(reported.map(({ conflictId }) => conflictId)).size).toBe(40)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', conflicts: 0 })
  })

  it('[ENG-29, ENG-49, GUA-2] doubles nothing that was taken before the answer was cut', async () => {
    const { server, anna } = await testWorld({ settings: SETTINGS })
    const first = await anna.saved({ status: 'confirmed' })
    await anna.engine.correct(first.observationId, { rawNoteText: 'one' }, 'r')
    await anna.engine.correct(first.observationId, { rawNoteText: 'two' }, 'r')
    for (let i = 0; i < 20; i++) await anna.saved()
    // The server takes all 23 writes, and its answer never comes, until batches are small.
    anna.link.always = (answer, call) => {
      if (recordsOf(call) > 4) throw new Error('the connection was cut')
      return answer
    }
    for (let run = 0; run < 3; run++) await anna.sync()
    expect(server.observation(first.observationId)?.rawNoteText).toBe('two')
    expect(server.size).toBe(22)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, quarantined: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it.each([
    ['a bare 502', { status: 502, body: '<h1>Bad Gateway</h1>' }],
    ['a bare 503', { status: 503, body: '' }],
    ['a bare 504', { status: 504, body: '<h1>Gateway Time-out</h1>' }],
    ['UNAVAILABLE of the server', null],
  ])('[ENG-49, GUA-10] or a server that takes too long for it: %s', async (_, answer) => {
    const { server, anna } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 64; i++) await anna.saved()
    anna.link.instead = above(5, answer ?? server.refuse('UNAVAILABLE'))
    for (let run = 0; run < 3; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
  })

  it('[ENG-6, ENG-48] is not asked for the same bytes again after a time-out, and at once for less', async () => {
    const { anna } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 16; i++) await anna.saved()
    cutAfter(anna, 8_000, 'timeout')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(sizes(anna).slice(0, 3)).toEqual([16, 8, 4])
  })

  it('[ENG-49] that lasts for no record at all keeps everything, and blames nobody', async () => {
    const { server, anna } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 8; i++) await anna.saved()
    anna.link.instead = (call) => {
      if (recordsOf(call) === 0) return null
      throw new Error('the connection was cut')
    }
    for (let run = 0; run < 12; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 8, quarantined: 0 })
    anna.link.instead = null
    for (let run = 0; run < 2; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    expect(server.size).toBe(9)
  })

  it('[ENG-49, GUA-10] lets the others through beside one record that it does not last for', async () => {
    const { server, anna } = await testWorld({ settings: SETTINGS })
    const long = await anna.saved({ rawNoteText: noteText(15_000) })
    const others = []
    for (let i = 0; i < 10; i++) others.push((await anna.saved()).observationId)
    cutAfter(anna, 12_000)
    for (let run = 0; run < 8; run++) await anna.sync()
    expect(others.every((id) => server.observation(id))).toBe(true)
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 1, quarantined: 0 })
    cutAfter(anna, 40_000)
    await anna.sync()
    expect(server.observation(long.observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })
})

describe('sizes', () => {
  it('[ENG-48] stay as they are while nothing gets through, and the batch goes out again as it is', async () => {
    const { anna } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 40; i++) await anna.saved()
    anna.link.instead = () => {
      throw new Error('no network')
    }
    for (let run = 0; run < 10; run++) await anna.sync()
    expect(trial(anna)).toBeUndefined()
    anna.link.instead = null
    await anna.sync()
    expect(sizes(anna).every((count) => count === 40)).toBe(true)
    const batches = anna.link.calls.filter((call) => recordsOf(call) > 0)
    expect(new Set(batches.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
  })

  it('[ENG-50] are stored with the device, and survive a restart', async () => {
    const { anna } = await testWorld({ settings: SETTINGS })
    for (let i = 0; i < 64; i++) await anna.saved()
    anna.link.instead = above(8, { status: 504, body: '' })
    anna.link.always = (answer, call) => {
      if (recordsOf(call) > 0) anna.die()
      return answer
    }
    for (let run = 0; run < 2; run++) await anna.sync()
    anna.link.always = null
    await anna.restart()
    const before = anna.link.calls.length
    await anna.sync()
    const after = anna.link.calls.slice(before).map(recordsOf)
    expect(after[0]).toBe(8)
    expect(after.filter((count) => count > 8).length).toBeLessThan(4)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-50] grow to what is wanted once everything gets through, slower where larger calls failed', async () => {
    const { anna } = await testWorld({ settings: { batchRecords: 16, pageRecords: 16 } })
    for (let i = 0; i < 16; i++) await anna.saved()
    anna.link.instead = above(4, { status: 504, body: '' })
    for (let run = 0; run < 2; run++) await anna.sync()
    // After the first of four three more of four, none of them larger.
    expect(sizes(anna).slice(-4)).toEqual([4, 4, 4, 4])
    anna.link.instead = null
    for (let i = 0; i < 160; i++) await anna.saved()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    expect(sizes(anna).slice(-2)[0]).toBe(16)
    expect(trial(anna)).toBeUndefined()
  })

  it('[ENG-50] of a version that knew records alone are taken over', async () => {
    const { anna } = await testWorld({ settings: SETTINGS })
    await anna.tamper((transaction) => transaction.put('values', 'trial', { records: 3 }))
    for (let i = 0; i < 10; i++) await anna.saved()
    await anna.sync()
    expect(sizes(anna)).toEqual([3, 6, 1])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })
})
