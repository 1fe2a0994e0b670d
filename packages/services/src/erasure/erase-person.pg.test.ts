import { PersonId, WorkspaceId } from '@fieldsync/contracts'
import { checkpointOrigin } from '@fieldsync/domain'
import { beforeAll, describe, expect, it } from 'vitest'

import { NoteSigner } from '../audit/signed-note.ts'
import { verifyAudit } from '../audit/verify.ts'
import { storeMembership } from '../people/stored-person.ts'
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { chainRows } from '../testing/tampering.ts'
import { testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { erasePerson } from './erase-person.ts'
import { ErasureNotes, lostErasures } from './erasure-notes.ts'

const services = await testServices()
const NAME = 'Rosa Quispe'
const EMAIL = 'rosa@example.com'
const SUBJECT = 'subject-4711'
const at = new Date('2026-02-12T08:00:00Z')
const rosa = PersonId.parse('usr_01kh7xq4tne5gz3v8w2m6ryb9c')
const ivo = PersonId.parse('usr_01kh7xq4tne5gz3v8w2m6ryb9d')
const sql = (statement: string, ...values: unknown[]) => services.owner.pool.query(statement, values)

let farm: TestWorkspace
let other: TestWorkspace

beforeAll(async () => {
  farm = await services.workspace()
  other = await services.workspace()
  for (const [id, name, email] of [
    [rosa, NAME, EMAIL],
    [ivo, 'Ivo', 'ivo@example.com'],
  ]) {
    await sql(
      'INSERT INTO people (id, name, email, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)',
      id,
      name,
      email,
      at,
    )
    await sql(
      `INSERT INTO person_sessions (id, person_id, token_hash, created_at, updated_at, expires_at, ip_address)
         VALUES ($1, $2, $1, $3, $3, $3, '192.0.2.7')`,
      `ses_${id}`,
      id,
      at,
    )
    await sql(
      `INSERT INTO person_accounts (id, person_id, provider_id, account_id, created_at, updated_at) VALUES ($1, $2, 'own', $3, $4, $4)`,
      `acc_${id}`,
      id,
      id === rosa ? SUBJECT : 'subject-1',
      at,
    )
  }
  for (const [workspace, personId, role] of [
    [farm, rosa, 'admin'],
    [other, rosa, 'agronomist'],
    [farm, ivo, 'agronomist'],
  ] as const)
    await storeMembership(services.owner.pool, {
      workspaceId: workspace.workspaceId,
      personId,
      role,
      at,
      provider: null,
    })
  await sql(
    `INSERT INTO invitations (invitation_id, code_hash, workspace_id, email, name, role, created_at, expires_at)
       VALUES ('inv_1', 'x', $1, $2, $3, 'scout', $4, $4)`,
    other.workspaceId,
    EMAIL,
    NAME,
    at,
  )
  await sql(
    `INSERT INTO sync_events (workspace_id, device_id, operation, idempotency_key, request_sha256, response, counts, received_at)
       VALUES ($1, 'dev_boss', 'people.invite', 'k', 'h', $2, '{}', $3)`,
    other.workspaceId,
    JSON.stringify({ email: EMAIL, name: NAME }),
    at,
  )
})

/** All that the database holds of people. */
async function contents(): Promise<string> {
  const found: string[] = []
  for (const table of [
    'people',
    'person_sessions',
    'person_accounts',
    'invitations',
    'sync_events',
    'devices',
    'audit_personal_values',
  ])
    found.push(...(await sql(`SELECT t::text AS text FROM ${table} t`)).rows.map(({ text }) => String(text)))
  return found.join('\n')
}
const erase = (personId = rosa) =>
  erasePerson({ ctx: services.admin, input: { personId, reason: 'Request of 12 March' } })

describe('erasing a person', () => {
  it('[ERA-6] the last administrator of a workspace is not erased, and nothing changes', async () => {
    const before = await contents()
    await expect(erase()).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await contents()).toBe(before)
  })

  it('[ERA-6] leaves their id and what they did, in every workspace, and nothing of who they are', async () => {
    await farm.device('dev_boss', 'admin')
    const before = (await chainRows(farm)).length
    const { workspaces } = await erase()
    expect(workspaces.toSorted()).toEqual([farm.workspaceId, other.workspaceId].toSorted())
    const left = await contents()
    for (const gone of [NAME, EMAIL, SUBJECT, `ses_${rosa}`]) expect(left).not.toContain(gone)
    expect(left).toContain('ivo@example.com')
    expect(left).toContain(`ses_${ivo}`)
    const { rows } = await sql('SELECT revoked_at FROM devices WHERE person_id = $1', rosa)
    expect(rows.map((row) => row.revoked_at !== null)).toEqual([true, true])
    for (const workspace of [farm, other]) {
      const last = (await chainRows(workspace)).at(-1)?.body ?? ''
      expect(last).toContain('"act":"person.erase"')
      expect(last).toContain('Request of 12 March')
      const ctx = await services.system(workspace.workspaceId)
      expect((await verifyAudit({ ctx, input: {} })).ok).toBe(true)
    }
    expect(await chainRows(farm)).toHaveLength(before + 1)
  })

  it('[ERA-4] is written beside the checkpoints by the id alone, in each workspace, and found again after a restore', async () => {
    const signer = new NoteSigner(Buffer.alloc(32, 1))
    const store = new MemoryCheckpoints()
    await new ErasureNotes(services.admin, signer, [store]).write()
    expect(await new ErasureNotes(services.admin, signer, [store]).write()).toBe(0)
    const { rows } = await sql(
      'SELECT workspace_id AS id, workspace_uid AS uid FROM workspaces WHERE workspace_id = ANY ($1)',
      [farm.workspaceId, other.workspaceId],
    )
    for (const { id, uid } of rows as { id: string; uid: string }[]) {
      const origin = checkpointOrigin(id, uid)
      const notes = [...(store.notes.get(origin)?.values() ?? [])]
      expect(notes).toHaveLength(1)
      expect(notes[0]).toContain(`\nperson ${rosa}\n`)
      for (const gone of [NAME, EMAIL, ivo]) expect(notes[0]).not.toContain(gone)
      const lost = () =>
        lostErasures(services.admin, {
          workspaceId: WorkspaceId.parse(id),
          origin,
          stores: [store],
          verifierKeys: [signer.verifierKey],
        })
      expect(await lost()).toEqual({ observations: [], people: [] })
      // What a restore of an older copy does.
      await sql('UPDATE people SET email = $2 WHERE id = $1', rosa, EMAIL)
      expect(await lost()).toEqual({ observations: [], people: [rosa] })
      await sql('UPDATE people SET email = $2 WHERE id = $1', rosa, `${rosa}@erased.invalid`)
    }
  })

  it('[ERA-6] who was erased, or is unknown, is not erased again', async () => {
    await expect(erase()).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(erase(PersonId.parse('usr_01kh7xq4tne5gz3v8w2m6ryb99'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
