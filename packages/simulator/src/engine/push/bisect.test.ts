import type { BatchAnswer, BatchCall } from '@fieldsync/sync-engine'
import type { Isolation } from '@fieldsync/sync-engine/testing'
import { seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld, type TestWorld } from '../testing/test-world.ts'

const recordsOf = ({ body }: BatchCall): number => body.match(/"deterministicChecksum":/g)?.length ?? 0

async function saveMany(device: TestDevice, count: number, text = 'fine'): Promise<void> {
  for (let i = 0; i < count; i++) await device.saved({ rawNoteText: `${text} ${i}` })
}
const syncTimes = async (device: TestDevice, runs: number): Promise<void> => {
  for (let run = 0; run < runs; run++) await device.sync()
}

const HTML_403: BatchAnswer = { status: 403, body: '<html><h1>Forbidden</h1>Incident 4711</html>' }

describe('a note that something on the way rejects', () => {
  it.each<[string, BatchAnswer]>([
    ['403 with HTML', HTML_403],
    ['403 with JSON', { status: 403, body: '{"blocked":true,"ruleId":942100}' }],
    ['415', { status: 415, body: '' }],
    ['406', { status: 406, body: 'Not Acceptable (mod_security)' }],
    ['a bare 500', { status: 500, body: '<h1>Internal Server Error</h1>' }],
  ])('[ENG-51, GUA-10] blocks no other, and is quarantined: %s', async (_, answer) => {
    const { server, anna } = await testWorld()
    await saveMany(anna, 5)
    const bad = await anna.saved({ rawNoteText: "' OR 1=1 --" })
    await saveMany(anna, 7, 'later')
    anna.link.instead = ({ body }) => (body.includes('OR 1=1') ? answer : null)
    await syncTimes(anna, 2)
    expect(server.size).toBe(13)
    await syncTimes(anna, 2)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([
      {
        entityId: bad.observationId,
        issues: [
          { path: '', message: 'is rejected on the way to the server, which lets other records through' },
        ],
      },
    ])
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-51, GUA-10] blocks no other, however many there are', async () => {
    const { server, anna } = await testWorld()
    await saveMany(anna, 14, '<script>')
    await saveMany(anna, 3)
    anna.link.instead = ({ body }) => (body.includes('<script>') ? HTML_403 : null)
    await syncTimes(anna, 14)
    expect(server.size).toBe(4)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 14 })
  })

  it('[ENG-51] goes out by itself when the way is mended before it is blamed', async () => {
    const { server, anna } = await testWorld()
    await anna.saved({ rawNoteText: 'rejected' })
    await saveMany(anna, 4)
    anna.link.instead = ({ body }) => (body.includes('rejected') ? HTML_403 : null)
    await syncTimes(anna, 3)
    expect(anna.engine.status()).toMatchObject({ pending: 1, quarantined: 0 })
    anna.link.instead = null
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    expect(server.size).toBe(6)
  })
})

describe('something that rejects everything', () => {
  it.each<[string, BatchAnswer]>([
    ['a page to sign in', { status: 200, body: '<html>Welcome to our Wi-Fi</html>' }],
    ['JSON with 200', { status: 200, body: '{"login":"required"}' }],
    ['403 with HTML', HTML_403],
    ['511', { status: 511, body: '' }],
  ])('[ENG-48, ENG-51] costs no note its place, and no batch its key: %s', async (_, answer) => {
    const { server, anna } = await testWorld()
    await saveMany(anna, 20)
    anna.link.instead = () => answer
    await syncTimes(anna, 15)
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 20, quarantined: 0 })
    anna.link.instead = null
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    const batches = anna.link.calls.filter((call) => recordsOf(call) > 0)
    expect(new Set(batches.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    expect(server.size).toBe(21)
  })

  it('[ENG-51] but pulls costs no note its place either', async () => {
    const { anna } = await testWorld()
    await saveMany(anna, 12)
    anna.link.instead = (call) => (recordsOf(call) > 0 ? HTML_403 : null)
    await syncTimes(anna, 12)
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 12, quarantined: 0 })
    anna.link.instead = null
    await syncTimes(anna, 1)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
  })
})

/** A server that fails on batches as `fails` says, which is asked once for each. */
function failing({ server, anna }: TestWorld, fails: (records: number) => boolean): void {
  anna.link.instead = (call) => {
    const records = recordsOf(call)
    return records > 0 && fails(records) ? server.refuse('INTERNAL_ERROR') : null
  }
}

