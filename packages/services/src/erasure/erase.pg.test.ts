import { EraseObservationsInput, Instant, Observation, Recommendation, SyncId } from '@fieldsync/contracts'
import { checkpointOrigin } from '@fieldsync/domain'
import { observation, type ObservationInput, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { NoteSigner } from '../audit/signed-note.ts'
import { verifyAudit } from '../audit/verify.ts'
import { importRecords } from '../records/import.ts'
import { getSync } from '../sync-history/get.ts'
import { footprint } from '../testing/footprint.ts'
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { chainRows } from '../testing/tampering.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { eraseObservations } from './erase.ts'
import { ErasureNotes, lostErasures } from './erasure-notes.ts'

const services = await testServices()
const SECRET = 'Anna Moreno, 555-0100'
const ERASED = {
  code: 'FORBIDDEN',
  resolution: 'fix',
  issues: [{ path: '/observationId', message: expect.stringContaining('erased') }],
}

/** A farm with a note that names a person, a correction and a recommendation on it, and one that stays. */
async function farm() {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  const other = await workspace.device('dev_scout_2')
  const admin = await workspace.device('dev_admin_1', 'admin')
  const note = observation({ rawNoteText: `Call ${SECRET}`, status: 'confirmed' })
  const stays = observation({ rawNoteText: 'Block 7 is dry.' })
  const advice = recommendation({ observationId: note.observationId })
  const sent = syncBatch({ observations: [note, stays], recommendations: [advice] })
  await scout.send(sent)
  await scout.push({
    observations: [
      {
        ...note,
        rawNoteText: `Call ${SECRET} again`,
        deterministicChecksum: `sha256:${'ab'.repeat(32)}`,
        correction: {
          correctionId: 'cor_1',
          reason: 'looked closer',
          correctedAt: '2026-02-11T19:00:00Z',
          supersedes: note.deterministicChecksum,
        },
      },
    ],
  })
  const [page] = await other.pullAll()
  const erase = (
    observationIds: string[] = [note.observationId],
    { by = admin, key }: { by?: TestDevice; key?: string } = {},
  ) =>
    eraseObservations({
      ctx: by.ctx(key),
      input: EraseObservationsInput.parse({ observationIds, reason: 'Request of 12 March' }),
    })
  return {
    workspace,
    scout,
    other,
    admin,
    note,
    stays,
    advice,
    sent,
    cursor: page?.serverCursor ?? '',
    erase,
  }
}

/** Everything that the database holds of a workspace, but the audit. */
async function contents(workspaceId: string): Promise<string> {
  const tables = [
    'observations',
    'observation_corrections',
    'recommendations',
    'sync_events',
    'sync_conflicts',
    'device_states',
  ]
  const found: string[] = []
  for (const table of tables) {
    const { rows } = await services.owner.pool.query<{ text: string }>(
      `SELECT t::text AS text FROM ${table} t WHERE workspace_id = $1`,
      [workspaceId],
    )
    found.push(...rows.map(({ text }) => text))
  }
  return found.join('\n')
}

describe('erasing', () => {
  it('[ERA-1, ERA-2, OPS-92] leaves nothing of a note but its id: not in its history, its answers or its conflicts', async () => {
    const { workspace, scout, other, note, stays, advice, sent, erase } = await farm()
    // The answer to another device has it, in its page and in a conflict.
    const got = syncBatch({ observations: [{ ...note, deviceId: 'dev_scout_2', rawNoteText: `${SECRET}!` }] })
    await other.send(got)
    expect(await contents(workspace.workspaceId)).toContain(SECRET)
    const answer = (await erase()).document.toJSON()
    expect(answer.erased).toEqual([
      { entityType: 'observation', entityId: note.observationId },
      { entityType: 'recommendation', entityId: advice.recommendationId },
    ])
    expect(answer.droppedAnswers).toBeGreaterThan(0)
    const left = await contents(workspace.workspaceId)
    expect(left).not.toContain(SECRET)
    expect(left).toContain(stays.rawNoteText)
    // The key of a dropped answer is taken for good; its batch is listed, without what it held. Others are replayed.
    await expect(other.send(got)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    const input = { deviceId: other.actor.deviceId, syncId: SyncId.parse(got.syncId) }
    expect((await getSync({ ctx: other.ctx(), input })).toJSON()).toMatchObject({
      toldConflicts: [],
      downstream: { observationIds: [] },
    })
    expect(await scout.send(sent)).toMatchObject({ replayed: true })
  })

  it('[ERA-1, DWN-6, HSH-1] reaches devices as tombstones, and the state hash is that of what is left', async () => {
    const { other, scout, note, stays, advice, cursor, erase } = await farm()
    await erase()
    const { downstream } = await other.pull(cursor)
    expect(downstream.deleted).toMatchObject([
      { entityType: 'observation', entityId: note.observationId },
      { entityType: 'recommendation', entityId: advice.recommendationId },
    ])
    const all = await scout.pullAll('')
    expect(all.flatMap((page) => page.downstream.observations.map((each) => each.observationId))).toEqual([
      stays.observationId,
    ])
    // Another workspace with that note alone has the same state.
    const fresh = await services.workspace()
    const device = await fresh.device('dev_scout_1')
    await device.push({ observations: [stays] })
    expect(all.at(-1)?.downstream.stateHash).toBe((await device.pull()).downstream.stateHash)
  })

  it('[ERA-5, AUD-4] has one entry in the audit with its reason and hashes, and the chain stays valid', async () => {
    const { workspace, note, erase } = await farm()
    const before = (await chainRows(workspace)).length
    await erase()
    const rows = await chainRows(workspace)
    expect(rows).toHaveLength(before + 1)
    const body = rows.at(-1)?.body ?? ''
    expect(JSON.parse(body)).toMatchObject({
      act: 'observations.erase',
      why: 'Request of 12 March',
      chg: [
        { kind: 'erase', id: note.observationId, before: expect.stringMatching(/^\w{64}$/), after: null },
        {},
      ],
    })
    expect(rows.map((row) => row.body).join('')).not.toContain(SECRET)
    const verdict = await verifyAudit({ ctx: await services.system(workspace.workspaceId), input: {} })
    expect(verdict.ok).toBe(true)
  })

  it('[ERA-1] again changes nothing; under the same key it is answered as the first time', async () => {
    const { workspace, erase } = await farm()
    const first = await erase(undefined, { key: 'erase-1' })
    const before = await footprint(services, workspace.workspaceId)
    const replayed = await erase(undefined, { key: 'erase-1' })
    expect(replayed).toMatchObject({ replayed: true, document: { text: first.document.text } })
    expect((await erase()).document.toJSON().erased).toEqual([])
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })

  it('[ERA-1] is for admins alone, and stays in its workspace', async () => {
    const { workspace, scout, note, erase } = await farm()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const elsewhere = await farm()
    await elsewhere.scout.push({ observations: [note] })
    const before = await footprint(services, workspace.workspaceId)
    for (const by of [scout, agro])
      await expect(erase(undefined, { by })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
    await erase()
    const theirs = await elsewhere.scout.pullAll()
    expect(JSON.stringify(theirs)).toContain(note.observationId)
    expect((await elsewhere.scout.push({ observations: [note] })).conflicts).toEqual([])
  })

  it('[ERA-1] takes all of it back where it fails', async () => {
    const { workspace, erase } = await farm()
    await services.owner.pool.query(
      `CREATE FUNCTION refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
       CREATE TRIGGER refuse_event BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_event()`,
    )
    const before = await footprint(services, workspace.workspaceId)
    try {
      await expect(erase()).rejects.toThrow('no')
    } finally {
      await services.owner.pool.query(
        'DROP TRIGGER refuse_event ON audit_entries; DROP FUNCTION refuse_event',
      )
    }
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })
})

describe('a write to an erased id', () => {
  const WRITES: Readonly<Record<string, (note: ObservationInput) => ObservationInput>> = {
    'as it was': (note) => note,
    changed: (note) => ({ ...note, rawNoteText: 'other words' }),
    corrected: (note) => ({
      ...note,
      correction: {
        correctionId: 'cor_9',
        reason: 'again',
        correctedAt: '2026-02-11T19:00:00Z',
        supersedes: note.deterministicChecksum,
      },
    }),
  }
  it.each(Object.entries(WRITES))('[ERA-3] is refused for ever: %s', async (_, write) => {
    const { workspace, scout, note, stays, erase } = await farm()
    await erase()
    const fresh = observation()
    for (let i = 0; i < 2; i++) {
      const answer = await scout.push({ observations: [write(note), i === 0 ? fresh : stays] })
      expect(answer.conflicts).toMatchObject([{ ...ERASED, entityId: note.observationId }])
      expect(answer.acceptedCounts.observations).toBe(1)
    }
    expect(await contents(workspace.workspaceId)).not.toContain(`"status":"confirmed"`)
  })

  it('[ERA-3] by the single call, and by an import, is refused as well', async () => {
    const { workspace, scout, admin, note, advice, erase } = await farm()
    await erase()
    await expect(scout.create(note)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { conflict: { ...ERASED, entityId: note.observationId } },
    })
    const imported = await importRecords({
      ctx: admin.ctx(),
      input: {
        observations: [Observation.parse(note)],
        recommendations: [Recommendation.parse(advice)],
        writtenBy: Instant.parse('2026-02-11T19:00:00Z'),
        fileSha256: 'f',
        dryRun: false,
      },
    })
    expect(imported).toMatchObject([
      { outcome: 'refused', code: 'FORBIDDEN' },
      { outcome: 'refused', code: 'FORBIDDEN' },
    ])
    expect(await contents(workspace.workspaceId)).not.toContain(SECRET)
  })

  it('[ERA-3] a recommendation that was erased, and a new one on an erased observation, are refused by what is erased', async () => {
    const { scout, note, advice, erase } = await farm()
    await erase()
    const later = recommendation({ observationId: note.observationId })
    const { conflicts } = await scout.push({ recommendations: [advice, later] })
    expect(conflicts).toMatchObject([
      { code: 'FORBIDDEN', resolution: 'fix', issues: [{ path: '/recommendationId' }] },
      { code: 'FORBIDDEN', resolution: 'fix', issues: [{ path: '/observationId' }] },
    ])
  })

  it('[ERA-3] an id that never arrived is refused when it does', async () => {
    const { scout, erase } = await farm()
    const unsent = observation()
    await erase([unsent.observationId])
    expect((await scout.push({ observations: [unsent] })).conflicts).toMatchObject([ERASED])
  })

  it('[ERA-3] that was decided before the erasure is decided again', async () => {
    const { scout, note, erase } = await farm()
    let isErased = false
    const waiting = scout.interrupted(async (statement) => {
      if (isErased || statement !== 'fieldsync_commit_all') return
      isErased = true
      await erase()
    })
    const edit = waiting.push({ observations: [{ ...note, rawNoteText: 'late' }] })
    expect((await edit).conflicts).toMatchObject([ERASED])
  })
})

describe('beside the checkpoints', () => {
  it('[ERA-4] each erasure is written once, by ids alone, and found again after a restore', async () => {
    const { workspace, note, erase } = await farm()
    const signer = new NoteSigner(Buffer.alloc(32, 1))
    const store = new MemoryCheckpoints()
    await erase()
    await new ErasureNotes(services.admin, signer, [store]).write()
    const notes = new ErasureNotes(services.admin, signer, [store])
    expect(await notes.write()).toBe(0)
    const { rows } = await services.db.pool.query<{ uid: string }>(
      'SELECT workspace_uid AS uid FROM workspaces WHERE workspace_id = $1',
      [workspace.workspaceId],
    )
    const origin = checkpointOrigin(workspace.workspaceId, rows[0]?.uid ?? '')
    const stored = [...(store.notes.get(origin)?.values() ?? [])]
    expect(stored).toHaveLength(1)
    expect(stored[0]).toContain(`observation ${note.observationId}`)
    expect(stored[0]).not.toContain(SECRET)
    const lost = () =>
      lostErasures(services.admin, {
        workspaceId: workspace.workspaceId,
        origin,
        stores: [store],
        verifierKeys: [signer.verifierKey],
      })
    expect(await lost()).toEqual({ observations: [], people: [] })
    // What a restore of an older copy does.
    const client = await services.superuser.pool.connect()
    await client.query("SET session_replication_role = 'replica'")
    await client.query('DELETE FROM erasures WHERE workspace_id = $1', [workspace.workspaceId])
    await client.query('RESET session_replication_role')
    client.release()
    const found = { observations: [note.observationId], people: [] }
    expect(await lost()).toEqual(found)
    // A note that somebody else has put there erases nothing.
    const forged = new NoteSigner(Buffer.alloc(32, 9)).sign(
      `${origin}\nerasure 9\nobservation obs_20260211_stays\n`,
    )
    await store.add(origin, 'erasure-000000000000009-forged', forged)
    expect(await lost()).toEqual(found)
  })
})

it('[ERA-2, AUD-9] only an erasure removes history: the application may not, and the owner is refused', async () => {
  const { workspace } = await farm()
  const del = 'DELETE FROM observation_corrections WHERE workspace_id = $1'
  for (const pool of [services.db.pool, services.owner.pool])
    await expect(pool.query(del, [workspace.workspaceId])).rejects.toMatchObject({ code: '42501' })
  for (const statement of ['DELETE FROM erasures', 'UPDATE erasures SET entity_id = entity_id'])
    for (const pool of [services.db.pool, services.owner.pool])
      await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' })
})
