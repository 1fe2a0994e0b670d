import { describe, expect, it } from 'vitest'

import { testWorld } from '../testing/test-world.ts'

const DAY = 24 * 60 * 60_000

describe('a server that was restored from a backup', () => {
  it('[ENG-15, CUR-6, GUA-9] gets back what it had acknowledged, in the version it had, with what rests on it', async () => {
    const { server, anna, ben } = await testWorld({ settings: { pageRecords: 2 } })
    const before = await anna.saved()
    await anna.sync()
    const backup = server.backup()
    await anna.engine.saveObservation({ ...before, status: 'confirmed' })
    const corrected = await anna.engine.correct(before.observationId, { rawNoteText: 'corrected' }, 'misread')
    const after = await anna.saved()
    const advice = anna.advice({ observationId: after.observationId })
    await anna.engine.saveRecommendation(advice)
    await anna.sync()
    await ben.sync()
    server.restore(backup)
    await ben.saved()
    await anna.sync()
    expect(anna.eventsOf('cursorReset')).toHaveLength(1)
    expect(anna.eventsOf('resent').flatMap(({ records }) => records)).toHaveLength(3)
    expect(server.observation(before.observationId)).toEqual(corrected.ok && corrected.record.local)
    expect(server.observation(after.observationId)).toEqual(after)
    expect(server.recommendation(advice.recommendationId)).toBeDefined()
    await ben.sync()
    await anna.sync()
    for (const { engine, position } of [anna, ben]) {
      expect(engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
      expect(position.stateHash).toBe(server.stateHash())
    }
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-15, CUR-6] gets it back also while a conflict on it waits for a person, whose own version stays seen', async () => {
    const { server, anna, ben } = await testWorld()
    const backup = server.backup()
    const draft = await anna.saved()
    await anna.sync()
    await ben.sync()
    const confirmed = await ben.engine.saveObservation({ ...draft, status: 'confirmed' })
    await ben.sync()
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'edited without knowing' })
    await anna.sync()
    server.restore(backup)
    await anna.sync()
    expect(server.observation(draft.observationId)).toEqual(confirmed.ok && confirmed.record.local)
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 1 })
    expect(await anna.engine.record('observation', draft.observationId)).toMatchObject({
      status: 'conflict',
      document: { rawNoteText: 'edited without knowing' },
    })
    const [conflict] = await anna.engine.conflicts()
    await anna.engine.resolve.acceptServer(conflict?.id ?? '')
    expect(await anna.engine.record('observation', draft.observationId)).toMatchObject({
      status: 'synced',
      document: { status: 'confirmed' },
    })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-15, CUR-6] may refuse it while a conflict on it waits: then both wait, and the person’s own version stays seen', async () => {
    const { server, anna, ben, device } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    const backup = server.backup()
    await ben.sync()
    await ben.engine.saveObservation({ ...draft, status: 'confirmed' })
    await ben.sync()
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'edited without knowing' })
    await anna.sync()
    server.restore(backup)
    const carl = await device('carl')
    await carl.sync()
    const other = { ...draft, status: 'confirmed' as const, rawNoteText: 'confirmed since' }
    await carl.engine.saveObservation(other)
    await carl.sync()
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 2 })
    expect(await anna.engine.record('observation', draft.observationId)).toMatchObject({
      status: 'conflict',
      document: { rawNoteText: 'edited without knowing' },
      server: { rawNoteText: 'confirmed since' },
    })
    expect(await anna.findings()).toEqual([])
  })

  it.each(['acceptServer', 'correct'] as const)(
    '[ENG-15, CUR-6] gets it before what a person decides meanwhile (%s)',
    async (way) => {
      const { server, anna, ben } = await testWorld()
      const backup = server.backup()
      const draft = await anna.saved()
      await anna.sync()
      await ben.sync()
      await ben.engine.saveObservation({ ...draft, status: 'confirmed' })
      await ben.sync()
      await anna.engine.saveObservation({ ...draft, rawNoteText: 'edited without knowing' })
      await anna.sync()
      server.restore(backup)
      anna.link.instead = ({ body }) =>
        body.includes(draft.observationId) ? { status: 503, body: 'away' } : null
      await anna.sync()
      expect(anna.engine.status()).toMatchObject({ pending: 1, conflicts: 1 })
      expect(await anna.findings()).toEqual([])
      const [conflict] = await anna.engine.conflicts()
      const resolved =
        way === 'correct'
          ? await anna.engine.resolve.correct(conflict?.id ?? '', { reason: 'looked again' })
          : await anna.engine.resolve.acceptServer(conflict?.id ?? '')
      expect(resolved.ok).toBe(true)
      expect(await anna.findings()).toEqual([])
      anna.link.instead = null
      await anna.sync()
      expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
      expect(server.observation(draft.observationId)).toMatchObject({
        status: 'confirmed',
        ...(way === 'correct' ? { correction: { reason: 'looked again' } } : {}),
        rawNoteText: way === 'correct' ? 'edited without knowing' : draft.rawNoteText,
      })
      expect(await anna.findings()).toEqual([])
    },
  )

  it('[ENG-15] gets a lost patch again, which makes the version it made', async () => {
    const { server, anna } = await testWorld()
    await anna.sync()
    const backup = server.backup()
    const path = '/rules/rule_pm_moderate/constraints/maxWindKph'
    const operations = [{ op: 'replace' as const, path, value: 7 }]
    await anna.engine.patchPlaybook({ playbookId: 'pbk_yolo_grape', reason: 'wind', operations })
    await anna.sync()
    server.restore(backup)
    expect(server.playbook()?.version).toBe(3)
    await anna.sync()
    expect(server.playbook()).toMatchObject({
      version: 4,
      rules: { rule_pm_moderate: { constraints: { maxWindKph: 7 } } },
    })
    // A server that lost nothing takes the same patch for the one it has.
    server.refuseCursors()
    await anna.sync()
    expect(server.playbook()?.version).toBe(4)
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-15, HSH-5] gets a lost patch again from a device that pulled in full for a drift at that moment', async () => {
    const { server, anna } = await testWorld()
    await anna.sync()
    const backup = server.backup()
    const path = '/rules/rule_pm_moderate/constraints/maxWindKph'
    const operations = [{ op: 'replace' as const, path, value: 7 }]
    await anna.engine.patchPlaybook({ playbookId: 'pbk_yolo_grape', reason: 'wind', operations })
    await anna.sync()
    await anna.tamper((transaction) =>
      transaction.put('values', 'position', { ...anna.position, stateHash: 'f'.repeat(64) }),
    )
    anna.link.next('pass', 'unsent', 'unsent', 'unsent')
    await anna.sync()
    expect(anna.eventsOf('drift')).toHaveLength(1)
    server.restore(backup)
    await anna.sync()
    expect(server.playbook()?.version).toBe(4)
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-15, ENG-41, HSH-7] is not offered what was acknowledged longer than 30 days ago, which stays on the device', async () => {
    const { clock, server, anna } = await testWorld()
    const backup = server.backup()
    const old = await anna.saved()
    await anna.sync()
    clock.advance(31 * DAY)
    const young = await anna.saved()
    await anna.sync()
    server.restore(backup)
    await anna.sync()
    expect(server.observation(old.observationId)).toBeUndefined()
    expect(server.observation(young.observationId)).toBeDefined()
    expect(await anna.engine.record('observation', old.observationId)).toMatchObject({
      status: 'local_only',
      document: old,
      server: null,
      localOnly: old,
    })
    expect(anna.engine.status()).toMatchObject({ pending: 0, localOnly: 1 })
    expect(anna.position.stateHash).toBe(server.stateHash())
  })

  it('[ENG-15] is offered what was acknowledged by a clock that has been set back since', async () => {
    const { server, anna } = await testWorld()
    const backup = server.backup()
    anna.skew = 400 * DAY
    const { observationId } = await anna.saved()
    await anna.sync()
    anna.skew = 0
    server.restore(backup)
    await anna.sync()
    expect(server.observation(observationId)).toBeDefined()
  })

  it('[ENG-15, ENG-12] gets what it had acknowledged again once a later write of it that it rejects is given up', async () => {
    const { server, anna } = await testWorld()
    const backup = server.backup()
    const draft = await anna.saved()
    await anna.sync()
    anna.clock.advance(1000)
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'rejected' }, { basedOn: draft })
    server.restore(backup)
    const issues = [{ path: '/upserts/observations/0/rawNoteText', message: 'is not taken here' }]
    let isFirst = true
    anna.link.instead = ({ body }) => {
      if (!body.includes('"rejected"')) return null
      const refusal = isFirst ? null : server.refuse('VALIDATION_ERROR', { issues })
      isFirst = false
      return refusal
    }
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 1, localOnly: 1 })
    for (const { id } of await anna.engine.conflicts()) await anna.engine.resolve.acceptServer(id)
    await anna.sync()
    expect(server.observation(draft.observationId)).toEqual(draft)
    expect(anna.engine.status()).toMatchObject({ pending: 0, localOnly: 0 })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-15, ENG-12] is not sent what a person gave up: neither the later write nor then the acknowledged one', async () => {
    const { server, anna } = await testWorld()
    const backup = server.backup()
    const draft = await anna.saved()
    await anna.sync()
    anna.clock.advance(1000)
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'later' }, { basedOn: draft })
    server.restore(backup)
    const issues = [{ path: '/upserts/observations/0/rawNoteText', message: 'is not taken here' }]
    // The first meets the cursor of the lost branch.
    let isFirst = true
    anna.link.instead = ({ body }) => {
      if (!body.includes(draft.observationId)) return null
      const refusal = isFirst ? null : server.refuse('VALIDATION_ERROR', { issues })
      isFirst = false
      return refusal
    }
    for (let run = 0; run < 5; run++) {
      await anna.sync()
      for (const { id } of await anna.engine.conflicts()) await anna.engine.resolve.acceptServer(id)
    }
    expect(anna.eventsOf('resolved')).toHaveLength(2)
    expect(anna.engine.status()).toMatchObject({ pending: 0, quarantined: 0, localOnly: 1 })
  })

  it('[ENG-15] keeps the queue, and does not take an older version of others for a loss', async () => {
    const { server, anna, ben } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    await ben.sync()
    ben.clock.advance(1000)
    await ben.engine.saveObservation({ ...draft, rawNoteText: 'newer, by Ben' })
    await ben.sync()
    const waiting = await anna.saved()
    server.refuseCursors()
    await anna.sync()
    expect(server.observation(draft.observationId)?.rawNoteText).toBe('newer, by Ben')
    expect(server.observation(waiting.observationId)).toBeDefined()
    expect(anna.eventsOf('resent')).toEqual([])
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-15, OBS-11] an acknowledged correction on which another followed is offered and known, not doubled', async () => {
    const { server, anna, ben } = await testWorld()
    const draft = await anna.saved({ status: 'confirmed' })
    const { observationId } = draft
    await anna.engine.correct(observationId, { rawNoteText: 'by Anna' }, 'r')
    await anna.sync()
    await ben.sync()
    await ben.engine.correct(observationId, { rawNoteText: 'by Ben' }, 'r')
    await ben.engine.correct(observationId, { rawNoteText: 'by Ben again' }, 'r')
    await ben.sync()
    server.refuseCursors()
    await anna.sync()
    expect(server.observation(observationId)?.rawNoteText).toBe('by Ben again')
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
    expect(anna.position.stateHash).toBe(server.stateHash())
    expect(await anna.engine.record('observation', observationId)).toMatchObject({
      status: 'synced',
      document: { rawNoteText: 'by Ben again' },
    })
  })

  it('[ENG-15] a confirmed version that something else took the place of comes up as a conflict, with its value', async () => {
    const { server, anna, ben } = await testWorld()
    const draft = await anna.saved()
    await anna.sync()
    await ben.sync()
    const backup = server.backup()
    await anna.engine.saveObservation({ ...draft, status: 'confirmed', rawNoteText: 'lost' })
    await anna.sync()
    server.restore(backup)
    ben.clock.advance(60_000)
    await ben.engine.saveObservation({ ...draft, status: 'confirmed', rawNoteText: 'other' })
    await ben.sync()
    await anna.sync()
    expect(await anna.engine.conflicts()).toMatchObject([
      { kind: 'server', losing: { rawNoteText: 'lost' }, conflict: { code: 'OBSERVATION_IMMUTABLE' } },
    ])
  })

  it('[ENG-15, GUA-9] a crash at any point of starting over loses nothing', async () => {
    for (let commit = 0; commit < 12; commit++) {
      for (const when of ['before', 'after'] as const) {
        const { server, anna } = await testWorld({ settings: { pageRecords: 2 } })
        const backup = server.backup()
        const saved = []
        for (let i = 0; i < 5; i++) saved.push((await anna.saved()).observationId)
        await anna.sync()
        const waiting = await anna.saved()
        server.restore(backup)
        anna.crashAt(commit, when)
        await anna.sync()
        expect(await anna.findings()).toEqual([])
        await anna.restart()
        await anna.sync()
        expect([...saved, waiting.observationId].filter((id) => !server.observation(id))).toEqual([])
        expect(anna.position.stateHash).toBe(server.stateHash())
        expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
      }
    }
  })

  it('[ENG-15, DWN-6] what was deleted meanwhile is not offered again', async () => {
    const { server, anna } = await testWorld()
    const { observationId } = await anna.saved()
    await anna.sync()
    server.delete('observation', observationId)
    await anna.sync()
    server.refuseCursors()
    await anna.sync()
    expect(server.observation(observationId)).toBeUndefined()
    expect(await anna.engine.record('observation', observationId)).toBeNull()
  })

  it('[ENG-15] a server that refuses every cursor is called again later', async () => {
    const { server, anna } = await testWorld()
    await anna.saved()
    await anna.sync()
    server.refuseCursors()
    const again = () => server.refuse('CURSOR_INVALID')
    anna.link.always = again
    await anna.sync()
    expect(anna.engine.status().state).toBe('sync_deferred')
    anna.link.always = null
    await anna.sync()
    expect(anna.engine.status().state).toBe('idle')
    expect(anna.position.stateHash).toBe(server.stateHash())
  })
})
