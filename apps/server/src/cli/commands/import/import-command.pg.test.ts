import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import {
  observation,
  playbook,
  playbookPatch,
  recommendation,
  startServer,
  testDatabase,
  type TestServer,
} from '@fieldsync/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { contactRecorded } from '../../../system/testing/contact-recorded.ts'
import { runCommand } from '../../../testing/client-devices.ts'

const PEPPER = 'the pepper of the tests of imports, long enough'
const TOKEN = 'pre-shared-token-of-the-phone'
const PHONE = 'dev_phone'

type Row = { type: string; id: string; outcome: string; note: string }
type Report = { counts: Record<string, number>; records: Row[] }

let server: TestServer
let env: Record<string, string>
let folder: string
let db: pg.Client

beforeAll(async () => {
  const { appUrl, ownerUrl, superuserUrl } = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-import-'))
  env = { DATABASE_URL: appUrl, PEPPER }
  const devices = ['dev_office#admin=', `${PHONE}#scout=`].map(
    (device, i) => `ws_ridge/${device}${TOKEN}${i}`,
  )
  server = await startServer({
    env: { ...env, MIGRATION_DATABASE_URL: ownerUrl, DEVICE_TOKENS: devices.join(',') },
  })
  db = new pg.Client(superuserUrl)
  await db.connect()
}, 120_000)
afterAll(async () => {
  await db.end()
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

let files = 0
async function file(content: unknown): Promise<string> {
  const name = path.join(folder, `export-${++files}.json`)
  await writeFile(name, typeof content === 'string' ? content : JSON.stringify(content))
  return name
}

const command = (name: string, ...options: string[]) =>
  runCommand(['import', 'ws_ridge', name, '--as', 'dev_office', ...options], env)

async function imported(name: string, ...options: string[]): Promise<Report & { code: number }> {
  const { code, stdout, stderr } = await command(name, '--json', ...options)
  if (stdout === '') throw new Error(stderr)
  return { code, ...(JSON.parse(stdout) as Report) }
}

const outcomes = ({ records }: Report) => records.map(({ id, outcome }) => [id, outcome])

const TABLES = [
  'observations',
  'observation_corrections',
  'recommendations',
  'sync_conflicts',
  'sync_events',
  'log_commits',
  'audit_entries',
  'workspace_heads',
]

/** Everything in the database that an import could change. */
async function footprint(): Promise<unknown> {
  const found: unknown[] = []
  for (const table of TABLES) {
    const { rows } = await db.query(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY 1`)
    found.push([table, rows])
  }
  return found
}

const lastAudit = async () => {
  const { rows } = await db.query<{ body: string }>(
    `SELECT body FROM audit_entries WHERE workspace_id = 'ws_ridge' ORDER BY seq DESC LIMIT 1`,
  )
  return JSON.parse(rows[0]?.body ?? '{}') as Record<string, unknown>
}

const note = (over: Parameters<typeof observation>[0] = {}) => observation({ deviceId: PHONE, ...over })
const entry = (document: ReturnType<typeof observation>) => ({
  type: 'observation',
  id: document.observationId,
  document,
  writtenAt: Date.parse(document.createdAt),
})
const header = { format: 'fieldsync.export', version: 1, exportedAt: '2026-03-01T08:00:00Z', deviceId: PHONE }

async function phone() {
  return createFieldsyncClient({
    url: server.url,
    credentials: deviceToken(`${TOKEN}1`),
    store: await openMemoryStore(new MemoryDisk()),
    device: { deviceId: PHONE, platform: 'web', appVersion: '1.0.0', modelPackageVersion: 'none' },
  })
}

describe('fieldsync import', () => {
  it('[RUN-21, ENG-45] takes over a phone’s exported queue once; the phone may send the same afterwards', async () => {
    const client = await phone()
    const draft = await client.saveObservation(note({ status: 'draft' }))
    const confirmed = await client.saveObservation(note({ status: 'confirmed' }))
    if (!draft.ok || !confirmed.ok) throw new Error('not saved')
    const { id } = confirmed.record
    await client.correct(id, { rawNoteText: 'seen again' }, 'misread')
    const advice = recommendation({ observationId: id })
    await client.saveRecommendation(advice)
    const name = await file(await client.exportQueue())

    const first = await imported(name)
    expect(first).toMatchObject({ code: 0, counts: { created: 3, changed: 1, refused: 0 } })
    expect(outcomes(first)).toEqual([
      [draft.record.id, 'created'],
      [id, 'created'],
      [id, 'changed'],
      [advice.recommendationId, 'created'],
    ])
    expect(await lastAudit()).toMatchObject({
      act: 'records.import',
      actor: { dev: 'dev_office', role: 'admin', via: 'cli' },
      tgt: { type: 'file', id: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    const before = await footprint()
    const second = await imported(name)
    expect(second).toMatchObject({ code: 0, counts: { unchanged: 3, superseded: 1, created: 0 } })
    expect(await footprint()).toEqual(before)

    const status = await client.sync()
    expect(status).toMatchObject({ state: 'idle', pending: 0, conflicts: 0, quarantined: 0 })
    const seen = await client.record('observation', id)
    expect(seen?.server).toMatchObject({ rawNoteText: 'seen again' })
    expect(await imported(name)).toMatchObject({ counts: { created: 0, changed: 0, refused: 0 } })
    expect((await runCommand(['audit', 'verify', 'ws_ridge'], env)).code).toBe(0)
  })

  it('[RUN-21] changes nothing after the phone has sent the same', async () => {
    const client = await phone()
    await client.saveObservation(note())
    const exported = await client.exportQueue()
    await client.sync()
    await contactRecorded({ superuser: { pool: db } }, 'ws_ridge', PHONE)
    const before = await footprint()
    expect(await imported(await file(exported))).toMatchObject({ code: 0, counts: { unchanged: 1 } })
    expect(await footprint()).toEqual(before)
  })

  it('[RUN-21] takes others’ records that were only on a device, and lists changes of playbooks', async () => {
    const known = note({ deviceId: 'dev_of_the_lost_server' })
    const advice = recommendation({ observationId: known.observationId })
    const patch = playbookPatch({ requestedByDeviceId: PHONE })
    const book = playbook({ version: 9 })
    const name = await file({
      ...header,
      entries: [{ type: 'playbookPatch', id: patch.patchId, document: patch, writtenAt: 1 }],
      conflicts: [],
      localOnly: [
        { type: 'recommendation', id: advice.recommendationId, document: advice },
        { type: 'observation', id: known.observationId, document: known },
        { type: 'playbook', id: book.playbookId, document: book },
      ],
    })
    const dry = await imported(name, '--dry-run')
    const report = await imported(name)
    expect(report).toMatchObject({ code: 0, counts: { created: 2, listed: 2 } })
    expect(dry.counts).toEqual(report.counts)
    const listed = report.records.filter(({ outcome }) => outcome === 'listed')
    expect(listed.map(({ type }) => type).toSorted()).toEqual(['playbook', 'playbookPatch'])
    expect(listed.find(({ type }) => type === 'playbookPatch')?.note).toContain(patch.reason)
    const { stdout } = await command(name)
    expect(stdout).toMatch(/unchanged +observation +obs_/)
  })

  it('[RUN-21] takes a file of before exports had a header, and more records than one batch holds', async () => {
    const notes = Array.from({ length: 501 }, () => note())
    const [first] = notes
    const name = await file({
      entries: [...notes.map(entry), { ...entry(notes[0] ?? note()), type: 'observation' }],
      conflicts: [],
    })
    expect(await imported(name)).toMatchObject({ code: 0, counts: { created: 501, unchanged: 1 } })
    const { rows } = await db.query(`SELECT 1 FROM observations WHERE observation_id = $1`, [
      first?.observationId,
    ])
    expect(rows).toHaveLength(1)
  })

  it('[RUN-21] says of each record why it was refused, and takes the others', async () => {
    const stored = note({ status: 'confirmed' })
    const draft = note({ status: 'draft', updatedAt: '2026-02-11T10:00:00Z' })
    await imported(await file({ ...header, entries: [entry(stored), entry(draft)], conflicts: [] }))
    const other = { ...stored, rawNoteText: 'another content' }
    const orphan = recommendation({ observationId: note().observationId })
    const quarantined = { ...note(), rawNoteText: '' }
    const older = { ...draft, rawNoteText: 'older', updatedAt: '2026-02-11T09:00:00Z' }
    const deleted = note()
    const conflict = { foundAt: 1, place: '1' }
    const report = await imported(
      await file({
        ...header,
        entries: [
          entry(other),
          { type: 'recommendation', id: orphan.recommendationId, document: orphan, writtenAt: 1 },
          entry(note()),
        ],
        conflicts: [
          { ...conflict, kind: 'server', type: 'observation', entityId: older.observationId, losing: older },
          {
            ...conflict,
            kind: 'quarantine',
            type: 'observation',
            entityId: quarantined.observationId,
            losing: quarantined,
          },
          {
            ...conflict,
            kind: 'local',
            type: 'observation',
            entityId: deleted.observationId,
            losing: deleted,
            server: null,
          },
        ],
      }),
    )
    expect(report).toMatchObject({ code: 1, counts: { refused: 2, superseded: 1, listed: 2, created: 1 } })
    const noteOf = (id: string) => report.records.find((each) => each.id === id)?.note
    expect(noteOf(stored.observationId)).toContain('OBSERVATION_IMMUTABLE')
    expect(noteOf(orphan.recommendationId)).toContain('RECOMMENDATION_ORPHAN')
    expect(noteOf(quarantined.observationId)).toContain('/conflicts/1/losing/rawNoteText')
    expect(noteOf(deleted.observationId)).toContain('deleted')
  })

  it('[RUN-22] --dry-run says the same and writes nothing, over several batches too', async () => {
    const notes = Array.from({ length: 500 }, () => note())
    const advice = recommendation({ observationId: notes[3]?.observationId ?? '' })
    const name = await file({
      ...header,
      entries: [
        ...notes.map(entry),
        { type: 'recommendation', id: advice.recommendationId, document: advice, writtenAt: 1 },
      ],
      conflicts: [],
    })
    const before = await footprint()
    expect(await imported(name, '--dry-run')).toMatchObject({ code: 0, counts: { created: 501 } })
    expect((await command(name, '--dry-run')).stdout).toContain('Nothing was written.')
    expect(await footprint()).toEqual(before)
  })

  it.each([
    ['no JSON', '{"entries": [', 'not valid JSON'],
    ['another file', { entries: 'none' }, '/entries'],
    ['a list', [], 'is not a valid export'],
    ['a later format', { ...header, version: 2, entries: [], conflicts: [] }, 'newer version'],
    ['another format', { ...header, format: 'other', entries: [], conflicts: [] }, '/format'],
    [
      'a record that breaks the contract beside a good one',
      { ...header, entries: [entry(note()), entry(note({ rawNoteText: '' }))], conflicts: [] },
      '/entries/1/document/rawNoteText',
    ],
    [
      'a record under another id',
      { ...header, entries: [{ ...entry(note()), id: 'obs_20260211_0001' }], conflicts: [] },
      '/entries/0/document/observationId',
    ],
  ])('[RUN-22] refuses %s with what is wrong, and imports nothing of it', async (_, content, expected) => {
    const before = await footprint()
    const { code, stderr } = await command(await file(content))
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(expected) })
    expect(await footprint()).toEqual(before)
  })

  it('[RUN-22] is done in the name of an admin device alone', async () => {
    const name = await file({ ...header, entries: [entry(note())], conflicts: [] })
    const before = await footprint()
    const as = (workspace: string, device: string) =>
      runCommand(['import', workspace, name, '--as', device], env)
    expect(await as('ws_ridge', PHONE)).toMatchObject({ code: 1, stderr: expect.stringContaining('scout') })
    expect((await as('ws_ridge', 'dev_nobody')).code).toBe(3)
    expect((await as('ws_nowhere', 'dev_office')).code).toBe(3)
    expect((await as('ws_ridge', 'office')).code).toBe(2)
    expect((await command(path.join(folder, 'missing.json'))).code).toBe(2)
    expect(await footprint()).toEqual(before)
    await runCommand(['device', 'create', 'ws_ridge', 'dev_gone', '--role', 'admin'], env)
    await runCommand(['device', 'revoke', 'ws_ridge', 'dev_gone'], env)
    expect(await as('ws_ridge', 'dev_gone')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('revoked'),
    })
  })
})
