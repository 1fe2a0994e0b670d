import { describe, expect, it } from 'vitest'

import { type TestWorld, testWorld } from '../testing/test-world.ts'

const isBad = (record: object) => 'rawNoteText' in record && String(record.rawNoteText).startsWith('bad')

describe('a batch with a record that the server refuses', () => {
  it('[ENG-12, BAT-6] quarantines what is named, with its issues, and sends the rest under a new syncId', async () => {
    const { server, anna } = await testWorld()
    server.model.setBuild({ refuses: isBad })
    const good = await anna.saved()
    const bad = await anna.saved({ rawNoteText: 'bad one' })
    const advice = anna.advice({ observationId: bad.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    expect(server.observation(good.observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', quarantined: 1, conflicts: 0, pending: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([
      {
        kind: 'quarantine',
        losing: { rawNoteText: 'bad one' },
        issues: [{ path: '', message: 'is not taken here' }],
      },
    ])
    expect(await anna.engine.recordStatus('observation', bad.observationId)).toBe('quarantined')
    expect(anna.sent[0]?.syncId).not.toBe(anna.sent[1]?.syncId)
    expect(anna.eventsOf('quarantined')).toHaveLength(1)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-12, GUA-10] many bad records in one batch go aside at once', async () => {
    const { server, anna } = await testWorld()
    server.model.setBuild({ refuses: isBad })
    for (let i = 0; i < 20; i++) await anna.saved({ rawNoteText: i % 2 ? 'bad' : 'fine' })
    await anna.sync()
    expect(anna.link.calls).toHaveLength(2)
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 10 })
  })

  it('[ENG-12] a refusal that names no record is an error; the queue is kept and exported', async () => {
    const { server, anna } = await testWorld()
    const saved = await anna.saved()
    const issues = [{ path: '/device/appVersion', message: 'is too old' }]
    anna.link.next(server.refuse('VALIDATION_ERROR', { issues }))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'error', pending: 1 })
    expect(anna.eventsOf('failed')).toMatchObject([{ code: 'VALIDATION_ERROR' }])
    expect(await anna.engine.exportQueue()).toMatchObject({ entries: [{ document: saved }], conflicts: [] })
  })

  it('[ENG-12] a refused report is dropped, once, rather than keep records back', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    const issues = [{ path: '/report/resolved/0/conflictId', message: 'is too long' }]
    anna.link.next(server.refuse('VALIDATION_ERROR', { issues }))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    anna.link.next(
      server.refuse('VALIDATION_ERROR', { issues }),
      server.refuse('VALIDATION_ERROR', { issues }),
    )
    await anna.sync()
    expect(anna.engine.status().state).toBe('error')
  })

  it('[ENG-12] a damaged cursor is started over from the beginning', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    await anna.sync()
    const issues = [{ path: '/lastKnownServerCursor', message: 'is too long' }]
    anna.link.next(server.refuse('VALIDATION_ERROR', { issues }))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle' })
    expect(anna.eventsOf('cursorReset')).toHaveLength(1)
  })
})

describe('a batch that is too large', () => {
  it('[ENG-14] is made as small as the server says, and stays so', async () => {
    const { server, anna } = await testWorld()
    server.model.setLimits({ maxRecords: 3 })
    for (let i = 0; i < 8; i++) await anna.saved()
    await anna.sync()
    expect(anna.sent.map(({ upserts }) => upserts.observations.length)).toEqual([8, 3, 3, 2])
    for (let i = 0; i < 4; i++) await anna.saved()
    await anna.sync()
    expect(anna.sent.slice(4).map(({ upserts }) => upserts.observations.length)).toEqual([3, 1])
  })

  it('[ENG-14] is halved where the server says nothing, and grows again', async () => {
    const { anna } = await testWorld({ settings: { batchRecords: 8 } })
    for (let i = 0; i < 16; i++) await anna.saved()
    const proxy = { status: 413, body: 'too large' }
    anna.link.next(proxy, proxy)
    await anna.sync()
    expect(anna.sent.map(({ upserts }) => upserts.observations.length)).toEqual([8, 4, 2, 4, 8, 2])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })

  it('[ENG-14] a single record that is too large is quarantined, the others go', async () => {
    const { server, anna } = await testWorld()
    server.model.setLimits({ maxBytes: 80_000 })
    const large = await anna.saved({
      rawNoteText: 'x'.repeat(20_000),
      transcription: { text: 'ü'.repeat(20_000), source: 'on_device_asr', confidence: 1 },
      extraction: { ...anna.note().extraction, symptoms: Array.from({ length: 100 }, () => 'y'.repeat(500)) },
    })
    for (let i = 0; i < 3; i++) await anna.saved()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([
      { entityId: large.observationId, issues: [{ path: '', message: 'is larger than the server takes' }] },
    ])
  })
})