describe('a server that recovers while a record is searched for', () => {
  it.each([1, 3, 4, 6, 10, 11, 17, 24])(
    '[ENG-52] keeps every healthy note out of quarantine: mended after %i calls with one',
    async (mendedAfter) => {
      const world = await testWorld()
      const { server, anna } = world
      await saveMany(anna, 20)
      let alone = 0
      failing(world, (records) => alone < mendedAfter && (records > 1 || alone++ >= 0))
      await syncTimes(anna, 10)
      expect(anna.eventsOf('quarantined')).toEqual([])
      expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
      expect(server.size).toBe(21)
    },
  )

  it.each([
    ['taken at once: the note is at fault', 0, 1],
    ['taken in a second attempt: the server fails whatever it is sent', 1, 0],
  ])(
    '[ENG-52] a suspect that fails for the third time is quarantined by whether another note is %s',
    async (_, failsFirst, quarantined) => {
      const { server, anna } = await testWorld()
      await anna.saved({ rawNoteText: 'fatal' })
      await saveMany(anna, 3)
      let left = 0
      anna.link.instead = ({ body }) =>
        body.includes('fatal') || (body.includes('healthy') && left-- > 0)
          ? server.refuse('INTERNAL_ERROR')
          : null
      const failedRounds = () => {
        const { rounds = {} } = (anna.tables.values.get('isolation') ?? {}) as Isolation
        return Math.max(0, ...Object.values(rounds))
      }
      for (let run = 0; run < 12 && failedRounds() < 2; run++) await anna.sync()
      expect(anna.engine.status()).toMatchObject({ pending: 1, quarantined: 0 })
      await anna.saved({ rawNoteText: 'healthy' })
      left = failsFirst
      await anna.sync()
      expect(anna.engine.status()).toMatchObject({ pending: 1 - quarantined, quarantined })
      await syncTimes(anna, 8)
      expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1 })
    },
  )

  it('[ENG-52] and one that fails again when the suspect has its turn', async () => {
    const world = await testWorld()
    const { anna } = world
    await saveMany(anna, 12)
    // Down until one failed alone; up for two batches; down for two more runs; then up.
    let alone = 0
    let passed = 0
    let isDown = false
    failing(world, (records) => {
      if (alone < 3) return records > 1 || alone++ >= 0
      if (passed < 2) return passed++ < 0
      return isDown
    })
    isDown = true
    await syncTimes(anna, 4)
    isDown = false
    await syncTimes(anna, 2)
    expect(anna.eventsOf('quarantined')).toEqual([])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
  })

  const SEEDS = Array.from({ length: 6 }, (_, i) => 71 + i)
  it.each([
    ['every second call', 0.5],
    ['nine of ten calls', 0.9],
  ])('[ENG-52] and one that fails on %s, whatever it holds', async (_, share) => {
    for (const seed of SEEDS) {
      const world = await testWorld()
      const { anna } = world
      const random = seededRandom(seed)
      await saveMany(anna, 14)
      failing(world, () => random.fraction() < share)
      await syncTimes(anna, 8)
      failing(world, () => false)
      await syncTimes(anna, 3)
      expect(anna.eventsOf('quarantined'), `seed ${seed}`).toEqual([])
      expect(anna.engine.status(), `seed ${seed}`).toMatchObject({ state: 'idle', pending: 0 })
    }
  })

  it('[ENG-26, ENG-52] is still told from one that a record makes fail, also where that fails now and then', async () => {
    const world = await testWorld()
    const { server, anna } = world
    const random = seededRandom(5)
    await saveMany(anna, 3)
    const fatal = await anna.saved({ rawNoteText: 'fatal' })
    await saveMany(anna, 8, 'later')
    anna.link.instead = ({ body }) =>
      body.includes('fatal') || (body.includes('rawNoteText') && random.fraction() < 0.3)
        ? server.refuse('INTERNAL_ERROR')
        : null
    await syncTimes(anna, 60)
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([{ entityId: fatal.observationId }])
  })
})

describe('quarantined writes', () => {
  it('[ENG-55, ENG-17] go out again at once, all or those that are named', async () => {
    const { server, anna } = await testWorld()
    server.model.setBuild({
      refuses: (record) => 'rawNoteText' in record && String(record.rawNoteText).startsWith('bad'),
    })
    await saveMany(anna, 5, 'bad')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 5 })
    server.model.setBuild({ refuses: () => false })
    const [first, second] = await anna.engine.conflicts()
    const two = await anna.engine.resolve.resubmitAll([first?.id ?? '', second?.id ?? '', 'quarantine/gone'])
    expect(two).toMatchObject({ ok: true, refused: [] })
    expect(new Set(two.resubmitted.map(({ id }) => id))).toEqual(new Set([first?.entityId, second?.entityId]))
    expect(anna.engine.status()).toMatchObject({ pending: 2, quarantined: 3 })
    expect((await anna.engine.resolve.resubmitAll()).resubmitted).toHaveLength(3)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    expect(server.size).toBe(6)
    expect(await anna.engine.resolve.resubmitAll()).toEqual({ ok: true, resubmitted: [], refused: [] })
  })

  it('[ENG-55] of one record go out in the order in which they were made', async () => {
    const { server, anna } = await testWorld()
    server.model.setBuild({ refuses: () => true })
    const note = await anna.saved({ status: 'confirmed' })
    await anna.engine.correct(note.observationId, { rawNoteText: 'one' }, 'r')
    await anna.engine.correct(note.observationId, { rawNoteText: 'two' }, 'r')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ quarantined: 3 })
    server.model.setBuild({ refuses: () => false })
    await anna.engine.resolve.resubmitAll()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, quarantined: 0 })
    expect(server.observation(note.observationId)?.rawNoteText).toBe('two')
  })
})