describe('a key that is bound to something else', () => {
  it('[ENG-29, IDM-3] gives the batch up, pulls, and sends a new one; what was taken all the same is not doubled', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved({ status: 'confirmed' })
    await anna.engine.correct(draft.observationId, { rawNoteText: 'one' }, 'r')
    await anna.engine.correct(draft.observationId, { rawNoteText: 'two' }, 'r')
    // The server took all three, and says that it knows the key otherwise.
    anna.link.next(() => server.refuse('IDEMPOTENCY_CONFLICT'))
    await anna.sync()
    expect(anna.sent.map(({ upserts }) => upserts.observations.length)).toEqual([3, 0])
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('two')
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-29] sends each write of a record in a batch of its own, since an earlier one may be known', async () => {
    const { server, anna } = await testWorld()
    const draft = await anna.saved({ status: 'confirmed' })
    await anna.engine.correct(draft.observationId, { rawNoteText: 'one' }, 'r')
    anna.link.next(server.refuse('IDEMPOTENCY_CONFLICT'))
    await anna.sync()
    expect(anna.sent.map(({ upserts }) => upserts.observations.length)).toEqual([2, 0, 1, 1])
    expect(new Set(anna.sent.map(({ syncId }) => syncId)).size).toBe(4)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
  })

  it('[ENG-29] a server that answers so again and again is called again later', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    const refusal = server.refuse('IDEMPOTENCY_CONFLICT')
    anna.link.next(refusal, refusal, refusal, refusal, refusal)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 1 })
    await anna.sync()
    anna.link.clear()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
  })
})

describe('a record that makes the server fail', () => {
  const failsOn = (world: TestWorld, isFatal: (body: string) => boolean) => {
    world.anna.link.instead = ({ body }) => (isFatal(body) ? world.server.refuse('INTERNAL_ERROR') : null)
  }

  it('[ENG-26, GUA-10] is found by halves and quarantined, and the others go', async () => {
    const world = await testWorld()
    const { server, anna } = world
    failsOn(world, (body) => body.includes('fatal'))
    const fatal = await anna.saved({ rawNoteText: 'fatal' })
    const others = []
    for (let i = 0; i < 10; i++) others.push((await anna.saved()).observationId)
    for (let run = 0; run < 4; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([{ entityId: fatal.observationId }])
    expect(others.every((id) => server.observation(id))).toBe(true)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-26, GUA-10] is found as well where several of them stand before the others', async () => {
    const world = await testWorld()
    const { server, anna } = world
    failsOn(world, (body) => body.includes('fatal'))
    for (let i = 0; i < 3; i++) await anna.saved({ rawNoteText: `fatal ${i}` })
    const others = []
    for (let i = 0; i < 5; i++) others.push((await anna.saved()).observationId)
    for (let run = 0; run < 4; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 3 })
    expect(others.every((id) => server.observation(id))).toBe(true)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-26] alone it is never given up: it is tried again, and found when others come', async () => {
    const world = await testWorld()
    const { anna } = world
    failsOn(world, (body) => body.includes('fatal'))
    await anna.saved({ rawNoteText: 'fatal' })
    for (let run = 0; run < 6; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 1, quarantined: 0 })
    await anna.saved()
    await anna.sync()
    // Sent again alone once others got through, in three runs, before it is blamed.
    for (let run = 0; run < 2; run++) {
      expect(anna.engine.status()).toMatchObject({ pending: 1, quarantined: 0 })
      await anna.sync()
    }
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1 })
  })

  it('[ENG-26] a server that fails on everything costs no record its place, and little traffic', async () => {
    const world = await testWorld()
    const { server, anna } = world
    failsOn(world, (body) => body.includes('rawNoteText'))
    for (let i = 0; i < 64; i++) await anna.saved()
    for (let run = 0; run < 10; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 64, quarantined: 0 })
    expect(anna.link.calls.length).toBeLessThan(150)
    anna.link.instead = null
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, quarantined: 0 })
    expect(server.size).toBe(65)
  })

  it('[ENG-26] an answer that this version cannot read does not wedge the queue', async () => {
    const { server, anna } = await testWorld()
    const odd = await anna.saved({ rawNoteText: 'odd' })
    const others = [await anna.saved(), await anna.saved()]
    anna.link.instead = ({ body }) =>
      body.includes('odd') ? { status: 200, body: '{"outcome":"new"}' } : null
    for (let run = 0; run < 5; run++) await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1 })
    expect(await anna.engine.conflicts()).toMatchObject([{ entityId: odd.observationId }])
    expect(others.every(({ observationId }) => server.observation(observationId))).toBe(true)
  })
})
